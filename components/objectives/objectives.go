package objectives

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/signals"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Objectives"

// Objectives is the component.
type Objectives struct {
	pulumi.ResourceState

	// AlarmARNs are the ARNs of all alarms, metric and composite, by key.
	AlarmARNs map[string]pulumi.StringOutput
	// Alarms are all alarms, in the order of their keys, for what has to wait until
	// they exist. To depend on the component would not do: the SDK waits for those
	// of its children that it happens to know by then.
	Alarms []pulumi.Resource
	// EventLogGroupName is where events of the service are logged.
	EventLogGroupName pulumi.StringOutput
}

// AlarmName is the name of the alarm with a key of signals.Spec, known before
// the alarm exists.
func AlarmName(base, key string) string { return (&Args{Name: base}).physical(key) }

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Objectives, error) {
	if args == nil {
		return nil, errors.New("objectives: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("objectives %q: %w", name, err)
	}
	c := &Objectives{AlarmARNs: map[string]pulumi.StringOutput{}}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	b := &builder{ctx: ctx, name: name, args: args, parent: c, alarms: map[string]pulumi.Resource{}}
	if err := b.events(); err != nil {
		return nil, err
	}
	for _, a := range args.Spec.Alarms() {
		if err := b.metricAlarm(a); err != nil {
			return nil, err
		}
	}
	for _, a := range args.Spec.Composites() {
		if err := b.compositeAlarm(a); err != nil {
			return nil, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(b.alarms)) {
		c.Alarms = append(c.Alarms, b.alarms[key])
	}
	err := ctx.RegisterResourceOutputs(c, pulumi.Map{
		"alarmArns": pulumi.ToStringMapOutput(c.AlarmARNs), "eventLogGroupName": c.EventLogGroupName,
	})
	if err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

// builder registers the children of one component.
type builder struct {
	ctx    *pulumi.Context
	name   string
	args   *Args
	parent *Objectives
	// alarms are those registered so far, by key.
	alarms map[string]pulumi.Resource
}

func (b *builder) child(role string) string { return b.name + "-" + role }

// resolve is what a metric is measured on.
func (b *builder) resolve(r signals.Ref) pulumi.StringInput {
	switch r {
	case signals.LoadBalancer:
		return b.args.LoadBalancerARNSuffix
	case signals.TargetGroup:
		return b.args.TargetGroupARNSuffix
	case signals.OtherTargetGroup:
		return b.args.OtherTargetGroupARNSuffix
	case signals.Cluster:
		return pulumi.String(b.args.ClusterName)
	case signals.Service:
		return pulumi.String(b.args.ServiceName)
	case signals.DeploymentStartedRule, signals.DeploymentFailedRule, signals.TaskStoppedRule:
		return pulumi.String(RuleName(b.args.Name, r))
	}
	return nil
}

// topic is who hears of an alarm.
func (b *builder) topic(s signals.Severity) pulumi.StringInput {
	if s.Pages() {
		return b.args.PageTopicARN
	}
	return b.args.TicketTopicARN
}
