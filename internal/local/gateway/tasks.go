package gateway

import (
	"fmt"
	"slices"
	"strings"

	"evenkeel/internal/local/gateway/play"
)

const (
	taskReason   = "moto gives the cpu and memory of a task's containers as numbers, where AWS's strict clients want text"
	playedReason = "; the tasks of services are played, as moto runs none"
)

var taskCompletions = []Completion{
	{Service: "ecs", Action: "RunTask", Kind: Completes, Reason: taskReason, after: onSuccess(textSizes)},
	{Service: "ecs", Action: "StartTask", Kind: Completes, Reason: taskReason, after: onSuccess(textSizes)},
	{Service: "ecs", Action: "StopTask", Kind: Completes, Reason: taskReason + playedReason, answer: stopTask, after: onSuccess(textSizes)},
	{Service: "ecs", Action: "DescribeTasks", Kind: Completes, Reason: taskReason + playedReason, after: onSuccess(describeTasks)},
	{Service: "ecs", Action: "ListTasks", Kind: Completes, Reason: "moto knows no tasks of a service; they are played", after: onSuccess(listTasks)},
}

func textSizes(_ *memory, _ *exchange, out object) {
	tasks := objects(out, "tasks")
	if task := child(out, "task"); task != nil {
		tasks = append(tasks, task)
	}
	for _, task := range tasks {
		for _, container := range objects(task, "containers") {
			for _, name := range []string{"cpu", "memory", "memoryReservation"} {
				if v, ok := container[name]; ok && v != nil {
					container[name] = fmt.Sprint(v)
				}
			}
		}
	}
}

// listTasks adds played tasks; for a service there are no others.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ListTasks.html
func listTasks(m *memory, e *exchange, out object) {
	in := e.input()
	arns := texts(out, "taskArns")
	if text(in, "serviceName") != "" {
		arns = nil
	}
	desired := text(in, "desiredStatus")
	if desired == "" {
		desired = play.Running
	}
	for _, s := range m.world.Services() {
		if !lists(in, e.operation.region, s) {
			continue
		}
		for _, t := range s.AllTasks() {
			family, by := text(in, "family"), text(in, "startedBy")
			if desiredStatus(t) == desired && (family == "" || family == t.Definition.Family()) && (by == "" || by == t.StartedBy) {
				arns = append(arns, t.ARN)
			}
		}
	}
	slices.Sort(arns)
	found := []any{}
	for _, arn := range arns {
		found = append(found, arn)
	}
	out["taskArns"] = found
}

// lists says that a request is about a service, too.
func lists(in object, region string, s *play.Service) bool {
	cluster, name := text(in, "cluster"), text(in, "serviceName")
	if cluster == "" {
		cluster = "default"
	}
	return s.Region == region && shortName(s.ClusterARN) == shortName(cluster) && (name == "" || shortName(name) == s.Name) &&
		text(in, "containerInstance") == ""
}

func desiredStatus(t *play.Task) string {
	if t.Stopping() {
		return play.Stopped
	}
	return play.Running
}

func describeTasks(m *memory, e *exchange, out object) {
	textSizes(m, e, out)
	tasks, failures := []any{}, []any{}
	known := map[string]bool{}
	for _, task := range objects(out, "tasks") {
		tasks = append(tasks, task)
		known[shortName(text(task, "taskArn"))] = true
	}
	for _, name := range texts(e.input(), "tasks") {
		t := m.world.Task(name)
		switch {
		case t != nil:
			tasks = append(tasks, showTask(t))
		case !known[shortName(name)]:
			failures = append(failures, object{"arn": name, "reason": "MISSING"})
		}
	}
	out["tasks"], out["failures"] = tasks, failures
}

func stopTask(m *memory, e *exchange) *reply {
	t := m.world.Task(text(e.input(), "task"))
	if t == nil {
		return nil
	}
	t.StopTask(text(e.input(), "reason"))
	return jsonReply(object{"task": showTask(t)})
}

// health is a container's, as its own check sees it. Who has no load balancer is
// known by that check alone.
func health(t *play.Task) string {
	switch {
	case t.Healthy():
		return "HEALTHY"
	case t.Stopping() && t.Reason == play.FailedContainerChecks:
		return "UNHEALTHY"
	}
	return "UNKNOWN"
}

func showTask(t *play.Task) object {
	status := t.Status
	containers := []any{}
	for _, c := range t.Definition.Containers {
		container := object{
			"containerArn": strings.Replace(t.ARN, ":task/", ":container/", 1) + "/" + c.Name, "taskArn": t.ARN, "name": c.Name,
			"image": c.Image, "lastStatus": containerStatus(t), "healthStatus": health(t), "networkInterfaces": []any{
				object{"privateIpv4Address": t.Address},
			},
		}
		if _, digest, ok := strings.Cut(c.Image, "@"); ok && !t.Started.IsZero() {
			container["imageDigest"] = digest
		}
		if status == play.Stopped && !t.Started.IsZero() {
			container["exitCode"] = t.Exit
		}
		containers = append(containers, container)
	}
	var stopCode, reason any
	if t.Stopping() {
		stopCode, reason = t.StopCode, t.Reason
	}
	return compact(merged(t.Shown, object{
		"taskArn": t.ARN, "clusterArn": t.Service.ClusterARN, "taskDefinitionArn": t.Definition.ARN, "group": "service:" + t.Service.Name,
		"startedBy": t.StartedBy, "lastStatus": status, "desiredStatus": desiredStatus(t), "healthStatus": health(t),
		"createdAt": epoch(t.Created), "startedAt": epoch(t.Started), "stoppingAt": epoch(t.StoppingAt), "stoppedAt": epoch(t.StoppedAt),
		"stopCode": stopCode, "stoppedReason": reason, "containers": containers, "connectivity": connectivity(t),
		"cpu": orNil(t.Definition.CPU), "memory": orNil(t.Definition.Memory), "version": 1, "networkConfiguration": nil, "serviceRegistries": nil,
		"capacityProviderStrategy": nil,
	}))
}

func orNil(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func containerStatus(t *play.Task) string {
	switch t.Status {
	case play.Provisioning:
		return play.Pending
	case play.Deactivating:
		return play.Running
	}
	return t.Status
}

func connectivity(t *play.Task) any {
	if t.Started.IsZero() {
		return nil
	}
	return "CONNECTED"
}
