package summary_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/summary"
)

// facts returns the facts of one dimension.
func facts(t *testing.T, d summary.Dimension, resources ...summary.Resource) []string {
	t.Helper()
	for _, s := range summary.Of(resources) {
		if s.Dimension == d {
			return s.Facts
		}
	}
	require.Fail(t, "no such dimension", "%s", d)
	return nil
}

func TestNothing(t *testing.T) {
	sections := summary.Of([]summary.Resource{{Type: "evenkeel:components:Service", Name: "orders"}, {Type: "pulumi:pulumi:Stack", Name: "dev"}})
	require.Len(t, sections, len(summary.Dimensions))
	for i, s := range sections {
		assert.Equal(t, summary.Section{Dimension: summary.Dimensions[i], Facts: []string{}}, s)
	}
}

func TestUnknownTypesAreNotPassedOver(t *testing.T) {
	sections := summary.Of([]summary.Resource{{Type: "aws:new/thing:Thing", Name: "a"}, {Type: "aws:new/thing:Thing", Name: "b"}})
	assert.Equal(t, summary.Section{Dimension: summary.Other, Resources: 2, Facts: []string{"2 aws:new/thing:Thing"}}, sections[len(sections)-1])
}

func TestServiceSize(t *testing.T) {
	const definition, service = "aws:ecs/taskDefinition:TaskDefinition", "aws:ecs/service:Service"
	task := func(parent, cpu string) summary.Resource {
		return summary.Resource{Type: definition, Parent: parent, Inputs: map[string]any{
			"cpu": cpu, "memory": "2048", "runtimePlatform": map[string]any{"cpuArchitecture": "X86_64"},
		}}
	}
	assert.Equal(t, []string{
		`service "a": no task yet (1 vCPU / 2048 MiB X86_64), rolling`,
		`service "b": 1 task (0.5 vCPU / 2048 MiB X86_64), rolling with circuit breaker and rollback`,
	}, facts(t, summary.Deployment, task("pa", "1024"), task("pb", "512"),
		summary.Resource{Type: service, Name: "b", Parent: "pb", Inputs: map[string]any{
			"name": "b", "desiredCount": 1.0, "deploymentCircuitBreaker": map[string]any{"enable": true, "rollback": true},
		}},
		summary.Resource{Type: service, Name: "a", Parent: "pa", Inputs: map[string]any{"name": "a", "desiredCount": 0.0}},
	))
}

func TestDeploymentsByCodeDeploy(t *testing.T) {
	assert.Equal(t, []string{
		`service "orders": 2 tasks, deployed by CodeDeploy`,
		"traffic moves by ECSLinear10PercentEvery1Minutes, back on 2 alarms or failure, old tasks kept for 60 min",
	}, facts(t, summary.Deployment,
		summary.Resource{Type: "aws:ecs/service:Service", Inputs: map[string]any{
			"name": "orders", "desiredCount": 2.0, "deploymentController": map[string]any{"type": "CODE_DEPLOY"},
		}},
		summary.Resource{Type: "aws:codedeploy/deploymentConfig:DeploymentConfig"}, summary.Resource{Type: "aws:codedeploy/application:Application"},
		summary.Resource{Type: "aws:codedeploy/deploymentGroup:DeploymentGroup", Inputs: map[string]any{
			"deploymentConfigName": "CodeDeployDefault.ECSLinear10PercentEvery1Minutes",
			"alarmConfiguration":   map[string]any{"alarms": []any{"a", "b"}},
			"blueGreenDeploymentConfig": map[string]any{
				"terminateBlueInstancesOnDeploymentSuccess": map[string]any{"terminationWaitTimeInMinutes": 60.0},
			},
		}},
	))
}

func TestSubscribersAreFoundByIDToo(t *testing.T) {
	topic := summary.Resource{Type: "aws:sns/topic:Topic", Name: "page", ID: "arn:page", Inputs: map[string]any{"name": "orders-page"}}
	mail := summary.Resource{Type: "aws:sns/topicSubscription:TopicSubscription", Inputs: map[string]any{"topic": "arn:page", "endpoint": "a@example.com"}}
	assert.Equal(t, []string{`topic "orders-page" to a@example.com`}, facts(t, summary.Incidents, topic, mail))
	mail.Inputs["topic"] = "arn:page-2"
	assert.Equal(t, []string{`topic "orders-page", which nobody has subscribed to`}, facts(t, summary.Incidents, topic, mail))
}

func TestInputsOfAProviderAreText(t *testing.T) {
	provider := summary.Resource{Type: "pulumi:providers:aws", Inputs: map[string]any{"defaultTags": `{"tags":{"Team":"payments"}}`}}
	assert.Equal(t, []string{"every resource is tagged: Team payments"}, facts(t, summary.Cost, provider))
}

func TestNewNetworksAreToldByTheirGateways(t *testing.T) {
	gateway := summary.Resource{Type: "aws:ec2/natGateway:NatGateway"}
	assert.Equal(t, []string{"2 NAT gateways"}, facts(t, summary.Cost, gateway, gateway))
}
