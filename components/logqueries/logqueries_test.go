package logqueries_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/logqueries"
	"evenkeel/internal/golden"
	"evenkeel/internal/pulumitest"
)

const (
	queryType  = "aws:cloudwatch/queryDefinition:QueryDefinition"
	filterType = "aws:cloudwatch/logMetricFilter:LogMetricFilter"

	logGroup   = "/evenkeel/orders-dev/api"
	eventGroup = "/evenkeel/orders-dev/events"
)

func args() *logqueries.Args {
	return &logqueries.Args{
		Name: "orders-dev", Namespace: "evenkeel/orders-dev",
		LogGroupName: pulumi.String(logGroup), EventLogGroupName: pulumi.String(eventGroup),
	}
}

func run(t *testing.T) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, pulumitest.Instances(logqueries.New, args(), "logqueries"))
}

func TestChildrenAndTheirNames(t *testing.T) {
	regs := run(t)
	pulumitest.CheckComponent(t, regs, logqueries.TypeToken, "logqueries")
	assert.Equal(t, []string{
		filterType + " logqueries-application-errors",
		filterType + " logqueries-panics",
		queryType + " logqueries-deployments",
		queryType + " logqueries-deployments-vs-errors",
		queryType + " logqueries-errors-by-route",
		queryType + " logqueries-memory-kills",
		queryType + " logqueries-request-trail",
		queryType + " logqueries-slowest-routes",
		queryType + " logqueries-stopped-tasks",
		queryType + " logqueries-top-talkers",
	}, pulumitest.Addresses(pulumitest.Children(regs, logqueries.TypeToken)))
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, logqueries.New, args(), logqueries.TypeToken)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	preview := pulumitest.PreviewPlansTheSame(t, pulumitest.WithSource(logqueries.New, "logqueries", func(source *sns.Topic) *logqueries.Args {
		a := args()
		a.LogGroupName, a.EventLogGroupName = source.Name, source.Name
		return a
	}))
	assert.NotContains(t, pulumitest.Find(t, preview, filterType, "logqueries-panics").Plain(), "logGroupName",
		"the log group was not unknown: this test tests nothing")
}

func TestQueriesAskTheirLogGroup(t *testing.T) {
	regs := run(t)
	for _, q := range logqueries.Queries() {
		group := logGroup
		if q.Events {
			group = eventGroup
		}
		assert.Equal(t, map[string]any{
			"name": "orders-dev/" + q.Key, "queryString": q.Text, "logGroupNames": []any{group},
		}, pulumitest.Find(t, regs, queryType, "logqueries-"+q.Key).Plain())
	}
}

func TestMetricFilters(t *testing.T) {
	regs := run(t)
	for key, want := range map[string]struct{ metric, pattern string }{
		"application-errors": {"ApplicationErrors", `{ $.level = "ERROR" }`},
		"panics":             {"Panics", `{ $.msg = "panic" }`},
	} {
		assert.Equal(t, map[string]any{
			"name": "orders-dev-" + key, "logGroupName": logGroup, "pattern": want.pattern,
			"metricTransformation": map[string]any{
				"namespace": "evenkeel/orders-dev", "name": want.metric, "value": "1", "defaultValue": "0", "unit": "Count",
			},
		}, pulumitest.Find(t, regs, filterType, "logqueries-"+key).Plain())
	}
}

func TestQueriesSayWhatTheyAre(t *testing.T) {
	seen := map[string]bool{}
	for _, q := range logqueries.Queries() {
		assert.Regexp(t, `^[a-z]+(-[a-z]+)*$`, q.Key)
		assert.NotEmpty(t, q.Title, q.Key)
		assert.True(t, strings.HasSuffix(q.Question, "?"), q.Key)
		assert.Regexp(t, `\| limit \d+$`, q.Text, "%s: a widget shows every row", q.Key)
		assert.False(t, seen[q.Key], "%s is there twice", q.Key)
		seen[q.Key] = true
	}
}

func TestQueriesGolden(t *testing.T) {
	var all strings.Builder
	for _, q := range logqueries.Queries() {
		group := "application"
		if q.Events {
			group = "events"
		}
		all.WriteString("# " + q.Key + " (" + group + "): " + q.Question + "\n" + q.Text + "\n\n")
	}
	golden.Equal(t, "testdata/queries.txt", all.String())
}

// Whoever gets the lists must not change them for others.
func TestListsAreCopies(t *testing.T) {
	before, filters := logqueries.Queries(), logqueries.Filters()
	slices.Reverse(logqueries.Queries())
	slices.Reverse(logqueries.Filters())
	assert.Equal(t, before, logqueries.Queries())
	assert.Equal(t, filters, logqueries.Filters())
}

func TestOutputs(t *testing.T) {
	got := pulumitest.Outputs(t, logqueries.New, "logqueries", args(), func(l *logqueries.LogQueries) pulumi.StringMap {
		return pulumi.StringMap{
			"trail":  l.QueryNames.MapIndex(pulumi.String("request-trail")),
			"errors": l.MetricNames.MapIndex(pulumi.String("application-errors")),
		}
	})
	assert.Equal(t, map[string]any{"trail": "orders-dev/request-trail", "errors": "ApplicationErrors"}, got)
}

// Nothing here holds data.
func TestNothingIsProtectedOrRetained(t *testing.T) { pulumitest.ProtectsOnly(t, run(t)) }

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*logqueries.Args)
		want   string
	}{
		"no name": {func(a *logqueries.Args) { a.Name = "" }, `Name: is required`},
		"bad name": {
			func(a *logqueries.Args) { a.Name = "orders_dev" },
			`Name: is "orders_dev", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`,
		},
		"no namespace": {func(a *logqueries.Args) { a.Namespace = "" }, `Namespace: is required`},
		"bad namespace": {
			func(a *logqueries.Args) { a.Namespace = ":orders" },
			`Namespace: is ":orders", want 1 to 255 of letters, digits and ._/#-, such as "evenkeel/orders-dev"`,
		},
		"long namespace": {
			func(a *logqueries.Args) { a.Namespace = strings.Repeat("x", 256) },
			`Namespace: is "` + strings.Repeat("x", 256) + `", want 1 to 255 of letters, digits and ._/#-, such as "evenkeel/orders-dev"`,
		},
		"AWS's namespace": {
			func(a *logqueries.Args) { a.Namespace = "AWS/ECS" },
			`Namespace: is "AWS/ECS", want one that does not begin with "AWS/", which is for AWS's own metrics`,
		},
		"all at once, sorted": {
			func(a *logqueries.Args) { *a = logqueries.Args{} },
			"EventLogGroupName: is required\nLogGroupName: is required\nName: is required\nNamespace: is required",
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := args()
			tc.change(a)
			pulumitest.Refused(t, logqueries.New, a, tc.want)
		})
	}
	assert.NoError(t, args().Validate())
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, pulumitest.Instances[*logqueries.Args](logqueries.New, nil, "logqueries"), "logqueries: args is nil")
}
