package objectives_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/objectives"
	"evenkeel/internal/pulumitest"
)

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*objectives.Args)
		want   string
	}{
		"no name":       {func(a *objectives.Args) { a.Name = "" }, "Name: is required"},
		"no account":    {func(a *objectives.Args) { a.AccountID = nil }, "AccountID: is required"},
		"no topic":      {func(a *objectives.Args) { a.PageTopicARN = nil }, "PageTopicARN: is required"},
		"cluster":       {func(a *objectives.Args) { a.ClusterName = "" }, `ClusterName: is "", want the name of an ECS resource, such as "orders"`},
		"retention":     {func(a *objectives.Args) { a.EventLogDays = 31 }, "EventLogDays: "},
		"http runbooks": {func(a *objectives.Args) { a.RunbookURL = "http://x" }, `RunbookURL: is "http://x", want an https URL without a slash at its end`},
		"slash":         {func(a *objectives.Args) { a.DashboardURL = "https://x/" }, `DashboardURL: is "https://x/", want an https URL without a slash at its end`},
		"group without a second one": {
			func(a *objectives.Args) { a.DeploymentGroup = "orders" }, `DeploymentGroup: is "orders" with Spec.TwoTargetGroups false, want both or neither`,
		},
		"second one without a group": {
			func(a *objectives.Args) { a.Spec.TwoTargetGroups = true }, `DeploymentGroup: is "" with Spec.TwoTargetGroups true, want both or neither`,
		},
		"no second target group": {
			func(a *objectives.Args) { a.Spec.TwoTargetGroups, a.DeploymentGroup = true, "orders" },
			"OtherTargetGroupARNSuffix: is required with Spec.TwoTargetGroups",
		},
		"objective": {
			func(a *objectives.Args) { a.Spec.Availability = 100 },
			"Spec.Availability: is 100, want less than 100: no service keeps it, and there is no error budget to spend",
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := valid()
			tc.change(args)
			if name == "retention" { // the message lists all retentions
				assert.ErrorContains(t, args.Validate(), tc.want)
				return
			}
			pulumitest.Refused(t, objectives.New, args, tc.want)
		})
	}
	assert.NoError(t, valid().Validate())
}
