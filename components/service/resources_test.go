package service_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/service"
	"evenkeel/internal/pulumitest"
)

func TestDeployment(t *testing.T) {
	cases := map[string]struct {
		args *service.Args
		want map[string]any
	}{
		"minimal": {valid(), map[string]any{
			"name": "orders-dev", "desiredCount": 0.0, "deploymentMinimumHealthyPercent": 100.0, "deploymentMaximumPercent": 200.0,
			"healthCheckGracePeriodSeconds": 0.0, "enableExecuteCommand": false,
			"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE", "weight": 1.0}},
		}},
		"full": {full(), map[string]any{
			"name": "orders", "desiredCount": 3.0, "deploymentMinimumHealthyPercent": 50.0, "deploymentMaximumPercent": 150.0,
			"healthCheckGracePeriodSeconds": 120.0, "enableExecuteCommand": true,
			"capacityProviderStrategies": []any{map[string]any{"capacityProvider": "FARGATE_SPOT", "weight": 1.0}},
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := inputs(t, run(t, tc.args), serviceType, "api-service")
			for k, v := range tc.want {
				assert.Equal(t, v, got[k], k)
			}
			assert.Equal(t, map[string]any{"enable": true, "rollback": true}, got["deploymentCircuitBreaker"])
			assert.Equal(t, map[string]any{"type": "ECS"}, got["deploymentController"])
			assert.Equal(t, "ENABLED", got["availabilityZoneRebalancing"])
			assert.Equal(t, "LATEST", got["platformVersion"])
			assert.Equal(t, false, got["waitForSteadyState"], "a rolled-back service is steady, too")
			assert.Equal(t, true, got["forceNewDeployment"], "or moving to Spot would replace the service")
			assert.Equal(t, "SERVICE", got["propagateTags"])
			assert.Equal(t, true, got["enableEcsManagedTags"])
			assert.NotContains(t, got, "launchType", "it excludes a capacity provider strategy")
			assert.Equal(t, "${"+clusterType+"::api-cluster.arn}", got["cluster"])
			assert.Equal(t, "${"+taskType+"::api-task.arn}", got["taskDefinition"])
		})
	}
}

func TestAutoscalingOwnsTheCount(t *testing.T) {
	for name, scaled := range map[string]bool{"scaled": true, "fixed": false} {
		t.Run(name, func(t *testing.T) {
			a := valid()
			a.DesiredCount, a.Scaled = 2, scaled
			svc := pulumitest.Find(t, run(t, a), serviceType, "api-service")
			var ignored []string
			if scaled {
				ignored = []string{"desiredCount"}
			}
			assert.Equal(t, ignored, svc.IgnoreChanges)
			assert.Equal(t, 2.0, svc.Plain()["desiredCount"], "where it starts")
		})
	}
}

func TestRollbackAlarms(t *testing.T) {
	a := valid()
	assert.NotContains(t, inputs(t, run(t, a), serviceType, "api-service"), "alarms")
	a.RollbackAlarms = []string{"orders-dev-errors"}
	assert.Equal(t, map[string]any{"alarmNames": []any{"orders-dev-errors"}, "enable": true, "rollback": true},
		inputs(t, run(t, a), serviceType, "api-service")["alarms"])
}

// ECS cannot rebalance without room for one task more.
func TestNoRebalancingWithoutRoom(t *testing.T) {
	a := valid()
	a.MinimumHealthyPercent, a.MaximumPercent = 0, 100
	got := inputs(t, run(t, a), serviceType, "api-service")
	assert.Equal(t, "DISABLED", got["availabilityZoneRebalancing"])
	assert.Equal(t, 0.0, got["deploymentMinimumHealthyPercent"], "zero is a choice, not a missing value")
}

func TestTasksAreReachableOnlyFromTheLoadBalancer(t *testing.T) {
	regs := run(t, full())
	group := inputs(t, regs, groupType, "api-tasks")
	assert.NotContains(t, group, "ingress", "rules are resources of their own")
	assert.NotContains(t, group, "egress", "rules are resources of their own")
	assert.Equal(t, "Tasks of orders-dev", group["description"])
	assert.Equal(t, "vpc-1", group["vpcId"])

	var in []pulumitest.Registration
	for _, r := range regs {
		if r.Type == ingressType {
			in = append(in, r)
		}
	}
	require.Len(t, in, 1, "nothing else comes in")
	assert.Equal(t, map[string]any{
		"securityGroupId": "${" + groupType + "::api-tasks.id}", "referencedSecurityGroupId": ingressGroup,
		"description": "Requests and health checks from the load balancer",
		"ipProtocol":  "tcp", "fromPort": 9000.0, "toPort": 9000.0,
	}, in[0].Plain())
	assert.Equal(t, map[string]any{
		"securityGroupId": ingressGroup, "referencedSecurityGroupId": "${" + groupType + "::api-tasks.id}",
		"description": "Requests and health checks to the tasks of orders-dev",
		"ipProtocol":  "tcp", "fromPort": 9000.0, "toPort": 9000.0,
	}, inputs(t, regs, egressType, "api-ingress-to-tasks"))

	network := inputs(t, regs, serviceType, "api-service")["networkConfiguration"]
	assert.Equal(t, map[string]any{
		"assignPublicIp": true, "subnets": []any{"subnet-a", "subnet-b"},
		"securityGroups": []any{"${" + groupType + "::api-tasks.id}"},
	}, network)
	assert.Equal(t, []any{map[string]any{
		"containerName": "orders", "containerPort": 9000.0, "targetGroupArn": targetGroup,
	}}, inputs(t, regs, serviceType, "api-service")["loadBalancers"])
}

func TestEgress(t *testing.T) {
	regs := run(t, full())
	rules := map[string]struct {
		cidr     string
		from, to float64
	}{
		"https":       {"0.0.0.0/0", 443, 443},
		"private-10":  {"10.0.0.0/8", 1, 65535},
		"private-172": {"172.16.0.0/12", 1, 65535},
		"private-192": {"192.168.0.0/16", 1, 65535},
		"587":         {"0.0.0.0/0", 587, 587},
		"5671":        {"0.0.0.0/0", 5671, 5671},
	}
	for role, want := range rules {
		got := inputs(t, regs, egressType, "api-tasks-to-"+role)
		assert.Equal(t, want.cidr, got["cidrIpv4"], role)
		assert.Equal(t, want.from, got["fromPort"], role)
		assert.Equal(t, want.to, got["toPort"], role)
		assert.Equal(t, "tcp", got["ipProtocol"], role)
		assert.Equal(t, "${"+groupType+"::api-tasks.id}", got["securityGroupId"], role)
		// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html
		assert.Regexp(t, `^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`, got["description"], role)
	}
}

func TestClusterAndLogs(t *testing.T) {
	minimal, everything := run(t, valid()), run(t, full())

	assert.Equal(t, map[string]any{
		"name":     "orders-dev",
		"settings": []any{map[string]any{"name": "containerInsights", "value": "disabled"}},
	}, inputs(t, minimal, clusterType, "api-cluster"))
	assert.Equal(t, map[string]any{
		"name":     "orders-dev",
		"settings": []any{map[string]any{"name": "containerInsights", "value": "enabled"}},
		"configuration": map[string]any{"executeCommandConfiguration": map[string]any{
			"logging": "OVERRIDE", "logConfiguration": map[string]any{"cloudWatchLogGroupName": "/ecs/orders-dev/exec"},
		}},
	}, inputs(t, everything, clusterType, "api-cluster"))

	assert.Equal(t, map[string]any{"name": "/ecs/orders-dev", "retentionInDays": 30.0}, inputs(t, minimal, logType, "api-logs"))
	assert.Equal(t, map[string]any{"name": "/ecs/orders-dev", "retentionInDays": 90.0}, inputs(t, everything, logType, "api-logs"))
	assert.Equal(t, map[string]any{"name": "/ecs/orders-dev/exec", "retentionInDays": 90.0},
		inputs(t, everything, logType, "api-exec-logs"))

	for _, c := range []struct {
		regs     []pulumitest.Registration
		provider string
	}{{minimal, "FARGATE"}, {everything, "FARGATE_SPOT"}} {
		assert.Equal(t, map[string]any{
			"clusterName": "orders-dev", "capacityProviders": []any{"FARGATE", "FARGATE_SPOT"},
			"defaultCapacityProviderStrategies": []any{map[string]any{"capacityProvider": c.provider, "weight": 1.0}},
		}, inputs(t, c.regs, capacityType, "api-capacity"))
	}
}

func TestTaskDefinition(t *testing.T) {
	task := inputs(t, run(t, valid()), taskType, "api-task")
	delete(task, "containerDefinitions")
	assert.Equal(t, map[string]any{
		"family": "orders-dev", "cpu": "256", "memory": "512", "networkMode": "awsvpc",
		"requiresCompatibilities": []any{"FARGATE"},
		"runtimePlatform":         map[string]any{"cpuArchitecture": "ARM64", "operatingSystemFamily": "LINUX"},
		"executionRoleArn":        "${" + roleType + "::api-execution-role.arn}",
		"taskRoleArn":             "${" + roleType + "::api-task-role.arn}",
		"volumes":                 []any{map[string]any{"name": "tmp"}},
		"skipDestroy":             true,
	}, task)

	task = inputs(t, run(t, full()), taskType, "api-task")
	assert.Equal(t, "512", task["cpu"])
	assert.Equal(t, "1024", task["memory"])
	assert.Equal(t, map[string]any{"cpuArchitecture": "X86_64", "operatingSystemFamily": "LINUX"}, task["runtimePlatform"])
	assert.Equal(t, []any{
		map[string]any{"name": "tmp"},
		map[string]any{"name": "exec-agent"},
		map[string]any{"name": "exec-state"},
		map[string]any{"name": "exec-logs"},
	}, task["volumes"])
}
