package dashboard

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
	"evenkeel/internal/signals"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Dashboard"

// mostAlarms is how many alarms one alarm widget shows.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html#CloudWatch-Dashboard-Properties-Alarm-Widget-Object
const mostAlarms = 100

// Alarm is an alarm whose state is shown.
type Alarm struct {
	// Key names it in messages about the arguments, as "errors". Required, and
	// unique.
	Key string
	// ARN is the metric or composite alarm's. Required.
	ARN pulumi.StringInput
}

// Query is a Logs Insights query whose result is shown.
type Query struct {
	// Title is what people read. Required.
	Title string
	// Text is the query without its SOURCE. Required.
	Text string
	// Events runs it over the log group of events, not the service's.
	Events bool
}

// Args configures the component.
type Args struct {
	// Name is the dashboard's name, for example "orders-dev": 2 to 24 of a-z,
	// 0-9 and single dashes, starting with a letter. Required. Changing it
	// replaces the dashboard, and links to it break.
	Name string
	// Region is where the metrics and logs are, as "eu-central-1". Required.
	Region string
	// Spec is what is measured, and what was promised.
	Spec signals.Spec
	// Refs has every one of signals.Refs. Required.
	Refs map[signals.Ref]pulumi.StringInput
	// Alarms are shown with their states, firing ones first, at most 100. None
	// leaves the widget out.
	Alarms []Alarm
	// LogGroupName is the service's log group. Required.
	LogGroupName pulumi.StringInput
	// EventLogGroupName is the log group of the service's ECS events. Nil where
	// they are not kept.
	EventLogGroupName pulumi.StringInput
	// Queries are shown in this order. None is fine.
	Queries []Query
	// RunbookURL is where the folder docs/runbooks can be read, as
	// "https://git.example.com/orders/docs/runbooks": a page is RunbookURL/<page>.md.
	// Empty leaves the links out.
	RunbookURL string
}

// Validate reports every problem with the plain arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	l.Region("Region", a.Region)
	a.Spec.Check(&l, "Spec")
	for _, ref := range a.Spec.Refs() {
		if a.Refs[ref] == nil {
			l.Addf(check.Path("Refs").Key(string(ref)), "is required")
		}
	}
	if a.LogGroupName == nil {
		l.Addf("LogGroupName", "is required")
	}
	a.checkAlarms(&l)
	a.checkQueries(&l)
	if a.RunbookURL != "" {
		if u, err := url.Parse(a.RunbookURL); err != nil || u.Scheme != "https" || u.Hostname() == "" {
			l.Addf("RunbookURL", `is %q, want an https URL, such as "https://git.example.com/orders/docs/runbooks"`, a.RunbookURL)
		}
	}
	return l.Err()
}

func (a *Args) checkAlarms(l *check.List) {
	if len(a.Alarms) > mostAlarms {
		l.Addf("Alarms", "has %d, want at most %d, which is what one widget shows", len(a.Alarms), mostAlarms)
	}
	seen := map[string]int{}
	for i, alarm := range a.Alarms {
		p := check.Path("Alarms").Index(i)
		earlier, twice := seen[alarm.Key]
		switch {
		case alarm.Key == "":
			l.Addf(p.Field("Key"), "is required")
		case twice:
			l.Addf(p.Field("Key"), "is %q, as in Alarms[%d], want each alarm once", alarm.Key, earlier)
		default:
			seen[alarm.Key] = i
		}
		if alarm.ARN == nil {
			l.Addf(p.Field("ARN"), "is required")
		}
	}
}

func (a *Args) checkQueries(l *check.List) {
	for i, q := range a.Queries {
		p := check.Path("Queries").Index(i)
		if q.Title == "" {
			l.Addf(p.Field("Title"), "is required")
		}
		if strings.TrimSpace(q.Text) == "" {
			l.Addf(p.Field("Text"), "is required")
		}
		if q.Events && a.EventLogGroupName == nil {
			l.Addf(p.Field("Events"), "is true, want EventLogGroupName with it: there is no log group of events to look in")
		}
	}
}

// Dashboard is the component.
type Dashboard struct {
	pulumi.ResourceState

	// DashboardName is the name by which links find the dashboard.
	DashboardName pulumi.StringOutput
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Dashboard, error) {
	if args == nil {
		return nil, errors.New("dashboard: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("dashboard %q: %w", name, err)
	}
	c := &Dashboard{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	d, err := cloudwatch.NewDashboard(ctx, name+"-dashboard", &cloudwatch.DashboardArgs{
		DashboardName: pulumi.String(args.Name), DashboardBody: args.body(),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, fmt.Errorf("create dashboard %s-dashboard: %w", name, err)
	}
	c.DashboardName = d.DashboardName
	if err := ctx.RegisterResourceOutputs(c, pulumi.Map{"dashboardName": c.DashboardName}); err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

// body resolves every output and renders.
func (a *Args) body() pulumi.StringOutput {
	arns := make(pulumi.StringArray, len(a.Alarms))
	for i, alarm := range a.Alarms {
		arns[i] = alarm.ARN
	}
	refs := pulumi.StringMap{}
	for _, ref := range a.Spec.Refs() {
		refs[string(ref)] = a.Refs[ref]
	}
	events := a.EventLogGroupName
	if events == nil {
		events = pulumi.String("")
	}
	return pulumi.All(refs, arns, a.LogGroupName, events).ApplyT(func(v []any) (string, error) {
		return Render(a.input(v[0].(map[string]string), v[1].([]string), v[2].(string), v[3].(string)))
	}).(pulumi.StringOutput)
}

func (a *Args) input(refs map[string]string, arns []string, logs, events string) Input {
	in := Input{
		Name: a.Name, Region: a.Region, Spec: a.Spec, Refs: map[signals.Ref]string{}, Alarms: arns,
		LogGroup: logs, EventLogGroup: events, Queries: a.Queries, RunbookURL: a.RunbookURL,
	}
	for ref, text := range refs {
		in.Refs[signals.Ref(ref)] = text
	}
	return in
}
