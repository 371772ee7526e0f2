package autoscaling

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/appautoscaling"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The metrics that AWS itself aggregates over a service's tasks.
// https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PredefinedMetricSpecification.html
const (
	cpuMetric      = "ECSServiceAverageCPUUtilization"
	memoryMetric   = "ECSServiceAverageMemoryUtilization"
	requestsMetric = "ALBRequestCountPerTarget"
)

// policy is one target that scaling keeps.
type policy struct {
	role   string
	target float64
	metric appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs
}

// policies lists what to follow.
func (a *Args) policies() []policy {
	var out []policy
	if a.CPUPercent > 0 {
		out = append(out, policy{"cpu", float64(a.CPUPercent), predefined(cpuMetric, nil)})
	}
	if a.MemoryPercent > 0 {
		out = append(out, policy{"memory", float64(a.MemoryPercent), predefined(memoryMetric, nil)})
	}
	switch {
	case a.RequestsPerTask == 0:
	case a.Swap == nil:
		label := pulumi.Sprintf("%s/%s", a.LoadBalancerARNSuffix, a.TargetGroupARNSuffix)
		out = append(out, policy{"requests", float64(a.RequestsPerTask), predefined(requestsMetric, label)})
	default:
		out = append(out, policy{"requests", float64(a.RequestsPerTask), a.bothGroups()})
	}
	return out
}

func predefined(metric string, label pulumi.StringPtrInput) appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs {
	return appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
		PredefinedMetricSpecification: &appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationPredefinedMetricSpecificationArgs{
			PredefinedMetricType: pulumi.String(metric), ResourceLabel: label,
		},
	}
}

// bothGroups adds up what each of two target groups counts per target: the one
// that is not live reports nothing, which arithmetic takes as 0. During a shift
// the sum is what a task of each gets together, so more tasks are asked for, not
// fewer.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking-metric-math.html
func (a *Args) bothGroups() appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs {
	type (
		metric    = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricArgs
		stat      = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatArgs
		named     = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetricArgs
		dimension = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetricDimensionArgs
		all       = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricArray
		dims      = appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationMetricMetricStatMetricDimensionArray
	)
	count := func(id string, group pulumi.StringInput) metric {
		return metric{
			Id: pulumi.String(id), ReturnData: pulumi.Bool(false),
			MetricStat: &stat{
				Stat: pulumi.String("Sum"),
				Metric: &named{
					Namespace: pulumi.String("AWS/ApplicationELB"), MetricName: pulumi.String("RequestCountPerTarget"),
					Dimensions: dims{&dimension{Name: pulumi.String("TargetGroup"), Value: group}},
				},
			},
		}
	}
	one, two := count("one", a.TargetGroupARNSuffix), count("two", a.Swap)
	return appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationArgs{
		CustomizedMetricSpecification: &appautoscaling.PolicyTargetTrackingScalingPolicyConfigurationCustomizedMetricSpecificationArgs{
			Metrics: all{&one, &two, &metric{
				Id: pulumi.String("requests"), Expression: pulumi.String("one + two"),
				Label: pulumi.String("requests per task"), ReturnData: pulumi.Bool(true),
			}},
		},
	}
}

func (p policy) register(ctx *pulumi.Context, parent pulumi.Resource, name string, a *Args, target *appautoscaling.Target) error {
	child := name + "-" + p.role
	c := p.metric
	c.TargetValue = pulumi.Float64(p.target)
	c.ScaleOutCooldown, c.ScaleInCooldown = pulumi.Int(a.scaleOutCooldown()), pulumi.Int(a.scaleInCooldown())
	c.DisableScaleIn = pulumi.Bool(a.DisableScaleIn)
	_, err := appautoscaling.NewPolicy(ctx, child, &appautoscaling.PolicyArgs{
		Name:              pulumi.String(a.Name + "-" + p.role),
		PolicyType:        pulumi.String("TargetTrackingScaling"),
		ResourceId:        target.ResourceId,
		ServiceNamespace:  target.ServiceNamespace,
		ScalableDimension: target.ScalableDimension,

		TargetTrackingScalingPolicyConfiguration: &c,
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("create scaling policy %s: %w", child, err)
	}
	return nil
}
