package deploytime_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/deploytime"
	"evenkeel/internal/graph"
)

// sample keeps every rule.
func sample() deploytime.Values {
	return deploytime.Values{
		Stack: "prod", Strategy: deploytime.Rolling, Tasks: 2, MaxTasks: 10, MinimumHealthyPercent: 100, MaximumPercent: 200,
		Grace: time.Minute, StopTimeout: 45 * time.Second, Deregistration: 30 * time.Second, IdleTimeout: time.Minute,
		Container: deploytime.ContainerCheck{Interval: 10 * time.Second, Timeout: 5 * time.Second, StartPeriod: 15 * time.Second, Retries: 3},
		Target:    deploytime.TargetCheck{Interval: 10 * time.Second, Timeout: 5 * time.Second, Healthy: 2, Unhealthy: 3},
		Alarms:    []deploytime.Alarm{{Name: "errors", Period: time.Minute, Datapoints: 3, Periods: 5}},
	}
}

func app() deploytime.App {
	return deploytime.App{
		Start: deploytime.Span{Low: time.Second, Expected: 2 * time.Second, High: 10 * time.Second},
		Drain: 35 * time.Second, Shutdown: 7 * time.Second, KeepAlive: 75 * time.Second,
	}
}

func TestThreshold(t *testing.T) {
	for n, want := range map[int]int{1: 3, 6: 3, 7: 4, 10: 5, 25: 13, 400: 200, 800: 200} {
		assert.Equal(t, want, deploytime.Threshold(n), n)
	}
}

func healthy(t *testing.T, v deploytime.Values, n int) deploytime.Plan {
	t.Helper()
	p, err := v.Healthy(n, app())
	require.NoError(t, err)
	return p
}

// Added up by hand: scheduling 5, provisioning 20, image 5, start 2, checks 10;
// scheduling 5, deregistration 30, drain 36, stopped 5; bake time 300.
func TestHealthyRolling(t *testing.T) {
	p := healthy(t, sample(), 2)
	assert.Equal(t, 418*time.Second, p.Total().Expected)
	assert.Len(t, p.Steps, 10)
	assert.Equal(t, 47*time.Second, p.Serving().Expected, "until the old tasks are out of the load balancer")
	without := sample()
	without.Alarms = nil
	assert.Equal(t, 118*time.Second, healthy(t, without, 2).Total().Expected)
	for _, s := range p.Steps {
		assert.LessOrEqual(t, s.Takes.Low, s.Takes.Expected, s.What)
		assert.LessOrEqual(t, s.Takes.Expected, s.Takes.High, s.What)
		assert.NotEmpty(t, s.Source, s.What)
	}
}

// With room for all at once the number of tasks does not matter; with room for
// half of them there are two rounds.
func TestRoomDecidesTheRounds(t *testing.T) {
	v := sample()
	assert.Equal(t, healthy(t, v, 1).Total(), healthy(t, v, 50).Total())

	v.MaximumPercent = 150
	assert.Greater(t, healthy(t, v, 4).Total().Expected, healthy(t, sample(), 4).Total().Expected+60*time.Second)
	assert.Len(t, healthy(t, v, 4).Steps, 19)

	// Nothing more than desired may run: an old task goes first.
	v.MinimumHealthyPercent, v.MaximumPercent = 50, 100
	p := healthy(t, v, 2)
	assert.Contains(t, p.Steps[0].What, "takes 1 old task out")

	v.MinimumHealthyPercent = 100
	_, err := v.Healthy(2, app())
	assert.ErrorContains(t, err, "with 2 tasks, 100 to 100 percent, no task can be replaced")
}

func TestShifting(t *testing.T) {
	v := sample()
	v.Strategy, v.Termination = deploytime.BlueGreen, time.Hour
	blueGreen := healthy(t, v, 2).Total().Expected
	// CodeDeploy 15, tasks 42, smoke test 10, first traffic 10.
	assert.Equal(t, 77*time.Second, blueGreen)

	v.Strategy, v.ShiftPercent, v.ShiftEvery = deploytime.Canary, 10, 5*time.Minute
	assert.Equal(t, blueGreen+5*time.Minute+10*time.Second, healthy(t, v, 2).Total().Expected)

	v.Strategy, v.ShiftEvery = deploytime.Linear, time.Minute
	assert.Equal(t, blueGreen+9*time.Minute+10*time.Second, healthy(t, v, 2).Total().Expected, "the first of ten steps comes at once")
	v.ShiftPercent = 30
	assert.Equal(t, blueGreen+3*time.Minute+10*time.Second, healthy(t, v, 2).Total().Expected, "30, 60, 90, 100")

	assert.Equal(t, time.Hour+76*time.Second, v.Retiring(app()).Total().Expected)
	assert.Empty(t, sample().Retiring(app()).Steps)
}

func failing(t *testing.T, v deploytime.Values, n int, f deploytime.Failure) time.Duration {
	t.Helper()
	p, err := v.Failing(n, f, app())
	require.NoError(t, err)
	return p.Total().Expected
}

func TestFailing(t *testing.T) {
	v := sample()
	// A task that crashes: 5 + 20 + 5 + 2 + 5. Three must fail: two rounds of two,
	// 10 between them; then 5.
	assert.Equal(t, (2*37+10+5)*time.Second, failing(t, v, 2, deploytime.Crash))
	assert.Equal(t, (3*37+20+5)*time.Second, failing(t, v, 1, deploytime.Crash), "one at a time")
	assert.Equal(t, (37+5)*time.Second, failing(t, v, 10, deploytime.Crash), "ten at a time, five are enough")
	// One that answers no check: 30 until it runs, then the grace period, 5.
	assert.Equal(t, (2*95+10+5)*time.Second, failing(t, v, 2, deploytime.Unhealthy))
	v.Grace = 0
	assert.Equal(t, (2*65+10+5)*time.Second, failing(t, v, 2, deploytime.Unhealthy), "three checks")
	// Three bad minutes, two until CloudWatch has them, 5, and new tasks: 42.
	assert.Equal(t, (180+120+5+42)*time.Second, failing(t, sample(), 2, deploytime.AlarmRings))

	v.Strategy, v.Termination = deploytime.BlueGreen, time.Hour
	assert.Equal(t, (180+120+10)*time.Second, failing(t, v, 2, deploytime.AlarmRings), "the old tasks are still there")
	v.Alarms = nil
	_, err := v.Failing(2, deploytime.AlarmRings, app())
	assert.ErrorContains(t, err, "rolls back on no alarm")
}

func TestCheck(t *testing.T) {
	assert.Empty(t, sample().Check(app()))
	for name, tc := range map[string]struct {
		values func(*deploytime.Values)
		app    func(*deploytime.App)
		want   string
	}{
		"requests after the drain": {
			func(v *deploytime.Values) { v.Deregistration = 40 * time.Second }, nil,
			"the application drains for 35 s, want more than the deregistration delay (40 s): requests still come until then",
		},
		"killed while it drains": {
			nil, func(a *deploytime.App) { a.Shutdown = 10 * time.Second },
			"the stop timeout is 45 s, want more than the application's drain and shutdown (45 s): it would be killed",
		},
		"keep-alive": {
			nil, func(a *deploytime.App) { a.KeepAlive = time.Minute },
			"the application keeps idle connections for 60 s, want more than the load balancer's 60 s: it would answer 502",
		},
		"health timeout": {
			func(v *deploytime.Values) { v.Target.Timeout = 10 * time.Second }, nil,
			"the health check's timeout is 10 s, want less than its interval (10 s)",
		},
		"grace": {
			func(v *deploytime.Values) { v.Grace = 15 * time.Second }, nil,
			"the grace period is 15 s, want at least a slow start and one check (20 s): a task would be stopped before it is ready",
		},
		"container timeout": {
			func(v *deploytime.Values) { v.Container.Timeout = 10 * time.Second }, nil,
			"the container check's timeout is 10 s, want less than its interval (10 s)",
		},
		"container patience": {
			nil, func(a *deploytime.App) { a.Start.High = 50 * time.Second },
			"the container check gives up after 45 s, want at least a slow start (50 s)",
		},
		"capacity": {
			func(v *deploytime.Values) { v.MinimumHealthyPercent = 50 }, nil,
			"at least 50 % of the tasks keep running, want 100: a deployment would take away capacity",
		},
		"termination": {
			func(v *deploytime.Values) { v.Strategy, v.Termination = deploytime.BlueGreen, 5*time.Minute }, nil,
			"old tasks are terminated after 5 min, want at least the time in which an alarm rings (6 min): until then going back takes seconds",
		},
		"canary": {
			func(v *deploytime.Values) {
				v.Strategy, v.Termination, v.ShiftEvery = deploytime.Canary, time.Hour, 5*time.Minute
			}, nil,
			"a canary lasts 5 min, want at least the time in which an alarm rings (6 min): before that it shows nothing",
		},
		"no alarm": {func(v *deploytime.Values) { v.Alarms = nil }, nil, "no alarm rolls a deployment back"},
	} {
		t.Run(name, func(t *testing.T) {
			v, a := sample(), app()
			if tc.values != nil {
				tc.values(&v)
			}
			if tc.app != nil {
				tc.app(&a)
			}
			assert.Contains(t, v.Check(a), tc.want)
		})
	}
}

// Three bad minutes, and two until CloudWatch has them.
func TestExposed(t *testing.T) {
	v := sample()
	assert.Equal(t, 100, v.Exposed())
	v.Strategy, v.ShiftPercent, v.ShiftEvery = deploytime.Canary, 10, 5*time.Minute
	assert.Equal(t, 10, v.Exposed())
	v.ShiftEvery = 4 * time.Minute
	assert.Equal(t, 100, v.Exposed())
	v.Strategy, v.ShiftEvery = deploytime.Linear, time.Minute
	assert.Equal(t, 60, v.Exposed(), "at once, and after one to five minutes")
	v.ShiftEvery = 3 * time.Minute
	assert.Equal(t, 20, v.Exposed())
}

func TestText(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 90 * time.Second: "90 s", 2 * time.Minute: "2 min", 125 * time.Second: "2 min 5 s", time.Hour: "60 min",
	} {
		assert.Equal(t, want, deploytime.Text(d))
	}
}

// stack is a graph of the resources that are read.
func stack(edit func(typ string, inputs map[string]any)) *graph.Graph {
	g := &graph.Graph{Stack: "dev"}
	for typ, inputs := range map[string]map[string]any{
		"aws:ecs/service:Service": {
			"desiredCount": 1, "deploymentMinimumHealthyPercent": 100, "deploymentMaximumPercent": 200, "healthCheckGracePeriodSeconds": 60,
			"alarms": map[string]any{"alarmNames": []any{"errors"}},
		},
		"aws:ecs/taskDefinition:TaskDefinition": {
			"containerDefinitions": `[{"stopTimeout":45,"healthCheck":{"interval":10,"timeout":5,"retries":3,"startPeriod":15}}]`,
		},
		"aws:lb/targetGroup:TargetGroup": {
			"deregistrationDelay": 30,
			"healthCheck":         map[string]any{"interval": 10, "timeout": 5, "healthyThreshold": 2, "unhealthyThreshold": 3},
		},
		"aws:lb/loadBalancer:LoadBalancer":               {"idleTimeout": 60},
		"aws:appautoscaling/target:Target":               {"minCapacity": 2, "maxCapacity": 10},
		"aws:cloudwatch/metricAlarm:MetricAlarm":         {"name": "errors", "evaluationPeriods": 5, "datapointsToAlarm": 3, "metricQueries": []any{map[string]any{"metric": map[string]any{"period": 60}}}},
		"aws:codedeploy/deploymentGroup:DeploymentGroup": {},
	} {
		edit(typ, inputs)
		if len(inputs) > 0 {
			g.Resources = append(g.Resources, graph.Resource{Type: typ, Name: "x", Inputs: inputs})
		}
	}
	return g
}

func TestOf(t *testing.T) {
	got, err := deploytime.Of(stack(func(string, map[string]any) {}))
	require.NoError(t, err)
	want := sample()
	want.Stack = "dev"
	assert.Equal(t, want, got)
}

// group is what a deployment group of CodeDeploy adds.
func group(config string) func(typ string, inputs map[string]any) {
	return func(typ string, inputs map[string]any) {
		switch typ {
		case "aws:codedeploy/deploymentGroup:DeploymentGroup":
			inputs["deploymentConfigName"] = config
			inputs["alarmConfiguration"] = map[string]any{"alarms": []any{"errors"}}
			inputs["blueGreenDeploymentConfig"] = map[string]any{
				"terminateBlueInstancesOnDeploymentSuccess": map[string]any{"terminationWaitTimeInMinutes": 60},
			}
		case "aws:ecs/service:Service":
			delete(inputs, "alarms")
		}
	}
}

func TestOfCodeDeploy(t *testing.T) {
	for config, want := range map[string]struct {
		strategy deploytime.Strategy
		percent  int
		every    time.Duration
	}{
		"CodeDeployDefault.ECSAllAtOnce":                    {deploytime.BlueGreen, 0, 0},
		"CodeDeployDefault.ECSCanary10Percent15Minutes":     {deploytime.Canary, 10, 15 * time.Minute},
		"CodeDeployDefault.ECSLinear10PercentEvery3Minutes": {deploytime.Linear, 10, 3 * time.Minute},
	} {
		got, err := deploytime.Of(stack(group(config)))
		require.NoError(t, err, config)
		assert.Equal(t, want.strategy, got.Strategy, config)
		assert.Equal(t, want.percent, got.ShiftPercent, config)
		assert.Equal(t, want.every, got.ShiftEvery, config)
		assert.Equal(t, time.Hour, got.Termination, config)
		assert.Len(t, got.Alarms, 1, config)
	}
	own := stack(group("${config.name}"))
	own.Resources = append(own.Resources, graph.Resource{Type: "aws:codedeploy/deploymentConfig:DeploymentConfig", Name: "x", Inputs: map[string]any{
		"trafficRoutingConfig": map[string]any{"timeBasedLinear": map[string]any{"interval": 2, "percentage": 25}},
	}})
	got, err := deploytime.Of(own)
	require.NoError(t, err)
	assert.Equal(t, []any{deploytime.Linear, 25, 2 * time.Minute}, []any{got.Strategy, got.ShiftPercent, got.ShiftEvery})
}

func TestOfSaysWhatIsMissing(t *testing.T) {
	for name, tc := range map[string]struct {
		edit func(typ string, inputs map[string]any)
		want string
	}{
		"no service": {func(typ string, inputs map[string]any) {
			if strings.Contains(typ, "ecs/service") {
				clear(inputs)
			}
		}, "stack dev has no aws:ecs/service:Service"},
		"no image": {func(typ string, inputs map[string]any) {
			if strings.Contains(typ, "appautoscaling") {
				inputs["minCapacity"] = 0
			}
		}, "stack dev runs no task: it has no image"},
		"two containers": {func(typ string, inputs map[string]any) {
			if strings.Contains(typ, "taskDefinition") {
				inputs["containerDefinitions"] = "[{},{}]"
			}
		}, "aws:ecs/taskDefinition:TaskDefinition has 2 containers, want 1"},
		"another's alarm": {func(typ string, inputs map[string]any) {
			if strings.Contains(typ, "metricAlarm") {
				inputs["name"] = "other"
			}
		}, "stack dev rolls back on errors, of which 0 are metric alarms of its own"},
		"unknown shift": {group("CodeDeployDefault.ECSSpiral"), `deployment configuration "CodeDeployDefault.ECSSpiral" is unknown`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := deploytime.Of(stack(tc.edit))
			assert.ErrorContains(t, err, tc.want)
		})
	}
}
