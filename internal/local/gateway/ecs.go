package gateway

const ecsReason = "moto's CreateService drops deploymentConfiguration (circuit breaker, rollback alarms), health check grace, " +
	"ECS Exec, zone rebalancing, managed tags and the capacity provider strategy, for which it gives a launch type; " +
	"the primary deployment keeps the old task definition after an update; " +
	"nothing runs, so deployments, task sets, counts and events are played; it takes an inactive task definition, which is refused"

// playedUpdate is what else is changed in an update.
const playedUpdate = "; what only CodeDeploy may change in a service that it controls is refused"

var ecsCompletions = []Completion{
	{Service: "ecs", Action: "CreateService", Kind: Completes, Reason: ecsReason, answer: refuseInactive, after: onSuccess(rememberService)},
	{Service: "ecs", Action: "UpdateService", Kind: Completes, Reason: ecsReason + playedUpdate, answer: refuseUpdate, after: onSuccess(rememberService)},
	{Service: "ecs", Action: "DeleteService", Kind: Completes, Reason: ecsReason, after: onSuccess(forgetService)},
	{Service: "ecs", Action: "DescribeServices", Kind: Completes, Reason: ecsReason, after: onSuccess(completeServices)},
}

// serviceExtras are the parameters that are kept as they were sent.
var serviceExtras = []string{
	"availabilityZoneRebalancing", "capacityProviderStrategy", "deploymentConfiguration", "enableECSManagedTags", "enableExecuteCommand",
	"healthCheckGracePeriodSeconds", "platformVersion", "propagateTags",
}

// serviceKey tells services apart by what both a request and moto's
// description of the service say.
func serviceKey(e *exchange, service object) string {
	return e.operation.region + " " + shortName(text(service, "clusterArn")) + " " + text(service, "serviceName")
}

func rememberService(m *memory, e *exchange, out object) {
	service := child(out, "service")
	if service == nil {
		return
	}
	key := serviceKey(e, service)
	kept := m.services[key]
	if kept == nil || e.operation.action == "CreateService" {
		kept = object{}
		m.services[key] = kept
	}
	for _, name := range serviceExtras {
		v := e.input()[name]
		if v == nil {
			continue
		}
		before, wasObject := kept[name].(object)
		if now, isObject := v.(object); isObject && wasObject {
			v = merged(before, now)
		}
		kept[name] = v
	}
	restore(m, e, service)
	playService(m, e, service)
	show(m, service)
}

func forgetService(m *memory, e *exchange, out object) {
	service := child(out, "service")
	restore(m, e, service)
	delete(m.services, serviceKey(e, service))
	m.world.Delete(text(service, "serviceArn"))
}

func completeServices(m *memory, e *exchange, out object) {
	for _, service := range objects(out, "services") {
		restore(m, e, service)
		show(m, service)
	}
}

// show adds what is played.
func show(m *memory, service object) {
	if s := m.world.Service(text(service, "serviceArn")); s != nil && text(service, "status") == "ACTIVE" {
		showService(s, service)
	}
}

// restore adds what was kept. AWS gives a capacity provider strategy
// or a launch type, and moto a launch type always; an empty strategy is how an
// update returns to the launch type.
func restore(m *memory, e *exchange, service object) {
	for name, v := range m.services[serviceKey(e, service)] {
		service[name] = v
	}
	strategy := objects(service, "capacityProviderStrategy")
	if len(strategy) > 0 {
		delete(service, "launchType")
	}
	for _, deployment := range objects(service, "deployments") {
		if text(deployment, "status") != "PRIMARY" {
			continue
		}
		if service["taskDefinition"] != nil {
			deployment["taskDefinition"] = service["taskDefinition"]
		}
		if len(strategy) > 0 {
			deployment["capacityProviderStrategy"] = strategy
			delete(deployment, "launchType")
		}
	}
}

// merged is a with the entries of b over it.
func merged(a, b object) object {
	out := object{}
	for k, v := range a {
		out[k] = v
	}
	for k, v := range b {
		out[k] = v
	}
	return out
}
