package gateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway/play"
)

// seen are the fields of answers and what was in them: a text that means something
// as it is, without ids; of all else only whether it is a text, a number or so.
type seen map[string]map[string]bool

// telling are the fields whose texts mean something.
var telling = []string{
	"status", "rolloutState", "rolloutStateReason", "message", "lifecycleEventName", "taskSetLabel", "code", "rollbackMessage", "creator",
	"deploymentConfigName", "stopCode", "stoppedReason", "lastStatus", "desiredStatus", "launchType", "stabilityStatus", "deploymentTargetType",
	"revisionType", "unit", "deploymentType", "deploymentOption", "computePlatform", "events", "reason",
}

// ids are what differs from one run to another.
var ids = regexp.MustCompile(`ecs-svc/\d+|\bd-[A-Z0-9]{9}\b|( ?\(task [0-9a-f]{32}\))+|targetgroup/[\w-]+/\w+|\b\d+ (tasks|targets|running tasks)\b`)

func (s seen) add(path string, v any) {
	at := path[strings.LastIndexByte(path, '.')+1:]
	switch v := v.(type) {
	case map[string]any:
		for k, c := range v {
			s.add(path+"."+k, c)
		}
		return
	case []any:
		for _, c := range v {
			s.add(path, c)
		}
		return
	case string:
		if slices.Contains(telling, at) {
			s.put(path, ids.ReplaceAllString(v, "…"))
			return
		}
	}
	s.put(path, fmt.Sprintf("%T", v))
}

func (s seen) put(path, what string) {
	if s[path] == nil {
		s[path] = map[string]bool{}
	}
	s[path][what] = true
}

// courseOf reads a file of internal/release/testdata/aws.
func courseOf(t *testing.T, name string) []map[string]any {
	t.Helper()
	b, err := os.ReadFile("../../release/testdata/aws/" + name + ".json")
	require.NoError(t, err)
	var course struct{ Moments []map[string]any }
	require.NoError(t, json.Unmarshal(b, &course))
	return course.Moments
}

// published is what of a course is played here; what is about the service itself
// comes from moto.
func published(t *testing.T, name string) seen {
	t.Helper()
	all := seen{}
	for _, moment := range courseOf(t, name) {
		for operation, answer := range moment {
			operation, _, _ = strings.Cut(operation, " ")
			all.add(operation, answer)
		}
	}
	played := regexp.MustCompile(`^(DescribeServices\.services\.(deployments|events|taskSets)|GetDeployment(Target)?|DescribeTasks\.tasks)\.`)
	maps.DeleteFunc(all, func(path string, _ map[string]bool) bool { return !played.MatchString(path) })
	return all
}

const orders = "arn:aws:ecs:eu-west-1:111122223333:"

// scene is a played service and all that it has answered.
type scene struct {
	*play.World
	t       *testing.T
	now     time.Time
	ringing map[string]bool
	service *play.Service
	seen    seen
	moments []map[string]any
}

func (s *scene) Alarming(_ string, names []string) ([]string, error) {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !s.ringing[name] }), nil
}

func (s *scene) SetAlarm(_, name, state, _ string) error {
	s.ringing[name] = state == "ALARM"
	return nil
}

func (s *scene) Forward(string, string, []play.Weight) error { return nil }

func image(n int) string { return "sha256:" + strings.Repeat(fmt.Sprint(n), 64) }

func revision(n int) *play.Definition {
	return &play.Definition{
		ARN: fmt.Sprintf("%stask-definition/orders-prod:%d", orders, n), Containers: []play.Container{{Name: "orders", Image: "r@" + image(n)}},
	}
}

func groupOf(color string) string {
	return "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/orders-prod-" + color + "/0123456789abcdef"
}

// newScene has a service of revision 1 that is steady, and a play for revision 2.
func newScene(t *testing.T, codeDeploy bool, outcome play.Outcome) *scene {
	t.Helper()
	s := &scene{t: t, now: time.Unix(1795402800, 0), ringing: map[string]bool{}, seen: seen{}}
	s.World = play.NewWorld(func() time.Time { return s.now }, s, func(err error) { require.NoError(t, err) })
	require.NoError(t, s.Set(play.Play{Image: image(2), Outcome: outcome}))
	s.service = s.Create(play.Service{
		ARN: orders + "service/orders-prod/orders", Name: "orders", ClusterARN: orders + "cluster/orders-prod", Region: "eu-west-1", CodeDeploy: codeDeploy,
		Settings: play.Settings{
			Desired: 2, MinHealthy: 100, MaxTotal: 200, Breaker: true, BreakerRollback: true, Alarms: []string{"orders-prod-errors-signal"}, AlarmRollback: true,
			LoadBalancers: []play.LoadBalancer{{TargetGroup: groupOf("blue"), Container: "orders", Port: 8080}},
			Shown:         object{"launchType": "FARGATE", "platformVersion": "1.4.0", "platformFamily": "Linux"},
		},
	}, revision(1))
	s.steps(20)
	return s
}

func (s *scene) steps(n int) {
	for range n {
		s.look()
		s.now = s.now.Add(300 * time.Millisecond)
		s.Advance()
	}
	s.look()
}

// look keeps what a client would be answered now.
func (s *scene) look() {
	service := object{}
	showService(s.service, service)
	s.see("DescribeServices", object{"services": []any{service}})
	for _, d := range s.Deliveries() {
		s.see("GetDeployment", object{"deploymentInfo": showDelivery(d)})
		s.see("GetDeploymentTarget", object{"deploymentTarget": showDeliveryTarget(d)})
	}
	for _, task := range s.service.AllTasks() {
		if task.Stopping() {
			s.see("DescribeTasks", object{"tasks": []any{showTask(task)}})
		}
	}
}

func (s *scene) see(operation string, answer object) {
	s.t.Helper()
	b, err := json.Marshal(answer)
	require.NoError(s.t, err)
	var v any
	require.NoError(s.t, json.Unmarshal(b, &v))
	s.seen.add(operation, v)
	s.moments = append(s.moments, map[string]any{operation: v})
}

func (s *scene) deliver() {
	s.t.Helper()
	_, err := s.Deliver(play.Order{
		Application: "orders-prod", Group: "orders-prod", Config: "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", Region: "eu-west-1",
		Service: s.service, Definition: revision(2), LoadBalancer: play.LoadBalancer{Container: "orders", Port: 8080},
		TargetGroups: [2]string{groupOf("blue"), groupOf("green")}, Production: []string{"prod"}, Test: []string{"test"},
		Routing: play.Routing{Kind: play.RouteLinear, Percent: 10, Minutes: 1}, ReadyWait: -1, TerminationWait: 5,
		Alarms: []string{"orders-prod-errors-signal"}, OnFailure: true, OnAlarm: true, Shown: s.service.Shown,
		Revision: object{"revisionType": "AppSpecContent", "appSpecContent": object{"content": "{}"}},
		Info:     object{"deploymentStyle": object{"deploymentType": "BLUE_GREEN", "deploymentOption": "WITH_TRAFFIC_CONTROL"}},
	})
	require.NoError(s.t, err)
}

func (s *scene) update() { s.service.Update(s.service.Settings, revision(2)) }

// The play answers with every field that was published of AWS, with the same kind
// of value in it, and with every status and text, but for what is named here.
func TestThePlayAnswersAsPublished(t *testing.T) {
	tests := map[string]struct {
		codeDeploy bool
		outcome    play.Outcome
		begin      func(*scene)
		lacks      []string
	}{
		"rolling-completed":     {false, play.Healthy, (*scene).update, nil},
		"rolling-breaker":       {false, play.Crash, (*scene).update, nil},
		"rolling-alarm":         {false, play.Alarm, (*scene).update, nil},
		"codedeploy-shift":      {true, play.Healthy, (*scene).deliver, nil},
		"codedeploy-alarm":      {true, play.Alarm, (*scene).deliver, nil},
		"codedeploy-unlabelled": {true, play.Healthy, (*scene).deliver, nil},
		"codedeploy-alarm-early": {true, play.Healthy, func(s *scene) {
			s.deliver()
			s.steps(3)
			s.ringing["orders-prod-errors-signal"] = true
		}, nil},
		"stopped-tasks": {false, play.Unhealthy, func(s *scene) {
			s.update()
			s.steps(40)
			fewer := s.service.Settings
			fewer.Desired = 1
			s.service.Update(fewer, nil)
		}, []string{ // no play has a task that cannot start, or no memory
			"DescribeTasks.tasks.containers.reason: OutOfMemoryError: Container killed due to memory usage", "DescribeTasks.tasks.stopCode: TaskFailedToStart",
			"DescribeTasks.tasks.stopCode: EssentialContainerExited", "DescribeTasks.tasks.stoppedReason: Essential container in task exited",
			"DescribeTasks.tasks.stoppedReason: CannotPullContainerError", "DescribeTasks.tasks.stoppedReason: ResourceInitializationError",
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := newScene(t, tt.codeDeploy, tt.outcome)
			tt.begin(s)
			s.steps(60)
			var missing []string
			for path, values := range published(t, name) {
				for v := range values {
					if !s.seen[path][v] {
						missing = append(missing, path+": "+v)
					}
				}
			}
			for _, m := range missing {
				known := slices.ContainsFunc(tt.lacks, func(l string) bool { return strings.HasPrefix(m, l) })
				assert.True(t, known, "published and not played: %s\nplayed: %v", m, slices.Sorted(maps.Keys(s.seen[strings.SplitN(m, ": ", 2)[0]])))
			}
		})
	}
}

// What AWS leaves out, and which deployment a way back is, were published too.
func TestThePlayKeepsToPublishedHabits(t *testing.T) {
	for name, tt := range map[string]struct {
		outcome play.Outcome
		habit   func(*testing.T, []map[string]any) (met int)
	}{
		"codedeploy-shift": {play.Healthy, saysLittle},
		"codedeploy-alarm": {play.Alarm, saysLittle},
		"rolling-breaker":  {play.Crash, goesBackToWhatItNames},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Positive(t, tt.habit(t, courseOf(t, name)), "published")
			codeDeploy := strings.HasPrefix(name, "codedeploy")
			s := newScene(t, codeDeploy, tt.outcome)
			if codeDeploy {
				s.deliver()
			} else {
				s.update()
			}
			s.steps(60)
			assert.Positive(t, tt.habit(t, s.moments), "played")
		})
	}
}

// saysLittle: GetDeployment names the AppSpec and does not show it, and counts
// targets only once the deployment has ended.
func saysLittle(t *testing.T, moments []map[string]any) int {
	t.Helper()
	met := 0
	for _, moment := range moments {
		answer, ok := moment["GetDeployment"].(object)
		if !ok {
			continue
		}
		met++
		info := child(answer, "deploymentInfo")
		spec := child(child(info, "revision"), "appSpecContent")
		assert.Regexp(t, `^[0-9a-f]{64}$`, spec["sha256"])
		assert.NotContains(t, spec, "content")
		over := slices.Contains([]string{"Succeeded", "Failed", "Stopped"}, text(info, "status"))
		assert.Equal(t, over, info["deploymentOverview"] != nil, text(info, "status"))
	}
	return met
}

// goesBackToWhatItNames: a way back has the id of the deployment that it goes back to.
func goesBackToWhatItNames(t *testing.T, moments []map[string]any) int {
	t.Helper()
	met := 0
	for _, moment := range moments {
		answer, ok := moment["DescribeServices"].(object)
		if !ok {
			continue
		}
		for _, d := range objects(objects(answer, "services")[0], "deployments") {
			if _, to, back := strings.Cut(text(d, "rolloutStateReason"), "rolling back to deploymentId "); back {
				met++
				assert.Equal(t, strings.TrimSuffix(to, "."), text(d, "id"))
			}
		}
	}
	return met
}
