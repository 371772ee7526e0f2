package release

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
)

// trouble is what was found out about a deployment that does not go well.
type trouble struct {
	verdict string            // what AWS itself says
	tasks   map[string]string // why each stopped, by ARN
	alarms  map[string]bool
}

// mostReasons is how many different ones are told.
const mostReasons = 3

// tasks counts them in words.
func tasks[N int | int32](n N) string {
	if n == 1 {
		return "1 task"
	}
	return fmt.Sprintf("%d tasks", n)
}

// text words it for somebody who was woken: what the tasks say, what rang, what
// AWS did.
func (t *trouble) text(end string) string {
	count := map[string]int{}
	for _, why := range t.tasks {
		count[why]++
	}
	reasons := slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	})
	var lines []string
	for _, why := range reasons[:min(len(reasons), mostReasons)] {
		lines = append(lines, fmt.Sprintf("%s stopped: %s", tasks(count[why]), why))
	}
	for _, name := range slices.Sorted(maps.Keys(t.alarms)) {
		lines = append(lines, "alarm "+name+" rang")
	}
	if t.verdict != "" {
		lines = append(lines, strings.TrimSuffix(t.verdict, "."))
	}
	return join(append(lines, end))
}

// listen tells of rollback alarms that begin or end to ring, and keeps those that
// rang: one may be silent again by the time at which AWS has gone back.
func (r *run) listen(ctx context.Context, t *trouble) error {
	names, err := r.ringing(ctx)
	if err != nil {
		return err
	}
	if t.alarms == nil {
		t.alarms = map[string]bool{}
	}
	before := r.rings
	r.rings = map[string]bool{}
	for _, name := range names {
		r.rings[name], t.alarms[name] = true, true
		if !before[name] {
			r.told.say("alarm %s rings", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if !r.rings[name] {
			r.told.say("alarm %s is silent again", name)
		}
	}
	return nil
}

// diagnose adds what AWS knows by now: ECS forgets a stopped task after an hour.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/stopped-task-error-codes.html
func (r *run) diagnose(ctx context.Context, revision string, t *trouble) error {
	if t.tasks == nil {
		t.tasks = map[string]string{}
	}
	if err := r.stoppedTasks(ctx, revision, t); err != nil {
		return err
	}
	return r.listen(ctx, t)
}

func (r *run) stoppedTasks(ctx context.Context, revision string, t *trouble) error {
	list, err := r.clients.ECS.ListTasks(ctx, &ecs.ListTasksInput{
		Cluster: &r.out.Cluster, ServiceName: &r.out.Service, DesiredStatus: types.DesiredStatusStopped,
	})
	if err != nil {
		return fmt.Errorf("list the stopped tasks of %s: %w", r.out.Service, err)
	}
	if len(list.TaskArns) == 0 {
		return nil
	}
	got, err := r.clients.ECS.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &r.out.Cluster, Tasks: list.TaskArns})
	if err != nil {
		return fmt.Errorf("ask ECS for stopped tasks: %w", err)
	}
	for _, task := range got.Tasks {
		// A later answer knows more: the exit code comes after the reason.
		if why := whyStopped(task); why != "" && aws.ToString(task.TaskDefinitionArn) == revision {
			t.tasks[aws.ToString(task.TaskArn)] = why
		}
	}
	return nil
}

// whyStopped is what a stopped task says about itself; empty for one that the
// deployment itself stopped.
func whyStopped(task types.Task) string {
	why := aws.ToString(task.StoppedReason)
	if why == "" || strings.HasPrefix(why, "Scaling activity initiated by") {
		return ""
	}
	said := ""
	for _, c := range task.Containers {
		// A reason says more than a code, and than what another container has.
		if what := ended(task, c); said == "" || what != "" && c.Reason != nil {
			said = what
		}
	}
	return why + said
}

// ended is what a container adds to its task's reason; empty if that is nothing.
func ended(task types.Task, c types.Container) string {
	var parts []string
	// ECS ends the containers of a task that it stops: their codes are an effect.
	if c.ExitCode != nil && *c.ExitCode != 0 && task.StopCode != types.TaskStopCodeServiceSchedulerInitiated {
		parts = append(parts, fmt.Sprintf("exit code %d", *c.ExitCode))
	}
	reason := aws.ToString(c.Reason)
	switch {
	case reason != "" && !strings.Contains(aws.ToString(task.StoppedReason), reason):
		parts = append(parts, reason)
	case len(parts) > 0 && *c.ExitCode == killed:
		parts = append(parts, "killed, out of memory or too slow to stop")
	}
	if len(parts) == 0 {
		return ""
	}
	return fmt.Sprintf(" (container %s, %s)", aws.ToString(c.Name), strings.Join(parts, ": "))
}

// killed is the exit code of a container that got SIGKILL.
const killed = 137

// ringing lists the rollback alarms that are in the state ALARM.
func (r *run) ringing(ctx context.Context) ([]string, error) {
	states, err := r.alarms(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, name := range slices.Sorted(maps.Keys(states)) {
		if states[name] == cwtypes.StateValueAlarm {
			out = append(out, name)
		}
	}
	return out, nil
}

// alarms are the states of the rollback alarms that exist.
func (r *run) alarms(ctx context.Context) (map[string]cwtypes.StateValue, error) {
	out := map[string]cwtypes.StateValue{}
	if len(r.out.RollbackAlarms) == 0 {
		return out, nil
	}
	got, err := r.clients.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: r.out.RollbackAlarms, AlarmTypes: []cwtypes.AlarmType{cwtypes.AlarmTypeMetricAlarm, cwtypes.AlarmTypeCompositeAlarm},
	})
	if err != nil {
		return nil, fmt.Errorf("ask CloudWatch for the rollback alarms: %w", err)
	}
	for _, a := range got.MetricAlarms {
		out[aws.ToString(a.AlarmName)] = a.StateValue
	}
	for _, a := range got.CompositeAlarms {
		out[aws.ToString(a.AlarmName)] = a.StateValue
	}
	return out, nil
}
