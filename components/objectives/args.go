package objectives

import (
	"net/url"
	"regexp"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
	"evenkeel/internal/signals"
)

// Args configures the component.
type Args struct {
	// Name is the base of the physical names, for example "orders-dev". Required.
	// Changing it replaces every alarm.
	Name string
	// Spec is what is measured and promised.
	Spec signals.Spec
	// AccountID and Region are where the service runs. Required.
	AccountID pulumi.StringInput
	Region    string
	// ClusterName and ServiceName are the ECS names. Required, and plain, so that
	// alarms can exist before the service does.
	ClusterName, ServiceName string
	// LoadBalancerARNSuffix and TargetGroupARNSuffix are what metrics are
	// measured on. Required.
	LoadBalancerARNSuffix, TargetGroupARNSuffix pulumi.StringInput
	// OtherTargetGroupARNSuffix is the second target group's. Required with
	// Spec.TwoTargetGroups.
	OtherTargetGroupARNSuffix pulumi.StringInput
	// DeploymentGroup is the name of the CodeDeploy application, and of its group,
	// that deploy the service: then their events are counted. Required with
	// Spec.TwoTargetGroups; empty where ECS itself deploys.
	DeploymentGroup string
	// PageTopicARN hears alarms of sev1 and sev2, TicketTopicARN of sev3. Required.
	PageTopicARN, TicketTopicARN pulumi.StringInput
	// Silent leaves all alarms without actions, for a stack that serves nobody
	// yet.
	Silent bool
	// RunbookURL is the https URL of the folder with the runbooks, without a
	// slash at its end; DashboardURL that of the dashboard. Required.
	RunbookURL, DashboardURL string
	// EventLogDays is how long events of ECS are kept, one of CloudWatch's
	// retentions. Required.
	EventLogDays int
}

// ecsName is what ECS accepts as a cluster's or service's name.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html
var ecsName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)

// Validate reports every problem with the plain arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	a.Spec.Check(&l, "Spec")
	l.Region("Region", a.Region)
	l.LogRetention("EventLogDays", a.EventLogDays)
	for field, v := range map[check.Path]pulumi.StringInput{
		"AccountID": a.AccountID, "LoadBalancerARNSuffix": a.LoadBalancerARNSuffix, "TargetGroupARNSuffix": a.TargetGroupARNSuffix,
		"PageTopicARN": a.PageTopicARN, "TicketTopicARN": a.TicketTopicARN,
	} {
		if v == nil {
			l.Addf(field, "is required")
		}
	}
	if two := a.Spec.TwoTargetGroups; two != (a.DeploymentGroup != "") {
		l.Addf("DeploymentGroup", "is %q with Spec.TwoTargetGroups %v, want both or neither", a.DeploymentGroup, two)
	} else if two && a.OtherTargetGroupARNSuffix == nil {
		l.Addf("OtherTargetGroupARNSuffix", "is required with Spec.TwoTargetGroups")
	}
	for field, v := range map[check.Path]string{"ClusterName": a.ClusterName, "ServiceName": a.ServiceName} {
		if !ecsName.MatchString(v) {
			l.Addf(field, `is %q, want the name of an ECS resource, such as "orders"`, v)
		}
	}
	for field, v := range map[check.Path]string{"RunbookURL": a.RunbookURL, "DashboardURL": a.DashboardURL} {
		if u, err := url.Parse(v); err != nil || u.Scheme != "https" || u.Host == "" || v[len(v)-1] == '/' {
			l.Addf(field, "is %q, want an https URL without a slash at its end", v)
		}
	}
	return l.Err()
}

func (a *Args) physical(key string) string { return a.Name + "-" + key }
