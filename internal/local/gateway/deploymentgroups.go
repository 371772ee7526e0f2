package gateway

import (
	"strings"

	"github.com/google/uuid"

	"evenkeel/internal/local/gateway/play"
)

func groupARN(m *memory, e *exchange, application, group string) string {
	return codedeployARN(m, e, "deploymentgroup", application+"/"+group)
}

func groupMissing(application, group string) *reply {
	return jsonFailure("DeploymentGroupDoesNotExistException", "No deployment group found for name: %s in application %s", group, application)
}

// group finds the group that a request names, or the error that AWS answers.
func group(m *memory, e *exchange, name string) (object, *reply) {
	application := text(e.input(), "applicationName")
	if _, ok := m.codedeploy.applications[applicationARN(m, e, application)]; !ok {
		return nil, applicationMissing(application)
	}
	g, ok := m.codedeploy.groups[groupARN(m, e, application, name)]
	if !ok {
		return nil, groupMissing(application, name)
	}
	return g, nil
}

func createGroup(m *memory, e *exchange, r *reply) {
	in := e.input()
	application, ok := m.codedeploy.applications[applicationARN(m, e, text(in, "applicationName"))]
	if !ok {
		*r = *applicationMissing(text(in, "applicationName"))
		return
	}
	arn := groupARN(m, e, text(in, "applicationName"), text(in, "deploymentGroupName"))
	if _, ok := m.codedeploy.groups[arn]; ok {
		return
	}
	id := uuid.NewString()
	if !createdAnyway(r, "DeploymentGroupAlreadyExistsException", object{"deploymentGroupId": id}) {
		return
	}
	*r = *jsonReply(object{"deploymentGroupId": id})
	made := object{
		"deploymentGroupId": id, "computePlatform": application["computePlatform"],
		"deploymentConfigName": defaultConfig(text(application, "computePlatform")),
	}
	fillGroup(made, in)
	m.codedeploy.groups[arn] = made
	m.codedeploy.tags.replace(arn, in["tags"])
}

// defaultConfig is what AWS uses where a group names none:
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
func defaultConfig(platform string) string {
	switch platform {
	case "ECS":
		return "CodeDeployDefault.ECSAllAtOnce"
	case "Lambda":
		return "CodeDeployDefault.LambdaAllAtOnce"
	}
	return "CodeDeployDefault.OneAtATime"
}

// fillGroup takes over the parameters that describe the group.
func fillGroup(g, in object) {
	for k, v := range in {
		switch k {
		case "tags", "currentDeploymentGroupName", "newDeploymentGroupName":
		default:
			if v != nil {
				g[k] = v
			}
		}
	}
}

func getGroup(m *memory, e *exchange) *reply {
	g, missing := group(m, e, text(e.input(), "deploymentGroupName"))
	if missing != nil {
		return missing
	}
	return jsonReply(object{"deploymentGroupInfo": g})
}

func listGroups(m *memory, e *exchange) *reply {
	name := text(e.input(), "applicationName")
	if _, ok := m.codedeploy.applications[applicationARN(m, e, name)]; !ok {
		return applicationMissing(name)
	}
	return jsonReply(object{
		"applicationName": name, "deploymentGroups": namesBelow(m.codedeploy.groups, groupARN(m, e, name, "")),
	})
}

func updateGroup(m *memory, e *exchange) *reply {
	in := e.input()
	name := text(in, "currentDeploymentGroupName")
	g, missing := group(m, e, name)
	if missing != nil {
		return missing
	}
	if renamed := text(in, "newDeploymentGroupName"); renamed != "" && renamed != name {
		// Moto would go on knowing the old name, so that a deployment would fail.
		return failure(protocolJSON, CodeNotImplemented, notImplemented(e.operation)+": a deployment group cannot be renamed there")
	}
	fillGroup(g, in)
	return jsonReply(object{"hooksNotCleanedUp": []any{}})
}

func deleteGroup(m *memory, e *exchange) *reply {
	in := e.input()
	arn := groupARN(m, e, text(in, "applicationName"), text(in, "deploymentGroupName"))
	delete(m.codedeploy.groups, arn)
	m.codedeploy.tags.remove(arn)
	return jsonReply(object{"hooksNotCleanedUp": []any{}})
}

func configKey(m *memory, e *exchange, name string) string {
	return codedeployARN(m, e, "deploymentconfig", name)
}

func createConfig(m *memory, e *exchange) *reply {
	in := e.input()
	name := text(in, "deploymentConfigName")
	key := configKey(m, e, name)
	if _, ok := m.codedeploy.configs[key]; ok || strings.HasPrefix(name, predefined) {
		return jsonFailure("DeploymentConfigAlreadyExistsException", "Deployment configuration %s already exists", name)
	}
	id := uuid.NewString()
	m.codedeploy.configs[key] = merged(in, object{"deploymentConfigId": id, "createTime": epochNow()})
	return jsonReply(object{"deploymentConfigId": id})
}

// predefined starts the names of AWS's own configurations.
const predefined = "CodeDeployDefault."

func getConfig(m *memory, e *exchange) *reply {
	name := text(e.input(), "deploymentConfigName")
	config, ok := m.codedeploy.configs[configKey(m, e, name)]
	routing, known := play.Predefined(name)
	switch {
	case ok:
		return jsonReply(object{"deploymentConfigInfo": config})
	case known:
		return jsonReply(object{"deploymentConfigInfo": showPredefined(name, routing)})
	case strings.HasPrefix(name, predefined):
		return failure(protocolJSON, CodeNotImplemented, notImplemented(e.operation)+" for "+name)
	}
	return configMissing(name)
}

func configMissing(name string) *reply {
	return jsonFailure("DeploymentConfigDoesNotExistException", "No deployment configuration found for name: %s", name)
}

func showPredefined(name string, r play.Routing) object {
	traffic := object{"type": r.Kind}
	switch r.Kind {
	case play.RouteCanary:
		traffic["timeBasedCanary"] = object{"canaryPercentage": r.Percent, "canaryInterval": r.Minutes}
	case play.RouteLinear:
		traffic["timeBasedLinear"] = object{"linearPercentage": r.Percent, "linearInterval": r.Minutes}
	}
	return object{"deploymentConfigName": name, "computePlatform": "ECS", "trafficRoutingConfig": traffic}
}

func listConfigs(m *memory, e *exchange) *reply {
	return jsonReply(object{"deploymentConfigsList": namesBelow(m.codedeploy.configs, configKey(m, e, ""))})
}

func deleteConfig(m *memory, e *exchange) *reply {
	name := text(e.input(), "deploymentConfigName")
	if strings.HasPrefix(name, predefined) {
		return jsonFailure("InvalidOperationException", "%s is AWS's own", name)
	}
	for _, g := range m.codedeploy.groups {
		if text(g, "deploymentConfigName") == name {
			return jsonFailure("DeploymentConfigInUseException", "deployment configuration %s is in use", name)
		}
	}
	delete(m.codedeploy.configs, configKey(m, e, name))
	return jsonReply(object{})
}
