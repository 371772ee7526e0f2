package stacks

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/components/delivery"
	"evenkeel/components/ingress"
	"evenkeel/components/objectives"
	"evenkeel/components/service"
	"evenkeel/internal/check"
	"evenkeel/internal/signals"
)

// strategyOutput is the stack output that holds the strategy of what runs.
const strategyOutput = "deploymentStrategy"

// checkStrategy refuses a strategy that what runs cannot change to. Who deploys
// a service is chosen when it is created, so that between rolling and the others
// another service must take its place, with no task in between.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentController.html
func (s *stack) checkStrategy(outputs map[string]any) error {
	want := s.cfg.Deployment.Strategy
	text, _ := outputs[strategyOutput].(string)
	was := cmp.Or(Strategy(text), Rolling) // the only one when there was no such output
	if !s.serving || was.CodeDeploy() == want.CodeDeploy() {
		return nil
	}
	if s.cfg.Deployment.ReplaceService {
		s.switching = true
		return nil
	}
	var l check.List
	p := at("deployment")
	l.Addf(p.Field("strategy"), "is %q, but what runs was deployed with %q, and ECS cannot change one service between them. "+
		"Either keep %[2]q; or replace the service, which interrupts it for the minutes that tasks take to stop and start: "+
		"wait until no deployment is under way, set %[3]s: true, run `pulumi up`, and remove the key again; "+
		"or deploy a second stack with %[1]q and move your DNS name to it, which interrupts nothing",
		want, was, p.Field("replaceService"))
	return Explain(fmt.Sprintf("Pulumi.%s.yaml", s.ctx.Stack()), l.Err(), nil)
}

// rollbackAlarms are the names of the alarms that take a deployment back.
func (s *stack) rollbackAlarms() []string {
	var out []string
	for _, key := range signals.RollbackKeys() {
		out = append(out, objectives.AlarmName(s.name, key))
	}
	return out
}

// delivery makes what CodeDeploy deploys with, or nothing with rolling
// deployments.
func (s *stack) delivery(in *ingress.Ingress, svc *service.Service) (*delivery.Delivery, error) {
	c := s.cfg.Deployment
	if !c.Strategy.CodeDeploy() {
		return nil, nil
	}
	args := &delivery.Args{
		Name: s.name, Region: s.cfg.AWS.Region, AccountID: s.accountID,
		Strategy: delivery.Strategy(c.Strategy), TerminationWaitMinutes: c.TerminationWaitMinutes, Alarms: s.rollbackAlarms(),
		ClusterName: svc.ClusterName, ServiceName: svc.ServiceName,
		ListenerARN: in.ListenerARN, TestListenerARN: in.TestListenerARN,
		TargetGroupNames: [2]pulumi.StringInput{in.TargetGroupName, in.GreenTargetGroupName},
		ExecutionRoleARN: svc.ExecutionRoleARN, TaskRoleARN: svc.TaskRoleARN,
	}
	switch c.Strategy {
	case Canary:
		args.Percent, args.Minutes = c.CanaryPercent, c.CanaryMinutes
	case Linear:
		args.Percent, args.Minutes = c.LinearPercent, c.LinearMinutes
	case Rolling, BlueGreen:
	}
	return delivery.New(s.ctx, "delivery", args, s.providers)
}

// testPort is where the test listener is.
func (c *Config) testPort() int {
	standard := 8080
	if c.Ingress.CertificateARN != "" {
		standard = 8443
	}
	return cmp.Or(c.Deployment.TestPort, standard)
}

// exportDelivery publishes what a release needs to know. Names are API.
func (s *stack) exportDelivery(in *ingress.Ingress, svc *service.Service, del *delivery.Delivery) {
	c := s.cfg
	s.ctx.Export(strategyOutput, pulumi.String(string(c.Deployment.Strategy)))
	s.ctx.Export("containerName", pulumi.String(c.Service.Name))
	s.ctx.Export("containerPort", pulumi.Int(c.Service.Port))
	s.ctx.Export("rollbackAlarms", pulumi.ToStringArray(s.rollbackAlarms()))
	s.ctx.Export("smokePath", pulumi.String(cmp.Or(c.Deployment.SmokePath, c.Ingress.HealthCheck.Path)))
	s.ctx.Export("capacityProvider", svc.CapacityProvider)
	s.ctx.Export("taskNetwork", pulumi.Map{
		"subnets": svc.SubnetIDs, "securityGroups": pulumi.StringArray{svc.SecurityGroupID}, "assignPublicIp": svc.AssignPublicIP,
	})
	s.ctx.Export("runbookUrl", pulumi.String(c.runbookURL()))
	if del == nil {
		return
	}
	s.ctx.Export("testUrl", in.TestURL)
	s.ctx.Export("codedeployApplication", del.ApplicationName)
	s.ctx.Export("codedeployGroup", del.GroupName)
}

// validate records what contradicts another value of the deployment.
func (d Deployment) validate(l *check.List, p check.Path, c *Config) {
	d.validateKeys(l, p, Defaults(c.Environment).Deployment)
	if d.Strategy.CodeDeploy() {
		d.validateTest(l, p, c)
		return
	}
	desired := c.Autoscaling.MinimumTasks
	switch {
	case d.MinimumHealthyPercent > d.MaximumPercent:
		l.Addf(p.Field("minimumHealthyPercent"), "is %d, want at most maximumPercent (%d)", d.MinimumHealthyPercent, d.MaximumPercent)
	case !canReplace(desired, d.MinimumHealthyPercent, d.MaximumPercent):
		l.Addf(p.Field("maximumPercent"), "is %d: with %d task(s) and minimumHealthyPercent %d no task could ever be replaced, want more room, such as 200",
			d.MaximumPercent, desired, d.MinimumHealthyPercent)
	}
}

// validateKeys refuses keys of other strategies, which would have no effect. A
// key at its default cannot be told from one that is not set.
func (d Deployment) validateKeys(l *check.List, p check.Path, unset Deployment) {
	known := d.Strategy.choices()
	for _, k := range []struct {
		key        string
		set, unset int
		of         []Strategy
	}{
		{"minimumHealthyPercent", d.MinimumHealthyPercent, unset.MinimumHealthyPercent, []Strategy{Rolling}},
		{"maximumPercent", d.MaximumPercent, unset.MaximumPercent, []Strategy{Rolling}},
		{"canaryPercent", d.CanaryPercent, unset.CanaryPercent, []Strategy{Canary}},
		{"canaryMinutes", d.CanaryMinutes, unset.CanaryMinutes, []Strategy{Canary}},
		{"linearPercent", d.LinearPercent, unset.LinearPercent, []Strategy{Linear}},
		{"linearMinutes", d.LinearMinutes, unset.LinearMinutes, []Strategy{Linear}},
		{"terminationWaitMinutes", d.TerminationWaitMinutes, unset.TerminationWaitMinutes, []Strategy{BlueGreen, Canary, Linear}},
		{"testPort", d.TestPort, unset.TestPort, []Strategy{BlueGreen, Canary, Linear}},
	} {
		applies := slices.Contains(k.of, d.Strategy) || !slices.Contains(known, string(d.Strategy))
		if k.set != k.unset && !applies {
			l.Addf(p.Field(k.key), "is %d with strategy %q, want strategy %s, or no %s", k.set, d.Strategy, check.Or(quoted(texts(k.of...))), k.key)
		}
	}
}

func (d Deployment) validateTest(l *check.List, p check.Path, c *Config) {
	port, https := c.testPort(), c.Ingress.CertificateARN != ""
	if port == 80 || port == 443 && https {
		l.Addf(p.Field("testPort"), "is %d, where the API itself is served, want another port", port)
	}
	perRange := 2
	if https {
		perRange = 3
	}
	if most := 60 / perRange; len(c.Ingress.AllowedCIDRs) > most {
		l.Addf(at("ingress").Field("allowedCidrs"), "has %d ranges, want at most %d with strategy %q: a security group holds 60 rules, and each range takes %d with %s",
			len(c.Ingress.AllowedCIDRs), most, d.Strategy, perRange, p.Field("testPort"))
	}
}
