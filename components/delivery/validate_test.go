package delivery_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/delivery"
	"evenkeel/internal/pulumitest"
)

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*delivery.Args)
		want   string
	}{
		"no name":         {func(a *delivery.Args) { a.Name = "" }, "Name: is required"},
		"no region":       {func(a *delivery.Args) { a.Region = "" }, "Region: is required"},
		"no service":      {func(a *delivery.Args) { a.ServiceName = nil }, "ServiceName: is required"},
		"no listener":     {func(a *delivery.Args) { a.ListenerARN = nil }, "ListenerARN: is required"},
		"one group":       {func(a *delivery.Args) { a.TargetGroupNames[1] = nil }, "TargetGroupNames[1]: is required"},
		"no role":         {func(a *delivery.Args) { a.TaskRoleARN = nil }, "TaskRoleARN: is required"},
		"no such":         {func(a *delivery.Args) { a.Strategy = "rolling" }, `Strategy: is "rolling", want "blueGreen", "canary" or "linear"`},
		"nothing moves":   {func(a *delivery.Args) { a.Percent = 0 }, "Percent: is 0, want 1 to 99"},
		"everything":      {func(a *delivery.Args) { a.Percent = 100 }, "Percent: is 100, want 1 to 99"},
		"too long":        {func(a *delivery.Args) { a.Minutes = 2881 }, "Minutes: is 2881, want 1 to 2880"},
		"never ready":     {func(a *delivery.Args) { a.ReadyWaitMinutes = 7201 }, "ReadyWaitMinutes: is 7201, want 1 to 7200"},
		"nothing to undo": {func(a *delivery.Args) { a.TerminationWaitMinutes = 0 }, "TerminationWaitMinutes: is 0, want 1 to 2800"},
		"kept too long":   {func(a *delivery.Args) { a.TerminationWaitMinutes = 2801 }, "TerminationWaitMinutes: is 2801, want 1 to 2800"},
		"shares at once": {
			func(a *delivery.Args) { a.Strategy = delivery.BlueGreen },
			"Minutes: is 20 with Strategy \"blueGreen\", which moves all traffic at once, want 0\n" +
				"Percent: is 5 with Strategy \"blueGreen\", which moves all traffic at once, want 0",
		},
		"alarm without name": {func(a *delivery.Args) { a.Alarms = []string{""} }, `Alarms[0]: is "", want the name of an alarm`},
		"alarm twice":        {func(a *delivery.Args) { a.Alarms = []string{"a", "a"} }, `Alarms[1]: is "a" a second time, want each alarm once`},
		"too many alarms": {func(a *delivery.Args) {
			a.Alarms = nil
			for i := range 11 {
				a.Alarms = append(a.Alarms, fmt.Sprint("alarm", i))
			}
		}, "Alarms: has 11, want at most 10: a deployment group holds no more"},
	} {
		t.Run(name, func(t *testing.T) {
			args := full()
			tc.change(args)
			pulumitest.Refused(t, delivery.New, args, tc.want)
		})
	}
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate())
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, pulumitest.Instances(delivery.New, nil, "delivery"), "delivery: args is nil")
}
