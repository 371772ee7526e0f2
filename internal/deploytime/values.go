package deploytime

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"evenkeel/internal/graph"
)

// Strategy is how a new version replaces the old one.
type Strategy string

// The strategies, by the names of the configuration.
const (
	Rolling   Strategy = "rolling"
	BlueGreen Strategy = "blueGreen"
	Canary    Strategy = "canary"
	Linear    Strategy = "linear"
)

// Values are what a stack sets about its deployments.
type Values struct {
	Stack    string
	Strategy Strategy
	// Tasks is how many tasks run at least, MaxTasks at most.
	Tasks, MaxTasks int
	// MinimumHealthyPercent and MaximumPercent bound a rolling deployment.
	MinimumHealthyPercent, MaximumPercent int
	// Grace is how long failing checks of a started task are ignored.
	Grace time.Duration
	// StopTimeout is the time between SIGTERM and SIGKILL.
	StopTimeout time.Duration
	// Container is the container's own check; its Interval is 0 without one.
	Container ContainerCheck
	// Target is the load balancer's check.
	Target TargetCheck
	// Deregistration is how long a leaving target may finish its requests.
	Deregistration time.Duration
	// IdleTimeout is how long the load balancer keeps a connection without
	// traffic.
	IdleTimeout time.Duration
	// Alarms are what a deployment is rolled back on.
	Alarms []Alarm
	// ShiftPercent of the traffic moves every ShiftEvery, once (canary) or until
	// all has (linear). Zero where all moves at once.
	ShiftPercent int
	ShiftEvery   time.Duration
	// Termination is how long the old tasks stay after a shift.
	Termination time.Duration
}

// ContainerCheck is the container's own health check.
type ContainerCheck struct {
	Interval, Timeout, StartPeriod time.Duration
	Retries                        int
}

// TargetCheck is the load balancer's health check.
type TargetCheck struct {
	Interval, Timeout  time.Duration
	Healthy, Unhealthy int
}

// Alarm is one alarm that a deployment is rolled back on.
type Alarm struct {
	Name string
	// Period is the length of a datapoint. Datapoints of Periods must be bad.
	Period              time.Duration
	Datapoints, Periods int
}

// The resource types.
const (
	serviceType  = "aws:ecs/service:Service"
	taskType     = "aws:ecs/taskDefinition:TaskDefinition"
	groupType    = "aws:lb/targetGroup:TargetGroup"
	balancerType = "aws:lb/loadBalancer:LoadBalancer"
	scalableType = "aws:appautoscaling/target:Target"
	alarmType    = "aws:cloudwatch/metricAlarm:MetricAlarm"
	deployType   = "aws:codedeploy/deploymentGroup:DeploymentGroup"
	shiftType    = "aws:codedeploy/deploymentConfig:DeploymentConfig"
)

// Of reads the values from the resource graph of a stack that has an image: one
// without runs no task.
func Of(g *graph.Graph) (Values, error) {
	r := &reader{graph: g}
	v := Values{Stack: g.Stack, Strategy: Rolling}
	r.service(&v)
	r.task(&v)
	r.balancer(&v)
	r.shift(&v)
	r.alarms(&v)
	if r.err == nil && v.Tasks == 0 {
		r.err = fmt.Errorf("stack %s runs no task: it has no image", g.Stack)
	}
	return v, r.err
}

// reader reads inputs and keeps the first error.
type reader struct {
	graph *graph.Graph
	err   error
	// groupAlarms are the names of the alarms of the ECS service or of CodeDeploy.
	groupAlarms []string
}

// first decodes the inputs of the first resource of a type, by name, and tells
// whether there is one.
func (r *reader) first(typ string, into any) bool {
	for _, n := range r.graph.Resources {
		if n.Type == typ {
			r.decode(n, into)
			return r.err == nil
		}
	}
	return false
}

// must is first for what every stack has.
func (r *reader) must(typ string, into any) {
	if !r.first(typ, into) && r.err == nil {
		r.err = fmt.Errorf("stack %s has no %s", r.graph.Stack, typ)
	}
}

func (r *reader) decode(n graph.Resource, into any) {
	raw, err := json.Marshal(n.Inputs)
	if err == nil {
		err = json.Unmarshal(raw, into)
	}
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("read %s %s: %w", n.Type, n.Name, err)
	}
}

type alarmNames struct {
	AlarmNames []string `json:"alarmNames"`
}

func (r *reader) service(v *Values) {
	var s struct {
		DesiredCount                    int        `json:"desiredCount"`
		DeploymentMinimumHealthyPercent int        `json:"deploymentMinimumHealthyPercent"`
		DeploymentMaximumPercent        int        `json:"deploymentMaximumPercent"`
		HealthCheckGracePeriodSeconds   int        `json:"healthCheckGracePeriodSeconds"`
		Alarms                          alarmNames `json:"alarms"`
	}
	r.must(serviceType, &s)
	v.Tasks, v.MaxTasks = s.DesiredCount, s.DesiredCount
	v.MinimumHealthyPercent, v.MaximumPercent = s.DeploymentMinimumHealthyPercent, s.DeploymentMaximumPercent
	v.Grace = in(s.HealthCheckGracePeriodSeconds)
	r.groupAlarms = s.Alarms.AlarmNames
	var t struct {
		MinCapacity int `json:"minCapacity"`
		MaxCapacity int `json:"maxCapacity"`
	}
	if r.first(scalableType, &t) {
		v.Tasks, v.MaxTasks = t.MinCapacity, t.MaxCapacity
	}
}

func (r *reader) task(v *Values) {
	var t struct {
		ContainerDefinitions string `json:"containerDefinitions"`
	}
	r.must(taskType, &t)
	var containers []struct {
		StopTimeout int `json:"stopTimeout"`
		HealthCheck struct{ Interval, Timeout, Retries, StartPeriod int }
	}
	if r.err != nil {
		return
	}
	if err := json.Unmarshal([]byte(t.ContainerDefinitions), &containers); err != nil {
		r.err = fmt.Errorf("read the container of %s: %w", taskType, err)
		return
	}
	if len(containers) != 1 {
		r.err = fmt.Errorf("%s has %d containers, want 1", taskType, len(containers))
		return
	}
	c := containers[0]
	v.StopTimeout = in(c.StopTimeout)
	v.Container = ContainerCheck{in(c.HealthCheck.Interval), in(c.HealthCheck.Timeout), in(c.HealthCheck.StartPeriod), c.HealthCheck.Retries}
}

func (r *reader) balancer(v *Values) {
	var g struct {
		DeregistrationDelay int `json:"deregistrationDelay"`
		HealthCheck         struct{ Interval, Timeout, HealthyThreshold, UnhealthyThreshold int }
	}
	r.must(groupType, &g)
	h := g.HealthCheck
	v.Deregistration = in(g.DeregistrationDelay)
	v.Target = TargetCheck{in(h.Interval), in(h.Timeout), h.HealthyThreshold, h.UnhealthyThreshold}
	var b struct {
		IdleTimeout int `json:"idleTimeout"`
	}
	r.must(balancerType, &b)
	v.IdleTimeout = in(b.IdleTimeout)
}

// shift reads how CodeDeploy moves the traffic, where it does.
func (r *reader) shift(v *Values) {
	var g struct {
		DeploymentConfigName      string     `json:"deploymentConfigName"`
		AlarmConfiguration        codeAlarms `json:"alarmConfiguration"`
		BlueGreenDeploymentConfig struct {
			TerminateBlueInstancesOnDeploymentSuccess struct {
				TerminationWaitTimeInMinutes int `json:"terminationWaitTimeInMinutes"`
			} `json:"terminateBlueInstancesOnDeploymentSuccess"`
		} `json:"blueGreenDeploymentConfig"`
	}
	if !r.first(deployType, &g) {
		return
	}
	v.Strategy = BlueGreen
	r.groupAlarms = g.AlarmConfiguration.Alarms
	v.Termination = time.Duration(g.BlueGreenDeploymentConfig.TerminateBlueInstancesOnDeploymentSuccess.TerminationWaitTimeInMinutes) * time.Minute
	type timeBased struct{ Interval, Percentage int }
	var c struct {
		TrafficRoutingConfig struct {
			TimeBasedCanary timeBased `json:"timeBasedCanary"`
			TimeBasedLinear timeBased `json:"timeBasedLinear"`
		} `json:"trafficRoutingConfig"`
	}
	r.first(shiftType, &c)
	switch canary, linear := c.TrafficRoutingConfig.TimeBasedCanary, c.TrafficRoutingConfig.TimeBasedLinear; {
	case canary.Percentage > 0:
		v.Strategy, v.ShiftPercent, v.ShiftEvery = Canary, canary.Percentage, time.Duration(canary.Interval)*time.Minute
	case linear.Percentage > 0:
		v.Strategy, v.ShiftPercent, v.ShiftEvery = Linear, linear.Percentage, time.Duration(linear.Interval)*time.Minute
	default:
		r.predefined(v, g.DeploymentConfigName)
	}
}

type codeAlarms struct {
	Alarms []string `json:"alarms"`
}

// predefined reads one of CodeDeploy's own configurations, by its name.
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
func (r *reader) predefined(v *Values, name string) {
	short := strings.TrimPrefix(name, "CodeDeployDefault.ECS")
	for prefix, strategy := range map[string]Strategy{"Canary": Canary, "Linear": Linear} {
		rest, ok := strings.CutPrefix(short, prefix)
		if !ok {
			continue
		}
		percent, minutes, found := strings.Cut(strings.Replace(rest, "PercentEvery", "Percent", 1), "Percent")
		p, err := strconv.Atoi(percent)
		m, err2 := strconv.Atoi(strings.TrimSuffix(minutes, "Minutes"))
		if found && err == nil && err2 == nil {
			v.Strategy, v.ShiftPercent, v.ShiftEvery = strategy, p, time.Duration(m)*time.Minute
			return
		}
	}
	if short != "AllAtOnce" && r.err == nil {
		r.err = fmt.Errorf("read %s: deployment configuration %q is unknown", deployType, name)
	}
}

// alarms reads those that the service or the deployment group names.
func (r *reader) alarms(v *Values) {
	for _, n := range r.graph.Resources {
		if n.Type != alarmType {
			continue
		}
		var a struct {
			Name              string `json:"name"`
			Period            int    `json:"period"`
			EvaluationPeriods int    `json:"evaluationPeriods"`
			DatapointsToAlarm int    `json:"datapointsToAlarm"`
			MetricQueries     []struct {
				Metric struct{ Period int } `json:"metric"`
			} `json:"metricQueries"`
		}
		r.decode(n, &a)
		if !slices.Contains(r.groupAlarms, a.Name) {
			continue
		}
		for _, q := range a.MetricQueries {
			a.Period = max(a.Period, q.Metric.Period)
		}
		if a.DatapointsToAlarm == 0 {
			a.DatapointsToAlarm = a.EvaluationPeriods
		}
		v.Alarms = append(v.Alarms, Alarm{a.Name, in(a.Period), a.DatapointsToAlarm, a.EvaluationPeriods})
	}
	if len(v.Alarms) != len(r.groupAlarms) && r.err == nil {
		r.err = fmt.Errorf("stack %s rolls back on %s, of which %d are metric alarms of its own",
			r.graph.Stack, strings.Join(r.groupAlarms, ", "), len(v.Alarms))
	}
}

func in(n int) time.Duration { return time.Duration(n) * time.Second }
