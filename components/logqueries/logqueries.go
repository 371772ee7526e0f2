package logqueries

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// TypeToken is the Pulumi type of the component.
const TypeToken = "evenkeel:components:LogQueries"

// namespacePattern is CloudWatch's, without the names that begin with a colon
// or a slash.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_MetricDatum.html
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_MetricTransformation.html
var namespacePattern = regexp.MustCompile(`^[0-9A-Za-z][0-9A-Za-z._/#-]{0,254}$`)

// Args configures the component.
type Args struct {
	// Name is the base of the queries' names, for example "orders-dev": 2 to 24
	// of a-z, 0-9 and single dashes, starting with a letter. Required.
	Name string
	// LogGroupName is where the application logs. Required.
	LogGroupName pulumi.StringInput
	// EventLogGroupName is where EventBridge puts the service's ECS events, one
	// JSON object an event. Required.
	EventLogGroupName pulumi.StringInput
	// Namespace is where the metrics of the log's lines go, for example
	// "evenkeel/orders-dev": 1 to 255 of letters, digits and ._/#-, not
	// beginning with "AWS/". Required.
	Namespace string
}

// Validate reports every problem with the plain arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	if a.LogGroupName == nil {
		l.Addf("LogGroupName", "is required")
	}
	if a.EventLogGroupName == nil {
		l.Addf("EventLogGroupName", "is required")
	}
	switch {
	case a.Namespace == "":
		l.Addf("Namespace", "is required")
	case !namespacePattern.MatchString(a.Namespace):
		l.Addf("Namespace", `is %q, want 1 to 255 of letters, digits and ._/#-, such as "evenkeel/orders-dev"`, a.Namespace)
	case strings.HasPrefix(a.Namespace, "AWS/"):
		l.Addf("Namespace", `is %q, want one that does not begin with "AWS/", which is for AWS's own metrics`, a.Namespace)
	}
	return l.Err()
}

// LogQueries is the component.
type LogQueries struct {
	pulumi.ResourceState

	// QueryNames are the names of the saved queries by their key.
	QueryNames pulumi.StringMapOutput
	// MetricNames are the names of the metrics by their filter's key.
	MetricNames pulumi.StringMapOutput
}

// New registers the component and its children. When args are invalid it
// registers nothing and returns an error that names every bad field.
func New(ctx *pulumi.Context, name string, args *Args, opts ...pulumi.ResourceOption) (*LogQueries, error) {
	if args == nil {
		return nil, errors.New("logqueries: args is nil")
	}
	if err := args.Validate(); err != nil {
		return nil, fmt.Errorf("logqueries %q: %w", name, err)
	}
	c := &LogQueries{}
	if err := ctx.RegisterComponentResource(TypeToken, name, c, opts...); err != nil {
		return nil, fmt.Errorf("register %s %q: %w", TypeToken, name, err)
	}
	queryNames, err := args.queries(ctx, c, name)
	if err != nil {
		return nil, err
	}
	metricNames, err := args.filters(ctx, c, name)
	if err != nil {
		return nil, err
	}
	c.QueryNames, c.MetricNames = queryNames.ToStringMapOutput(), metricNames.ToStringMapOutput()
	err = ctx.RegisterResourceOutputs(c, pulumi.Map{"queryNames": c.QueryNames, "metricNames": c.MetricNames})
	if err != nil {
		return nil, fmt.Errorf("register outputs of %q: %w", name, err)
	}
	return c, nil
}

func (a *Args) queries(ctx *pulumi.Context, parent pulumi.Resource, name string) (pulumi.StringMap, error) {
	names := pulumi.StringMap{}
	for _, q := range queries {
		group := a.LogGroupName
		if q.Events {
			group = a.EventLogGroupName
		}
		child := name + "-" + q.Key
		saved, err := cloudwatch.NewQueryDefinition(ctx, child, &cloudwatch.QueryDefinitionArgs{
			Name:          pulumi.String(a.Name + "/" + q.Key),
			QueryString:   pulumi.String(q.Text),
			LogGroupNames: pulumi.StringArray{group},
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("create query definition %s: %w", child, err)
		}
		names[q.Key] = saved.Name
	}
	return names, nil
}

func (a *Args) filters(ctx *pulumi.Context, parent pulumi.Resource, name string) (pulumi.StringMap, error) {
	names := pulumi.StringMap{}
	for _, f := range filters {
		child := name + "-" + f.Key
		made, err := cloudwatch.NewLogMetricFilter(ctx, child, &cloudwatch.LogMetricFilterArgs{
			Name:         pulumi.String(a.Name + "-" + f.Key),
			LogGroupName: a.LogGroupName,
			Pattern:      pulumi.String(f.Pattern),
			MetricTransformation: &cloudwatch.LogMetricFilterMetricTransformationArgs{
				Namespace: pulumi.String(a.Namespace),
				Name:      pulumi.String(f.Metric),
				Value:     pulumi.String("1"),
				// Without it, no errors and no log at all look the same.
				DefaultValue: pulumi.String("0"),
				Unit:         pulumi.String("Count"),
			},
		}, pulumi.Parent(parent))
		if err != nil {
			return nil, fmt.Errorf("create metric filter %s: %w", child, err)
		}
		names[f.Key] = made.MetricTransformation.Name()
	}
	return names, nil
}
