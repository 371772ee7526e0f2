package gateway

import (
	"errors"
	"strings"

	"evenkeel/internal/local/gateway/play"
)

const deploymentReason = "moto leaves a deployment Created for ever; one to ECS is played, others go to moto"

var deploymentCompletions = []Completion{
	ofCodedeploy("CreateDeployment", Answers, deploymentReason, createDeployment, nil),
	ofCodedeploy("GetDeployment", Completes, deploymentReason+". "+timeReason, getDeployment, onSuccess(numberTimes)),
	ofCodedeploy("GetApplicationRevision", Answers, "moto lacks it; the AppSpecs of played deployments are known, by their SHA-256", getRevision, nil),
	ofCodedeploy("BatchGetDeployments", Completes, deploymentReason+". "+timeReason, batchGetDeployments, onSuccess(numberTimes)),
	ofCodedeploy("ListDeployments", Answers, deploymentReason, listDeployments, nil),
	ofCodedeploy("ContinueDeployment", Answers, deploymentReason, continueDeployment, nil),
	ofCodedeploy("StopDeployment", Answers, deploymentReason, stopDeployment, nil),
	ofCodedeploy("ListDeploymentTargets", Answers, deploymentReason, listTargets, nil),
	ofCodedeploy("GetDeploymentTarget", Answers, deploymentReason, getTarget, nil),
	ofCodedeploy("BatchGetDeploymentTargets", Answers, deploymentReason, batchGetTargets, nil),
}

// createDeployment starts a deployment to ECS, or says as AWS does why not:
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_CreateDeployment.html
func createDeployment(m *memory, e *exchange) *reply {
	in := e.input()
	g, missing := group(m, e, text(in, "deploymentGroupName"))
	if missing != nil {
		return missing
	}
	if text(g, "computePlatform") != "ECS" {
		return nil
	}
	o, bad := order(m, e, g)
	if bad != nil {
		return bad
	}
	d, err := m.world.Deliver(*o)
	if err != nil {
		return refusedBy(err)
	}
	return jsonReply(object{"deploymentId": d.ID})
}

func refusedBy(err error) *reply {
	var r *play.Refusal
	if errors.As(err, &r) {
		return jsonFailure(r.Code, "%s", r.Message)
	}
	return jsonFailure(CodeEmulatorError, "%v", err)
}

// order puts together what group, request and AppSpec say.
func order(m *memory, e *exchange, g object) (*play.Order, *reply) {
	in := e.input()
	spec, bad := specOf(child(in, "revision"))
	if bad != nil {
		return nil, bad
	}
	o := &play.Order{
		Application: text(in, "applicationName"), Group: text(in, "deploymentGroupName"), Description: text(in, "description"),
		Region: e.operation.region, Config: text(in, "deploymentConfigName"), Revision: child(in, "revision"),
	}
	if o.Config == "" {
		o.Config = text(g, "deploymentConfigName")
	}
	for _, fill := range []func(*memory, *exchange, object, *appSpec, *play.Order) *reply{orderService, orderDefinition, orderTraffic} {
		if bad := fill(m, e, g, spec, o); bad != nil {
			return nil, bad
		}
	}
	orderWaits(g, o)
	orderSafety(in, g, o)
	o.Info = object{}
	for _, name := range []string{"blueGreenDeploymentConfiguration", "deploymentStyle", "loadBalancerInfo"} {
		if v := g[name]; v != nil {
			o.Info[name] = v
		}
	}
	return o, nil
}

func orderService(m *memory, e *exchange, g object, _ *appSpec, o *play.Order) *reply {
	services := objects(g, "ecsServices")
	if len(services) != 1 {
		return jsonFailure("InvalidECSServiceException", "Deployment group %s has %d ECS services, want one", o.Group, len(services))
	}
	cluster, name := text(services[0], "clusterName"), text(services[0], "serviceName")
	o.Service = servicePlayed(m, e, cluster, name)
	switch {
	case o.Service == nil:
		return jsonFailure("InvalidECSServiceException", "The ECS service %s in cluster %s does not exist", name, cluster)
	case !o.Service.CodeDeploy:
		return jsonFailure("InvalidECSServiceException",
			"Deployment group's ECS service must be configured for a CODE_DEPLOY deployment controller.")
	}
	return nil
}

func orderDefinition(m *memory, e *exchange, _ object, spec *appSpec, o *play.Order) *reply {
	d, err := m.upstream.definition(e.operation.region, spec.taskDefinition)
	if err != nil {
		return badSpec("TaskDefinition %s: %v", spec.taskDefinition, err)
	}
	var names []string
	for _, c := range d.Containers {
		names = append(names, c.Name)
	}
	if bad := spec.hasContainer(names); bad != nil {
		return bad
	}
	o.Definition = d
	o.LoadBalancer = play.LoadBalancer{Container: spec.container, Port: spec.port}
	shown := o.Service.Shown
	if p := o.Service.Primary(); p != nil {
		shown = p.Shown
	}
	// What the AppSpec leaves out stays as it is.
	o.Shown = merged(shown, spec.shown)
	if spec.shown["capacityProviderStrategy"] != nil {
		delete(o.Shown, "launchType")
	}
	return nil
}

func orderTraffic(m *memory, e *exchange, g object, _ *appSpec, o *play.Order) *reply {
	pairs := objects(child(g, "loadBalancerInfo"), "targetGroupPairInfoList")
	if len(pairs) != 1 || len(objects(pairs[0], "targetGroups")) != 2 {
		return jsonFailure("InvalidTargetGroupPairException", "Deployment group %s must have one pair of target groups", o.Group)
	}
	for i, tg := range objects(pairs[0], "targetGroups") {
		arn, err := m.upstream.targetGroup(e.operation.region, text(tg, "name"))
		if err != nil {
			return jsonFailure("InvalidTargetGroupPairException", "Target group %s: %v", text(tg, "name"), err)
		}
		o.TargetGroups[i] = arn
	}
	o.Production = texts(child(pairs[0], "prodTrafficRoute"), "listenerArns")
	o.Test = texts(child(pairs[0], "testTrafficRoute"), "listenerArns")
	routing, ok := routingOf(m, e, o.Config)
	if !ok {
		return configMissing(o.Config)
	}
	o.Routing = routing
	return nil
}

// routingOf reads a deployment configuration, AWS's or one's own.
func routingOf(m *memory, e *exchange, name string) (play.Routing, bool) {
	if r, ok := play.Predefined(name); ok {
		return r, true
	}
	config, ok := m.codedeploy.configs[configKey(m, e, name)]
	if !ok {
		return play.Routing{}, false
	}
	traffic := child(config, "trafficRoutingConfig")
	r := play.Routing{Kind: text(traffic, "type")}
	canary, linear := child(traffic, "timeBasedCanary"), child(traffic, "timeBasedLinear")
	switch r.Kind {
	case play.RouteCanary:
		r.Percent, r.Minutes = integer(canary, "canaryPercentage"), integer(canary, "canaryInterval")
	case play.RouteLinear:
		r.Percent, r.Minutes = integer(linear, "linearPercentage"), integer(linear, "linearInterval")
	}
	return r, true
}

func orderWaits(g object, o *play.Order) {
	configuration := child(g, "blueGreenDeploymentConfiguration")
	ready := child(configuration, "deploymentReadyOption")
	o.ReadyWait = -1
	if text(ready, "actionOnTimeout") == "STOP_DEPLOYMENT" {
		o.ReadyWait = integer(ready, "waitTimeInMinutes")
	}
	o.TerminationWait = integer(child(configuration, "terminateBlueInstancesOnDeploymentSuccess"), "terminationWaitTimeInMinutes")
}

// orderSafety reads alarms and rollbacks; the request's come before the group's.
func orderSafety(in, g object, o *play.Order) {
	alarms := child(g, "alarmConfiguration")
	if override := child(in, "overrideAlarmConfiguration"); override != nil {
		alarms = override
	}
	if alarms["enabled"] == true {
		for _, alarm := range objects(alarms, "alarms") {
			o.Alarms = append(o.Alarms, text(alarm, "name"))
		}
	}
	rollback := child(g, "autoRollbackConfiguration")
	if override := child(in, "autoRollbackConfiguration"); override != nil {
		rollback = override
	}
	if rollback["enabled"] != true {
		return
	}
	events := " " + strings.Join(texts(rollback, "events"), " ") + " "
	o.OnFailure = strings.Contains(events, " DEPLOYMENT_FAILURE ")
	o.OnAlarm = strings.Contains(events, " DEPLOYMENT_STOP_ON_ALARM ")
	o.OnStop = strings.Contains(events, " DEPLOYMENT_STOP_ON_REQUEST ")
}

// delivery finds the played deployment that a request names, in its region.
func delivery(m *memory, e *exchange, id string) *play.Delivery {
	if d := m.world.Delivery(id); d != nil && d.Region == e.operation.region {
		return d
	}
	return nil
}

// deliveryMissing is for operations that moto lacks.
func deliveryMissing(id string) *reply {
	if id == "" {
		return jsonFailure("DeploymentIdRequiredException", "Deployment ID is required")
	}
	return jsonFailure("DeploymentDoesNotExistException", "The deployment %s could not be found", id)
}

func getDeployment(m *memory, e *exchange) *reply {
	if d := delivery(m, e, text(e.input(), "deploymentId")); d != nil {
		return jsonReply(object{"deploymentInfo": showDelivery(d)})
	}
	return nil
}

// getRevision answers with the AppSpec of a played deployment.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_GetApplicationRevision.html
func getRevision(m *memory, e *exchange) *reply {
	in := e.input()
	name, sum := text(in, "applicationName"), text(child(child(in, "revision"), "appSpecContent"), "sha256")
	if _, ok := m.codedeploy.applications[applicationARN(m, e, name)]; !ok {
		return applicationMissing(name)
	}
	for _, d := range m.world.Deliveries() {
		if d.Region != e.operation.region || d.Application != name || sum == "" || text(child(named(d.Revision), "appSpecContent"), "sha256") != sum {
			continue
		}
		return jsonReply(object{"applicationName": name, "revision": described(d.Revision, sum), "revisionInfo": object{
			"deploymentGroups": []any{d.Group}, "firstUsedTime": epoch(d.Created), "lastUsedTime": epoch(d.Created), "registerTime": epoch(d.Created),
		}})
	}
	return jsonFailure("RevisionDoesNotExistException", "No AppSpec with the SHA-256 %q was deployed for application %s", sum, name)
}

// batchGetDeployments answers where every deployment is a played one.
func batchGetDeployments(m *memory, e *exchange) *reply {
	found := []any{}
	ids := texts(e.input(), "deploymentIds")
	for _, id := range ids {
		if d := delivery(m, e, id); d != nil {
			found = append(found, showDelivery(d))
		}
	}
	if len(ids) == 0 || len(found) < len(ids) {
		return nil
	}
	return jsonReply(object{"deploymentsInfo": found})
}

// listDeployments lists played deployments, newest first.
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_ListDeployments.html
func listDeployments(m *memory, e *exchange) *reply {
	in := e.input()
	application, name := text(in, "applicationName"), text(in, "deploymentGroupName")
	if application != "" && name != "" {
		g, missing := group(m, e, name)
		if missing != nil {
			return missing
		}
		if text(g, "computePlatform") != "ECS" {
			return nil
		}
	}
	statuses := texts(in, "includeOnlyStatuses")
	ids := []any{}
	for _, d := range m.world.Deliveries() {
		wanted := len(statuses) == 0
		for _, status := range statuses {
			wanted = wanted || status == d.Status
		}
		if wanted && d.Region == e.operation.region && (application == "" || d.Application == application) && (name == "" || d.Group == name) {
			ids = append(ids, d.ID)
		}
	}
	return jsonReply(object{"deployments": ids})
}

func continueDeployment(m *memory, e *exchange) *reply {
	in := e.input()
	d := delivery(m, e, text(in, "deploymentId"))
	if d == nil {
		return deliveryMissing(text(in, "deploymentId"))
	}
	wait := text(in, "deploymentWaitType")
	if wait == "" {
		wait = "READY_WAIT"
	}
	if err := d.Continue(wait); err != nil {
		return refusedBy(err)
	}
	return jsonReply(object{})
}

func stopDeployment(m *memory, e *exchange) *reply {
	in := e.input()
	d := delivery(m, e, text(in, "deploymentId"))
	if d == nil {
		return deliveryMissing(text(in, "deploymentId"))
	}
	var rollback *bool
	if given, ok := in["autoRollbackEnabled"].(bool); ok {
		rollback = &given
	}
	if err := d.Stop(rollback); err != nil {
		return refusedBy(err)
	}
	return jsonReply(object{"status": "Succeeded", "statusMessage": "No more tasks are started for the deployment."})
}
