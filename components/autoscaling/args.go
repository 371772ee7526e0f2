package autoscaling

import (
	"maps"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// What a zero value in Args means.
const (
	// A minute to add, because users wait; five to take away, because the next
	// peak may come.
	DefaultScaleOutCooldownSeconds = 60
	DefaultScaleInCooldownSeconds  = 300
)

const (
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	maxTasks = 5000
	// Below the first AWS never takes tasks away in time, above the second it
	// adds them too late. Limits of this product.
	minPercent, maxPercent = 10, 90
	maxCooldown            = 3600
)

// Args configures the component.
type Args struct {
	// Name is the base of the physical names, for example "orders-dev". Required.
	Name string
	// Cluster and Service are the names of the ECS cluster and service. Required.
	Cluster, Service pulumi.StringInput
	// Min and Max bound the number of tasks, 0 to 5000. Both 0 is for a service
	// without an image: everything exists, nothing runs.
	Min, Max int
	// CPUPercent and MemoryPercent are the mean use that scaling keeps, 10 to 90.
	// Zero does not look at it.
	CPUPercent, MemoryPercent int
	// RequestsPerTask is how many requests a minute each task gets. Zero does not
	// look at it.
	RequestsPerTask int
	// LoadBalancerARNSuffix and TargetGroupARNSuffix are where requests are
	// counted. Required with RequestsPerTask.
	LoadBalancerARNSuffix, TargetGroupARNSuffix pulumi.StringInput
	// Swap is the ARN suffix of the other target group where CodeDeploy moves
	// traffic between two. Nil otherwise.
	Swap pulumi.StringInput
	// ScaleOutCooldownSeconds and ScaleInCooldownSeconds are the least time
	// between two steps, 1 to 3600. Zero means the defaults.
	ScaleOutCooldownSeconds, ScaleInCooldownSeconds int
	// DisableScaleIn never takes tasks away again.
	DisableScaleIn bool
	// Schedules change the bounds at known times, by name: a-z, 0-9 and single
	// dashes.
	Schedules map[string]Schedule
}

var scheduleName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// Validate reports every problem with the plain arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	for field, v := range map[check.Path]pulumi.StringInput{"Cluster": a.Cluster, "Service": a.Service} {
		if v == nil {
			l.Addf(field, "is required")
		}
	}
	checkBounds(&l, "", a.Min, a.Max)
	for field, v := range map[check.Path]int{"CPUPercent": a.CPUPercent, "MemoryPercent": a.MemoryPercent} {
		if v != 0 {
			l.InRange(field, v, minPercent, maxPercent)
		}
	}
	if a.RequestsPerTask < 0 {
		l.Addf("RequestsPerTask", "is %d, want 0 or more", a.RequestsPerTask)
	}
	if a.RequestsPerTask > 0 {
		for field, v := range map[check.Path]pulumi.StringInput{
			"LoadBalancerARNSuffix": a.LoadBalancerARNSuffix, "TargetGroupARNSuffix": a.TargetGroupARNSuffix,
		} {
			if v == nil {
				l.Addf(field, "is required with RequestsPerTask")
			}
		}
	}
	if a.Max > a.Min && a.CPUPercent == 0 && a.MemoryPercent == 0 && a.RequestsPerTask == 0 {
		l.Addf("Max", "is %d, more than Min (%d), with nothing to follow: want CPUPercent, MemoryPercent or RequestsPerTask", a.Max, a.Min)
	}
	l.InRange("ScaleOutCooldownSeconds", a.ScaleOutCooldownSeconds, 0, maxCooldown)
	l.InRange("ScaleInCooldownSeconds", a.ScaleInCooldownSeconds, 0, maxCooldown)
	a.checkSchedules(&l)
	return l.Err()
}

func checkBounds(l *check.List, p check.Path, low, high int) {
	l.InRange(p.Field("Min"), low, 0, maxTasks)
	l.InRange(p.Field("Max"), high, 0, maxTasks)
	if low > high {
		l.Addf(p.Field("Min"), "is %d, want at most Max (%d)", low, high)
	}
}

func (a *Args) checkSchedules(l *check.List) {
	asleep, wakes := check.Path(""), false
	for _, name := range slices.Sorted(maps.Keys(a.Schedules)) {
		s, p := a.Schedules[name], check.Path("Schedules").Key(name)
		if !scheduleName.MatchString(name) {
			l.Addf(p, `has the name %q, want a-z, 0-9 and single dashes, such as "night"`, name)
		}
		s.check(l, p)
		for _, other := range slices.Sorted(maps.Keys(a.Schedules)) {
			if o := a.Schedules[other]; other < name && o.At == s.At && o.TimeZone == s.TimeZone {
				l.Addf(p.Field("At"), "is %q in %s, as in schedule %q, want another time: which of them wins is chance", s.At, s.TimeZone, other)
			}
		}
		if s.Max == 0 && asleep == "" {
			asleep = p
		}
		wakes = wakes || s.Min > 0
	}
	if asleep != "" && !wakes {
		l.Addf(asleep.Field("Max"), "is 0, and no schedule has a Min of 1 or more: nothing would ever start a task again")
	}
	if a.Min == 0 && a.Max > 0 && !wakes {
		l.Addf("Min", "is 0, and no schedule has a Min of 1 or more: a policy cannot start the first task")
	}
}
