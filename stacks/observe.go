package stacks

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/components/dashboard"
	"evenkeel/components/ingress"
	"evenkeel/components/logqueries"
	"evenkeel/components/notifications"
	"evenkeel/components/objectives"
	"evenkeel/components/service"
	"evenkeel/internal/signals"
)

// objectives makes the alarms, before the service that they are about.
func (s *stack) objectives(topics *notifications.Notifications, in *ingress.Ingress) (*objectives.Objectives, error) {
	args := &objectives.Args{
		Name: s.name, Spec: s.cfg.Signals(s.name), AccountID: s.accountID, Region: s.cfg.AWS.Region,
		ClusterName: s.name, ServiceName: s.cfg.Service.Name,
		LoadBalancerARNSuffix: in.LoadBalancerARNSuffix, TargetGroupARNSuffix: in.TargetGroupARNSuffix,
		PageTopicARN: topics.PageTopicARN, TicketTopicARN: topics.TicketTopicARN, Silent: s.image == "",
		RunbookURL: s.cfg.runbookURL(), DashboardURL: s.cfg.dashboardURL(s.name), EventLogDays: s.cfg.Service.LogDays,
	}
	if s.cfg.Deployment.Strategy.CodeDeploy() {
		args.DeploymentGroup, args.OtherTargetGroupARNSuffix = s.name, in.GreenTargetGroupARNSuffix
	}
	return objectives.New(s.ctx, "objectives", args, s.providers)
}

// observe makes what people look at: saved queries and the dashboard.
func (s *stack) observe(in *ingress.Ingress, told *objectives.Objectives, svc *service.Service) error {
	_, err := logqueries.New(s.ctx, "logqueries", &logqueries.Args{
		Name: s.name, LogGroupName: svc.LogGroupName, EventLogGroupName: told.EventLogGroupName, Namespace: metricNamespace(s.name),
	}, s.providers)
	if err != nil {
		return err
	}
	refs := map[signals.Ref]pulumi.StringInput{
		signals.LoadBalancer: in.LoadBalancerARNSuffix, signals.TargetGroup: in.TargetGroupARNSuffix,
		signals.Cluster: pulumi.String(s.name), signals.Service: svc.ServiceName,
	}
	spec := s.cfg.Signals(s.name)
	if spec.TwoTargetGroups {
		refs[signals.OtherTargetGroup] = in.GreenTargetGroupARNSuffix
	}
	for _, r := range spec.Refs() {
		if name := objectives.RuleName(s.name, r); name != "" {
			refs[r] = pulumi.String(name)
		}
	}
	args := &dashboard.Args{
		Name: s.name, Region: s.cfg.AWS.Region, Spec: spec, Refs: refs,
		LogGroupName: svc.LogGroupName, EventLogGroupName: told.EventLogGroupName, RunbookURL: s.cfg.runbookURL(),
	}
	for _, key := range args.Spec.Telling() {
		args.Alarms = append(args.Alarms, dashboard.Alarm{Key: key, ARN: told.AlarmARNs[key]})
	}
	for _, q := range logqueries.Queries() {
		args.Queries = append(args.Queries, dashboard.Query{Title: q.Title, Text: q.Text, Events: q.Events})
	}
	_, err = dashboard.New(s.ctx, "dashboard", args, s.providers)
	return err
}
