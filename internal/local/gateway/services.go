package gateway

import (
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"evenkeel/internal/local/gateway/play"
)

// owned is what CodeDeploy, and nobody else, changes in a service that it
// controls, and what ECS calls it.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html
var owned = []struct{ parameter, name string }{
	{"taskDefinition", "task definition"},
	{"networkConfiguration", "network parameters"},
	{"platformVersion", "platform version"},
	{"loadBalancers", "load balancers"},
	{"capacityProviderStrategy", "capacity provider strategy"},
}

const ownedBy = " on services with a CODE_DEPLOY deployment controller. Use AWS CodeDeploy to trigger a new deployment."

// refuseOwned refuses what only CodeDeploy may change.
func refuseOwned(m *memory, e *exchange) *reply {
	in := e.input()
	s := servicePlayed(m, e, text(in, "cluster"), text(in, "service"))
	if s == nil || !s.CodeDeploy {
		return nil
	}
	for _, o := range owned {
		if in[o.parameter] != nil {
			return jsonFailure("InvalidParameterException", "Unable to update %s%s", o.name, ownedBy)
		}
	}
	if in["forceNewDeployment"] == true {
		return jsonFailure("InvalidParameterException", "Cannot force a new deployment%s", ownedBy)
	}
	breaker := child(child(in, "deploymentConfiguration"), "deploymentCircuitBreaker")
	if breaker["enable"] == true {
		return jsonFailure("InvalidParameterException", "Deployment circuit breaker feature can only be configured with ECS deployment controller.")
	}
	return nil
}

func refuseUpdate(m *memory, e *exchange) *reply {
	if r := refuseOwned(m, e); r != nil {
		return r
	}
	return refuseInactive(m, e)
}

// refuseInactive refuses a task definition that was deregistered, which moto
// takes. What else is wrong with one moto says.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeregisterTaskDefinition.html
func refuseInactive(m *memory, e *exchange) *reply {
	name := text(e.input(), "taskDefinition")
	if name == "" {
		return nil
	}
	_, err := m.upstream.definition(e.operation.region, name)
	var r *refused
	if errors.As(err, &r) && r.message == inactive {
		return jsonFailure(r.code, "%s", r.message)
	}
	return nil
}

// servicePlayed finds a service as a request names it, or nil.
func servicePlayed(m *memory, e *exchange, cluster, name string) *play.Service {
	if cluster == "" {
		cluster = "default"
	}
	for _, s := range m.world.Services() {
		if s.Region == e.operation.region && s.Name == shortName(name) && shortName(s.ClusterARN) == shortName(cluster) {
			return s
		}
	}
	return nil
}

// playService starts or updates the play of a service that moto has described.
// Services of another scheduler than ECS's are left as moto has them.
func playService(m *memory, e *exchange, service object) {
	arn, definition := text(service, "serviceArn"), text(service, "taskDefinition")
	controller := text(child(service, "deploymentController"), "type")
	if controller == "EXTERNAL" || text(service, "schedulingStrategy") == "DAEMON" || definition == "" {
		return
	}
	s := m.world.Service(arn)
	update := e.operation.action == "UpdateService" && s != nil
	settings := settingsOf(service)
	if update && (s.CodeDeploy || !deploys(e.input(), settings, s)) {
		s.Update(settings, nil)
		return
	}
	if update && e.input()["taskDefinition"] == nil {
		// A rollback may have left another one than moto knows.
		s.Update(settings, s.Primary().Definition)
		return
	}
	d, err := m.upstream.definition(e.operation.region, definition)
	switch {
	case err != nil:
		e.gateway.complain(err)
	case update && onlyDefinition(e.input(), settings, s) && d.ARN == s.Primary().Definition.ARN:
		s.Update(settings, nil)
	case update:
		s.Update(settings, d)
	default:
		m.world.Create(play.Service{
			Settings: settings, ARN: arn, Name: text(service, "serviceName"), ClusterARN: text(service, "clusterArn"),
			Region: e.operation.region, CodeDeploy: controller == "CODE_DEPLOY",
		}, d)
	}
}

// deploys says that an update starts a deployment: it is asked for, or something
// changes that running tasks cannot take over.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/update-service-parameters.html
func deploys(in object, settings play.Settings, s *play.Service) bool {
	return in["taskDefinition"] != nil || !onlyDefinition(in, settings, s)
}

// onlyDefinition says that nothing else than a task definition could start a
// deployment.
func onlyDefinition(in object, settings play.Settings, s *play.Service) bool {
	p := s.Primary()
	return in["forceNewDeployment"] != true && asJSON(settings.Shown) == asJSON(p.Shown) &&
		slices.Equal(settings.LoadBalancers, p.LoadBalancers)
}

// asJSON makes values comparable that differ in how they were read.
func asJSON(v any) string {
	// Values that came as JSON can be written as JSON.
	b, _ := json.Marshal(v)
	return string(b)
}

// shownNames are the fields that a service, its sets and its tasks share.
var shownNames = []string{"capacityProviderStrategy", "launchType", "networkConfiguration", "platformVersion", "platformFamily", "serviceRegistries"}

func settingsOf(service object) play.Settings {
	configuration := child(service, "deploymentConfiguration")
	breaker, alarms := child(configuration, "deploymentCircuitBreaker"), child(configuration, "alarms")
	out := play.Settings{
		Desired: integer(service, "desiredCount"), MinHealthy: integer(configuration, "minimumHealthyPercent"),
		MaxTotal: integer(configuration, "maximumPercent"), Breaker: breaker["enable"] == true, BreakerRollback: breaker["rollback"] == true,
		LoadBalancers: balancersOf(service), Shown: object{},
	}
	if configuration["minimumHealthyPercent"] == nil {
		out.MinHealthy = 100
	}
	if out.MaxTotal == 0 {
		out.MaxTotal = 200
	}
	if alarms["enable"] == true {
		out.Alarms, out.AlarmRollback = texts(alarms, "alarmNames"), alarms["rollback"] == true
	}
	for _, name := range shownNames {
		if v := service[name]; v != nil {
			out.Shown[name] = v
		}
	}
	return out
}

func balancersOf(service object) []play.LoadBalancer {
	var out []play.LoadBalancer
	for _, lb := range objects(service, "loadBalancers") {
		if arn := text(lb, "targetGroupArn"); arn != "" {
			out = append(out, play.LoadBalancer{TargetGroup: arn, Container: text(lb, "containerName"), Port: integer(lb, "containerPort")})
		}
	}
	return out
}

func showBalancers(balancers []play.LoadBalancer) []any {
	out := []any{}
	for _, lb := range balancers {
		out = append(out, object{"targetGroupArn": lb.TargetGroup, "containerName": lb.Container, "containerPort": lb.Port})
	}
	return out
}

// integer reads a number parameter; 0 if it is not there.
func integer(o object, key string) int {
	switch v := o[key].(type) {
	case json.Number:
		n, _ := strconv.Atoi(v.String())
		return n
	case float64:
		return int(v)
	case int:
		return v
	}
	return 0
}

// epoch is a time as JSON protocols have it; nil leaves out what has not been.
func epoch(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return json.Number(strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64))
}

// compact drops what is nil.
func compact(o object) object {
	for k, v := range o {
		if v == nil {
			delete(o, k)
		}
	}
	return o
}

// showService puts what is played into the description of a service.
func showService(s *play.Service, service object) {
	running, pending := s.Count()
	service["runningCount"], service["pendingCount"], service["desiredCount"] = running, pending, s.Desired
	events := []any{}
	for _, event := range s.Events {
		events = append(events, object{"id": event.ID, "createdAt": epoch(event.At), "message": event.Message})
	}
	service["events"] = events
	if p := s.Primary(); p != nil {
		service["taskDefinition"] = p.Definition.ARN
		service["loadBalancers"] = showBalancers(p.LoadBalancers)
	}
	sets := []any{}
	for _, set := range s.Sets {
		if s.CodeDeploy {
			sets = append(sets, showTaskSet(s, set))
		} else {
			sets = append(sets, showDeployment(s, set))
		}
	}
	if s.CodeDeploy {
		service["taskSets"], service["deployments"] = sets, []any{}
	} else {
		service["deployments"] = sets
		delete(service, "taskSets")
	}
}

func showDeployment(s *play.Service, set *play.Set) object {
	running, pending := set.Count()
	return compact(merged(set.Shown, object{
		"id": set.ID, "status": set.Status, "taskDefinition": set.Definition.ARN, "desiredCount": s.Want(set),
		"pendingCount": pending, "runningCount": running, "failedTasks": set.FailedTasks,
		"createdAt": epoch(set.Created), "updatedAt": epoch(set.Updated), "rolloutState": set.State, "rolloutStateReason": set.Reason,
	}))
}

// showTaskSet describes a task set:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
func showTaskSet(s *play.Service, set *play.Set) object {
	running, pending := set.Count()
	stability := "STABILIZING"
	if s.Steady(set) {
		stability = "STEADY_STATE"
	}
	var external any
	if set.ExternalID != "" {
		external = set.ExternalID
	}
	return compact(merged(set.Shown, object{
		"id": set.ID, "taskSetArn": strings.Replace(s.ARN, ":service/", ":task-set/", 1) + "/" + set.ID, "serviceArn": s.ARN,
		"clusterArn": s.ClusterARN, "startedBy": startedBy(set), "externalId": external, "status": set.Status,
		"taskDefinition": set.Definition.ARN, "computedDesiredCount": s.Want(set), "pendingCount": pending, "runningCount": running,
		"createdAt": epoch(set.Created), "updatedAt": epoch(set.Updated), "loadBalancers": showBalancers(set.LoadBalancers),
		"scale": object{"value": set.Scale, "unit": "PERCENT"}, "stabilityStatus": stability, "stabilityStatusAt": epoch(set.Updated),
	}))
}

func startedBy(set *play.Set) any {
	if set.ExternalID == "" {
		return nil
	}
	return "CODE_DEPLOY"
}
