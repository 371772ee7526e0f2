package delivery

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// Strategy is how traffic moves to a new version.
type Strategy string

// The strategies.
const (
	// BlueGreen moves all traffic at once.
	BlueGreen Strategy = "blueGreen"
	// Canary moves Args.Percent, and the rest after Args.Minutes.
	Canary Strategy = "canary"
	// Linear moves Args.Percent every Args.Minutes.
	Linear Strategy = "linear"
)

// DefaultReadyWaitMinutes is what a zero Args.ReadyWaitMinutes means: as long as
// CodeDeploy gives a lifecycle hook for the same purpose. A smoke test takes a
// few minutes; the rest is for whoever has to resume a release that was
// killed. Until then both versions' tasks run.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-hooks.html
const DefaultReadyWaitMinutes = 60

// Limits of CodeDeploy.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
const (
	maxAlarms = 10
	// The most minutes between two shifts of traffic.
	maxShiftMinutes = 2880
	// The most minutes that the old tasks are kept, and that a deployment waits
	// for traffic to be rerouted, which is 2 days and 5 days.
	maxTerminationMinutes = 2800
	maxReadyMinutes       = 7200
)

// Args configures the component.
type Args struct {
	// Name is the name of the application and of the group, for example
	// "orders-dev". Required. Changing it replaces them.
	Name string
	// Region and AccountID are where the service runs. Required.
	Region    string
	AccountID pulumi.StringInput

	// Strategy is how traffic moves. Required.
	Strategy Strategy
	// Percent, 1 to 99, and Minutes, 1 to 2880, are Canary's and Linear's shift.
	// Required with them, refused with BlueGreen.
	Percent, Minutes int
	// ReadyWaitMinutes is how long a deployment waits for somebody to let it
	// move traffic, 1 to 7200. Zero means DefaultReadyWaitMinutes.
	ReadyWaitMinutes int
	// TerminationWaitMinutes is how long the old tasks are kept when all traffic
	// has moved, 1 to 2800. Required.
	TerminationWaitMinutes int
	// Alarms are names of alarms that take a deployment back, at most 10.
	Alarms []string

	// ClusterName and ServiceName are the ECS names. Required.
	ClusterName, ServiceName pulumi.StringInput
	// ListenerARN is the listener that users reach, TestListenerARN the one that
	// they do not. Required.
	ListenerARN, TestListenerARN pulumi.StringInput
	// TargetGroupNames are the names of the two target groups. Required.
	TargetGroupNames [2]pulumi.StringInput
	// ExecutionRoleARN and TaskRoleARN are the roles of tasks, which CodeDeploy
	// passes on. Required.
	ExecutionRoleARN, TaskRoleARN pulumi.StringInput
}

// alarmName is what a name must not be: CloudWatch takes nearly everything else.
var alarmName = regexp.MustCompile(`^[\x20-\x7e]{1,255}$`)

// Validate reports every problem with the plain arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	l.Region("Region", a.Region)
	a.checkInputs(&l)
	check.OneOf(&l, "Strategy", a.Strategy, BlueGreen, Canary, Linear)
	if a.Strategy == BlueGreen {
		for field, v := range map[check.Path]int{"Percent": a.Percent, "Minutes": a.Minutes} {
			if v != 0 {
				l.Addf(field, "is %d with Strategy %q, which moves all traffic at once, want 0", v, a.Strategy)
			}
		}
	} else {
		l.InRange("Percent", a.Percent, 1, 99)
		l.InRange("Minutes", a.Minutes, 1, maxShiftMinutes)
	}
	l.InRange("ReadyWaitMinutes", a.readyWait(), 1, maxReadyMinutes)
	l.InRange("TerminationWaitMinutes", a.TerminationWaitMinutes, 1, maxTerminationMinutes)
	if len(a.Alarms) > maxAlarms {
		l.Addf("Alarms", "has %d, want at most %d: a deployment group holds no more", len(a.Alarms), maxAlarms)
	}
	for i, name := range a.Alarms {
		switch at := check.Path("Alarms").Index(i); {
		case !alarmName.MatchString(name):
			l.Addf(at, "is %q, want the name of an alarm", name)
		case slices.Index(a.Alarms, name) < i:
			l.Addf(at, "is %q a second time, want each alarm once", name)
		}
	}
	return l.Err()
}

func (a *Args) checkInputs(l *check.List) {
	for field, v := range map[check.Path]pulumi.StringInput{
		"AccountID": a.AccountID, "ClusterName": a.ClusterName, "ServiceName": a.ServiceName,
		"ListenerARN": a.ListenerARN, "TestListenerARN": a.TestListenerARN,
		"TargetGroupNames[0]": a.TargetGroupNames[0], "TargetGroupNames[1]": a.TargetGroupNames[1],
		"ExecutionRoleARN": a.ExecutionRoleARN, "TaskRoleARN": a.TaskRoleARN,
	} {
		if v == nil {
			l.Addf(field, "is required")
		}
	}
}

func (a *Args) readyWait() int { return cmp.Or(a.ReadyWaitMinutes, DefaultReadyWaitMinutes) }
