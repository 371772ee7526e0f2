package autoscaling

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:Autoscaling"

// What is scaled, by Application Auto Scaling's names.
const (
	namespace = "ecs"
	dimension = "ecs:service:DesiredCount"
)

// Autoscaling is the component.
type Autoscaling struct {
	pulumi.ResourceState

	// ResourceID is "service/<cluster>/<service>".
	ResourceID pulumi.StringOutput
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*Autoscaling, error) {
	if args == nil {
		return nil, errors.New("autoscaling: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("autoscaling %q: %w", name, err)
	}
	c := &Autoscaling{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	target, err := appautoscaling.NewTarget(ctx, name+"-target", &appautoscaling.TargetArgs{
		ResourceId:        pulumi.Sprintf("service/%s/%s", args.Cluster, args.Service),
		ServiceNamespace:  pulumi.String(namespace),
		ScalableDimension: pulumi.String(dimension),
		MinCapacity:       pulumi.Int(args.Min),
		MaxCapacity:       pulumi.Int(args.Max),
	}, pulumi.Parent(c))
	if err != nil {
		return nil, fmt.Errorf("create scalable target %s-target: %w", name, err)
	}
	c.ResourceID = target.ResourceId
	for _, p := range args.policies() {
		if err := p.register(ctx, c, name, args, target); err != nil {
			return nil, err
		}
	}
	for _, key := range slices.Sorted(maps.Keys(args.Schedules)) {
		if err := args.schedule(ctx, c, name, key, target); err != nil {
			return nil, err
		}
	}
	if err := ctx.RegisterResourceOutputs(c, pulumi.Map{"resourceId": c.ResourceID}); err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

func (a *Args) schedule(ctx *pulumi.Context, parent pulumi.Resource, name, key string, target *appautoscaling.Target) error {
	s, child := a.Schedules[key], name+"-schedule-"+key
	_, err := appautoscaling.NewScheduledAction(ctx, child, &appautoscaling.ScheduledActionArgs{
		Name:              pulumi.String(a.Name + "-" + key),
		ResourceId:        target.ResourceId,
		ServiceNamespace:  target.ServiceNamespace,
		ScalableDimension: target.ScalableDimension,
		Schedule:          pulumi.String(s.At),
		Timezone:          pulumi.String(s.TimeZone),
		ScalableTargetAction: &appautoscaling.ScheduledActionScalableTargetActionArgs{
			MinCapacity: pulumi.Int(s.Min), MaxCapacity: pulumi.Int(s.Max),
		},
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("create scheduled action %s: %w", child, err)
	}
	return nil
}

func (a *Args) scaleOutCooldown() int {
	return cmp.Or(a.ScaleOutCooldownSeconds, DefaultScaleOutCooldownSeconds)
}

func (a *Args) scaleInCooldown() int {
	return cmp.Or(a.ScaleInCooldownSeconds, DefaultScaleInCooldownSeconds)
}
