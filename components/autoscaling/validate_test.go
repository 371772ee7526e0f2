package autoscaling_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/autoscaling"
	"evenkeel/internal/pulumitest"
)

func TestValidate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*autoscaling.Args)
		want   string
	}{
		"no name":           {func(a *autoscaling.Args) { a.Name = "" }, "Name: is required"},
		"no cluster":        {func(a *autoscaling.Args) { a.Cluster = nil }, "Cluster: is required"},
		"min above max":     {func(a *autoscaling.Args) { a.Min = 3 }, "Min: is 3, want at most Max (2)"},
		"too many":          {func(a *autoscaling.Args) { a.Max = 5001 }, "Max: is 5001, want 0 to 5000"},
		"nothing to follow": {func(a *autoscaling.Args) { a.CPUPercent = 0 }, "Max: is 2, more than Min (1), with nothing to follow: want CPUPercent, MemoryPercent or RequestsPerTask"},
		"target too high":   {func(a *autoscaling.Args) { a.CPUPercent = 95 }, "CPUPercent: is 95, want 10 to 90"},
		"requests nowhere": {
			func(a *autoscaling.Args) { a.RequestsPerTask = 1 },
			"LoadBalancerARNSuffix: is required with RequestsPerTask\nTargetGroupARNSuffix: is required with RequestsPerTask",
		},
		"cooldown": {func(a *autoscaling.Args) { a.ScaleInCooldownSeconds = 3601 }, "ScaleInCooldownSeconds: is 3601, want 0 to 3600"},
		"no way up from zero": {
			func(a *autoscaling.Args) { a.Min = 0 },
			"Min: is 0, and no schedule has a Min of 1 or more: a policy cannot start the first task",
		},
		"sleeps for ever": {
			func(a *autoscaling.Args) {
				a.Schedules = map[string]autoscaling.Schedule{"night": {At: "cron(0 20 * * ? *)", TimeZone: "UTC"}}
			},
			`Schedules["night"].Max: is 0, and no schedule has a Min of 1 or more: nothing would ever start a task again`,
		},
		"bounds of a schedule": {
			func(a *autoscaling.Args) {
				a.Schedules = map[string]autoscaling.Schedule{"peak": {At: "cron(0 7 * * ? *)", TimeZone: "UTC", Min: 4, Max: 3}}
			},
			`Schedules["peak"].Min: is 4, want at most Max (3)`,
		},
		"two at once": {
			func(a *autoscaling.Args) {
				a.Schedules = map[string]autoscaling.Schedule{
					"a": {At: "cron(0 7 * * ? *)", TimeZone: "UTC", Min: 1, Max: 3}, "b": {At: "cron(0 7 * * ? *)", TimeZone: "UTC", Min: 2, Max: 3},
				}
			},
			`Schedules["b"].At: is "cron(0 7 * * ? *)" in UTC, as in schedule "a", want another time: which of them wins is chance`,
		},
		"time zone": {
			func(a *autoscaling.Args) {
				a.Schedules = map[string]autoscaling.Schedule{"peak": {At: "cron(0 7 * * ? *)", TimeZone: "Berlin", Min: 1, Max: 3}}
			},
			`Schedules["peak"].TimeZone: is "Berlin", which is no time zone, want a name such as "Europe/Berlin" or "UTC"`,
		},
		"name of a schedule": {
			func(a *autoscaling.Args) {
				a.Schedules = map[string]autoscaling.Schedule{"Peak Hour": {At: "cron(0 7 * * ? *)", TimeZone: "UTC", Min: 1, Max: 3}}
			},
			`Schedules["Peak Hour"]: has the name "Peak Hour", want a-z, 0-9 and single dashes, such as "night"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := minimal()
			tc.change(args)
			pulumitest.Refused(t, autoscaling.New, args, tc.want)
		})
	}
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate())
	none := minimal()
	none.Min, none.Max = 0, 0
	assert.NoError(t, none.Validate(), "a service without an image")
}

func TestScheduleProblem(t *testing.T) {
	for _, good := range []string{
		"cron(0 20 ? * MON-FRI *)", "cron(15 10 * * ? *)", "cron(0/15 8-18 ? * 2-6 2026)", "cron(0 0 L * ? *)", "cron(0 0 15W * ? *)",
		"cron(0 0 ? * 6L *)", "cron(0 0 ? * MON#1 *)", "cron(0 0 1,15 JAN,JUL ? *)", "cron(*/5 * ? * * *)", "at(2027-01-31T06:00:00)",
	} {
		assert.Empty(t, autoscaling.ScheduleProblem(good), good)
	}
	const want = `want "cron(minute hour day month weekday year)" or "at(yyyy-mm-ddThh:mm:ss)"`
	for bad, problem := range map[string]string{
		"":                            `is "", ` + want,
		"0 20 * * *":                  `is "0 20 * * *", ` + want,
		"rate(1 hour)":                `is "rate(1 hour)", ` + want,
		"cron(0 20 * * *)":            `is "cron(0 20 * * *)" with 5 fields, ` + want,
		"cron(60 20 ? * * *)":         `is "cron(60 20 ? * * *)": minute "60", want 0 to 59`,
		"cron(0 24 ? * * *)":          `is "cron(0 24 ? * * *)": hour "24", want 0 to 23`,
		"cron(0 8 ? * FRI-MON *)":     `is "cron(0 8 ? * FRI-MON *)": weekday "FRI-MON", want 1 to 7`,
		"cron(0 8 ? * MO *)":          `is "cron(0 8 ? * MO *)": weekday "MO", want 1 to 7`,
		"cron(0/0 8 ? * * *)":         `is "cron(0/0 8 ? * * *)": minute "0/0", want a step from 1 to 59`,
		"cron(0 8 * * * *)":           `is "cron(0 8 * * * *)", want a "?" as day or as weekday, and not as both`,
		"cron(0 8 ? * ? *)":           `is "cron(0 8 ? * ? *)", want a "?" as day or as weekday, and not as both`,
		"cron(0 8 1 * MON *)":         `is "cron(0 8 1 * MON *)", want a "?" as day or as weekday, and not as both`,
		"at(2027-02-30T06:00:00)":     `is "at(2027-02-30T06:00:00)", want a time such as "at(2027-01-31T06:00:00)"`,
		"at(2027-01-31T06:00:00Z)":    `is "at(2027-01-31T06:00:00Z)", want a time such as "at(2027-01-31T06:00:00)"`,
		"cron(0 20 ? * MON-FRI *) # ": `is "cron(0 20 ? * MON-FRI *) # ", ` + want,
	} {
		assert.Equal(t, problem, autoscaling.ScheduleProblem(bad), bad)
	}
}

func TestTimeZoneProblem(t *testing.T) {
	for _, good := range []string{"UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"} {
		assert.Empty(t, autoscaling.TimeZoneProblem(good), good)
	}
	for _, bad := range []string{"", "Local", "Berlin", "CET+1", "../etc/passwd"} {
		assert.NotEmpty(t, autoscaling.TimeZoneProblem(bad), bad)
	}
}
