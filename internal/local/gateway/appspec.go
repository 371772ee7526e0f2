package gateway

import (
	"encoding/json"
	"fmt"

	"github.com/goccy/go-yaml"
)

// appSpec is what an AppSpec says about an ECS service:
// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
type appSpec struct {
	taskDefinition, container string
	port                      int
	// shown are the properties that the new task set has, named as in ECS.
	shown object
}

func badSpec(format string, args ...any) *reply {
	return jsonFailure("InvalidRevisionException", "The AppSpec is invalid: %s", fmt.Sprintf(format, args...))
}

// specOf reads the AppSpec of a revision, JSON or YAML.
func specOf(revision object) (*appSpec, *reply) {
	content := text(child(revision, "appSpecContent"), "content")
	switch kind := text(revision, "revisionType"); kind {
	case "":
		return nil, jsonFailure("RevisionRequiredException", "The revision is required: revisionType is not set")
	case "AppSpecContent":
	case "String":
		content = text(child(revision, "string"), "content")
	default:
		return nil, jsonFailure("InvalidRevisionException", "The revision type %s is not played, want AppSpecContent", kind)
	}
	if content == "" {
		return nil, jsonFailure("RevisionRequiredException", "The revision is required: its content is empty")
	}
	// JSON is YAML; by way of JSON both have the same types.
	asJSON, err := yaml.YAMLToJSON([]byte(content))
	if err != nil {
		return nil, badSpec("it is neither JSON nor YAML: %v", err)
	}
	v, err := decodeJSON(asJSON)
	document, ok := v.(object)
	if err != nil || !ok {
		return nil, badSpec("it is no object")
	}
	return readSpec(document)
}

func readSpec(document object) (*appSpec, *reply) {
	// https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure.html
	if version := fmt.Sprint(document["version"]); version != "0" && version != "0.0" {
		return nil, badSpec("version is %s, want 0.0", version)
	}
	resources := objects(document, "Resources")
	if len(resources) != 1 || len(resources[0]) != 1 {
		return nil, badSpec("Resources has %d entries, want one with the service", len(resources))
	}
	for name := range resources[0] {
		service := child(resources[0], name)
		if kind := text(service, "Type"); kind != "AWS::ECS::Service" {
			return nil, badSpec("Resources.%s.Type is %q, want AWS::ECS::Service", name, kind)
		}
		return readProperties(child(service, "Properties"), "Resources."+name+".Properties.")
	}
	return nil, nil
}

func readProperties(properties object, path string) (*appSpec, *reply) {
	balancer := child(properties, "LoadBalancerInfo")
	s := &appSpec{
		taskDefinition: text(properties, "TaskDefinition"), container: text(balancer, "ContainerName"),
		port: integer(balancer, "ContainerPort"), shown: object{},
	}
	switch {
	case s.taskDefinition == "":
		return nil, badSpec("%sTaskDefinition is not set, want the ARN of a task definition", path)
	case s.container == "":
		return nil, badSpec("%sLoadBalancerInfo.ContainerName is not set, want a container's name", path)
	case s.port < 1 || s.port > 65535:
		return nil, badSpec("%sLoadBalancerInfo.ContainerPort is %v, want 1 to 65535", path, balancer["ContainerPort"])
	}
	if v := text(properties, "PlatformVersion"); v != "" {
		s.shown["platformVersion"] = v
	}
	if network := child(child(properties, "NetworkConfiguration"), "AwsvpcConfiguration"); network != nil {
		s.shown["networkConfiguration"] = object{"awsvpcConfiguration": renamed(network, map[string]string{
			"Subnets": "subnets", "SecurityGroups": "securityGroups", "AssignPublicIp": "assignPublicIp",
		})}
	}
	var strategy []any
	for _, provider := range objects(properties, "CapacityProviderStrategy") {
		strategy = append(strategy, renamed(provider, map[string]string{"CapacityProvider": "capacityProvider", "Base": "base", "Weight": "weight"}))
	}
	if strategy != nil {
		s.shown["capacityProviderStrategy"] = strategy
	}
	return s, nil
}

func renamed(o object, names map[string]string) object {
	out := object{}
	for from, to := range names {
		if v := o[from]; v != nil {
			out[to] = v
		}
	}
	return out
}

// hasContainer says that a task definition has a container of that name.
func (s *appSpec) hasContainer(names []string) *reply {
	for _, name := range names {
		if name == s.container {
			return nil
		}
	}
	list, _ := json.Marshal(names)
	return badSpec("LoadBalancerInfo.ContainerName is %q, want one of the task definition's containers %s", s.container, list)
}
