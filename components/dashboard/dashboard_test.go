package dashboard_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/dashboard"
	"evenkeel/internal/pulumitest"
	"evenkeel/internal/signals"
)

const dashboardType = "aws:cloudwatch/dashboard:Dashboard"

func minimal() *dashboard.Args {
	args := &dashboard.Args{
		Name: "orders-test", Region: "eu-central-1", Spec: spec(), Refs: map[signals.Ref]pulumi.StringInput{},
		LogGroupName: pulumi.String("/evenkeel/orders-test/api"),
	}
	for ref, text := range refs() {
		args.Refs[ref] = pulumi.String(text)
	}
	return args
}

func full() *dashboard.Args {
	args := minimal()
	for _, arn := range input().Alarms {
		args.Alarms = append(args.Alarms, dashboard.Alarm{Key: arn[len(alarmPrefix):], ARN: pulumi.String(arn)})
	}
	args.EventLogGroupName = pulumi.String("/evenkeel/orders-test/events")
	args.Queries, args.RunbookURL = queries(), input().RunbookURL
	return args
}

func program(args *dashboard.Args) pulumi.RunFunc {
	return pulumitest.Instances(dashboard.New, args, "dashboard")
}

func run(t *testing.T, args *dashboard.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, program(args))
}

func TestChildrenAndTheirNames(t *testing.T) {
	for name, args := range map[string]*dashboard.Args{"minimal": minimal(), "full": full()} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, args)
			pulumitest.CheckComponent(t, regs, dashboard.TypeToken, "dashboard")
			assert.Equal(t, []string{dashboardType + " dashboard-dashboard"},
				pulumitest.Addresses(pulumitest.Children(regs, dashboard.TypeToken)))
		})
	}
}

// The component renders what it was given, and nothing else.
func TestBodyIsTheRenderedOne(t *testing.T) {
	want, _ := render(t, input())
	assert.Equal(t, map[string]any{"dashboardName": "orders-test", "dashboardBody": want},
		pulumitest.Find(t, run(t, full()), dashboardType, "dashboard-dashboard").Plain())
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, dashboard.New, full(), dashboard.TypeToken)
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	preview := pulumitest.PreviewPlansTheSame(t, pulumitest.WithSource(dashboard.New, "dashboard", func(source *sns.Topic) *dashboard.Args {
		args := full()
		args.Refs[signals.LoadBalancer] = source.Arn
		args.Alarms[0].ARN = source.Arn
		return args
	}))
	assert.NotContains(t, pulumitest.Find(t, preview, dashboardType, "dashboard-dashboard").Plain(), "dashboardBody",
		"the load balancer was not unknown: this test tests nothing")
}

// References of other resources, as the recorder writes them, stay a body that
// can be read.
func TestBodyWithReferences(t *testing.T) {
	regs := pulumitest.MustRun(t, pulumitest.WithSource(dashboard.New, "dashboard", func(source *sns.Topic) *dashboard.Args {
		args := full()
		args.Refs[signals.LoadBalancer] = source.Arn
		return args
	}))
	text := pulumitest.Text(t, pulumitest.Find(t, regs, dashboardType, "dashboard-dashboard"), "dashboardBody")
	assert.True(t, json.Valid([]byte(text)))
	assert.NoError(t, validate(t, text))
	assert.Contains(t, text, `"LoadBalancer","${aws:sns/topic:Topic::`)
}

func TestOrderOfReferencesChangesNothing(t *testing.T) {
	args := minimal()
	args.Refs = map[signals.Ref]pulumi.StringInput{}
	for _, ref := range slices.Backward(spec().Refs()) {
		args.Refs[ref] = pulumi.String(refs()[ref])
	}
	assert.Equal(t, run(t, minimal()), run(t, args))
}

func TestOutputs(t *testing.T) {
	got := pulumitest.Outputs(t, dashboard.New, "dashboard", minimal(), func(d *dashboard.Dashboard) pulumi.StringMap {
		return pulumi.StringMap{"name": d.DashboardName}
	})
	assert.Equal(t, map[string]any{"name": "orders-test"}, got)
}

func TestNothingIsProtectedOrRetained(t *testing.T) {
	pulumitest.ProtectsOnly(t, run(t, full()))
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, program(nil), "dashboard: args is nil")
}

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*dashboard.Args)
		want   string
	}{
		"no name":   {func(a *dashboard.Args) { a.Name = "" }, "Name: is required"},
		"no log":    {func(a *dashboard.Args) { a.LogGroupName = nil }, "LogGroupName: is required"},
		"reference": {func(a *dashboard.Args) { delete(a.Refs, signals.Cluster) }, `Refs["cluster"]: is required`},
		"objective": {
			func(a *dashboard.Args) { a.Spec.Availability = 100 },
			"Spec.Availability: is 100, want less than 100: no service keeps it, and there is no error budget to spend",
		},
		"alarm twice": {
			func(a *dashboard.Args) { a.Alarms = append(a.Alarms, a.Alarms[1]) },
			`Alarms[19].Key: is "availability-6x", as in Alarms[1], want each alarm once`,
		},
		"alarm without a name": {func(a *dashboard.Args) { a.Alarms[0].Key = "" }, "Alarms[0].Key: is required"},
		"alarm without an ARN": {func(a *dashboard.Args) { a.Alarms[1].ARN = nil }, "Alarms[1].ARN: is required"},
		"too many alarms": {
			func(a *dashboard.Args) {
				for i := range 82 {
					a.Alarms = append(a.Alarms, dashboard.Alarm{Key: fmt.Sprintf("more-%d", i), ARN: pulumi.String("arn")})
				}
			},
			"Alarms: has 101, want at most 100, which is what one widget shows",
		},
		"query without a title": {func(a *dashboard.Args) { a.Queries[0].Title = "" }, "Queries[0].Title: is required"},
		"empty query":           {func(a *dashboard.Args) { a.Queries[2].Text = " \n" }, "Queries[2].Text: is required"},
		"events that are not kept": {
			func(a *dashboard.Args) { a.EventLogGroupName = nil },
			"Queries[1].Events: is true, want EventLogGroupName with it: there is no log group of events to look in",
		},
		"runbooks without TLS": {
			func(a *dashboard.Args) { a.RunbookURL = "http://git.example.com" },
			`RunbookURL: is "http://git.example.com", want an https URL, such as "https://git.example.com/orders/docs/runbooks"`,
		},
		"all at once, sorted": {
			func(a *dashboard.Args) {
				a.Name, a.LogGroupName, a.Alarms[0].ARN = "", nil, nil
			},
			"Alarms[0].ARN: is required\nLogGroupName: is required\nName: is required",
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := full()
			tc.change(args)
			pulumitest.Refused(t, dashboard.New, args, tc.want)
		})
	}
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate())
}
