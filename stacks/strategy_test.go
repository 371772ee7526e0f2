package stacks_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/pulumitest"
	"evenkeel/stacks"
)

const (
	serviceType       = "aws:ecs/service:Service"
	listenerType      = "aws:lb/listener:Listener"
	groupType         = "aws:codedeploy/deploymentGroup:DeploymentGroup"
	configurationType = "aws:codedeploy/deploymentConfig:DeploymentConfig"
)

// deployedLast answers the program's question for its last deployment.
func deployedLast(outputs map[string]any) pulumitest.Option {
	return pulumitest.WithInvoke("pulumi:pulumi:readStackOutputs", map[string]any{"outputs": outputs})
}

// serving is what a stack that serves has as outputs; "" is one from before
// there were strategies.
func serving(strategy string) pulumitest.Option {
	out := map[string]any{"image": digest}
	if strategy != "" {
		out["deploymentStrategy"] = strategy
	}
	return deployedLast(out)
}

// deployment edits the deployment's keys.
func deployment(t *testing.T, keys map[string]any) map[string]string {
	t.Helper()
	raw, err := json.Marshal(keys)
	require.NoError(t, err)
	return map[string]string{"evenkeel:deployment": string(raw)}
}

func find(t *testing.T, regs []pulumitest.Registration, typ, name string) map[string]any {
	t.Helper()
	return pulumitest.Find(t, regs, typ, name).Plain()
}

func TestRollingHasNothingOfCodeDeploy(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		regs, err := record(t, stack, nil, serving("rolling"))
		require.NoError(t, err)
		for _, r := range regs {
			assert.NotContains(t, r.Type, "codedeploy", r.Address())
			assert.NotContains(t, r.Name, "green", r.Address())
			assert.Empty(t, r.ReplaceOnChanges, r.Address())
		}
	}
}

// What a strategy adds is the same in both stacks, and renames nothing.
func TestStrategiesAdd(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		rolling, err := record(t, stack, nil)
		require.NoError(t, err)
		for strategy, own := range map[string]bool{"blueGreen": false, "canary": true, "linear": false} {
			regs, err := record(t, stack, deployment(t, map[string]any{"strategy": strategy}))
			require.NoError(t, err)
			want := append(pulumitest.Addresses(rolling),
				"evenkeel:components:Delivery delivery", "aws:codedeploy/application:Application delivery-application", groupType+" delivery-group",
				"aws:iam/role:Role delivery-role", "aws:iam/rolePolicy:RolePolicy delivery-policy",
				"aws:lb/targetGroup:TargetGroup ingress-targets-green", listenerType+" ingress-test-listener",
				"aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule ingress-test-0.0.0.0-0")
			if own {
				want = append(want, configurationType+" delivery-configuration")
			}
			assert.ElementsMatch(t, want, pulumitest.Addresses(regs), "%s: %s", stack, strategy)
		}
	}
}

func TestHowTrafficMoves(t *testing.T) {
	for name, tc := range map[string]struct {
		stack string
		keys  map[string]any
		want  string
		wait  float64
	}{
		"all at once":    {"dev", map[string]any{"strategy": "blueGreen"}, "CodeDeployDefault.ECSAllAtOnce", 10},
		"canary":         {"dev", map[string]any{"strategy": "canary", "canaryMinutes": 15}, "CodeDeployDefault.ECSCanary10Percent15Minutes", 10},
		"linear":         {"prod", map[string]any{"strategy": "linear"}, "CodeDeployDefault.ECSLinear10PercentEvery1Minutes", 60},
		"canary of ours": {"prod", map[string]any{"strategy": "canary", "canaryPercent": 20, "canaryMinutes": 30}, "orders-prod-canary-20-30", 60},
		"linear of ours": {
			"dev", map[string]any{"strategy": "linear", "linearPercent": 25, "linearMinutes": 2, "terminationWaitMinutes": 1}, "orders-dev-linear-25-2", 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			regs, err := record(t, tc.stack, deployment(t, tc.keys))
			require.NoError(t, err)
			group := find(t, regs, groupType, "delivery-group")
			assert.Equal(t, tc.want, group["deploymentConfigName"])
			assert.Equal(t, !strings.HasPrefix(tc.want, "CodeDeployDefault."),
				slices.Contains(pulumitest.Addresses(regs), configurationType+" delivery-configuration"))
			steps := group["blueGreenDeploymentConfig"].(map[string]any)
			assert.Equal(t, tc.wait, steps["terminateBlueInstancesOnDeploymentSuccess"].(map[string]any)["terminationWaitTimeInMinutes"])
			assert.Equal(t, []any{"orders-" + tc.stack + "-errors-signal", "orders-" + tc.stack + "-slow-answers-signal"},
				group["alarmConfiguration"].(map[string]any)["alarms"])
			production := map[string]string{"dev": "ingress-http", "prod": "ingress-https"}[tc.stack]
			assert.Equal(t, map[string]any{
				"prodTrafficRoute": map[string]any{"listenerArns": []any{"${" + listenerType + "::" + production + ".arn}"}},
				"testTrafficRoute": map[string]any{"listenerArns": []any{"${" + listenerType + "::ingress-test-listener.arn}"}},
				"targetGroups": []any{
					map[string]any{"name": "${aws:lb/targetGroup:TargetGroup::ingress-targets.name}"},
					map[string]any{"name": "${aws:lb/targetGroup:TargetGroup::ingress-targets-green.name}"},
				},
			}, group["loadBalancerInfo"].(map[string]any)["targetGroupPairInfo"])
		})
	}
}

func TestTestPort(t *testing.T) {
	port := func(stack string, keys map[string]any) any {
		keys["strategy"] = "canary"
		regs, err := record(t, stack, deployment(t, keys))
		require.NoError(t, err)
		return find(t, regs, listenerType, "ingress-test-listener")["port"]
	}
	assert.Equal(t, 8080.0, port("dev", map[string]any{}), "plain HTTP")
	assert.Equal(t, 8443.0, port("prod", map[string]any{}), "with a certificate")
	assert.Equal(t, 9000.0, port("prod", map[string]any{"testPort": 9000}))
}

// The number of tasks follows requests of whichever group is live.
func TestScalingFollowsBothTargetGroups(t *testing.T) {
	edits := deployment(t, map[string]any{"strategy": "linear"})
	edits["evenkeel:autoscaling"] = `{"minimumTasks":1,"maximumTasks":4,"requestsPerTask":500}`
	edits["evenkeel:image"] = digest
	regs, err := record(t, "dev", edits)
	require.NoError(t, err)
	raw, err := json.Marshal(find(t, regs, "aws:appautoscaling/policy:Policy", "autoscaling-requests"))
	require.NoError(t, err)
	for _, group := range []string{"ingress-targets", "ingress-targets-green"} {
		assert.Contains(t, string(raw), "${aws:lb/targetGroup:TargetGroup::"+group+".arnSuffix}")
	}
	assert.NotContains(t, string(raw), "ALBRequestCountPerTarget")
	board := find(t, regs, "aws:cloudwatch/dashboard:Dashboard", "dashboard-dashboard")["dashboardBody"]
	assert.Contains(t, board, "${aws:lb/targetGroup:TargetGroup::ingress-targets-green.arnSuffix}")
}

// Until the first image the service is replaced by what changes it; then what
// it runs is CodeDeploy's.
func TestServiceUnderCodeDeploy(t *testing.T) {
	owned := []string{"taskDefinition", "loadBalancers", "networkConfiguration", "platformVersion", "capacityProviderStrategies"}
	canary := deployment(t, map[string]any{"strategy": "canary"})
	image := map[string]string{"evenkeel:image": digest, "evenkeel:deployment": canary["evenkeel:deployment"]}
	for name, tc := range map[string]struct {
		edits            map[string]string
		last             pulumitest.Option
		ignored, replace []string
	}{
		"no image":        {canary, neverDeployed(), nil, owned},
		"the first image": {image, deployedLast(map[string]any{"image": "", "deploymentStrategy": "canary"}), nil, owned},
		"serving":         {canary, serving("linear"), append(slices.Clone(owned), "desiredCount"), nil},
		"the next image":  {image, serving("canary"), append(slices.Clone(owned), "desiredCount"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			regs, err := record(t, "dev", tc.edits, tc.last)
			require.NoError(t, err)
			r := pulumitest.Find(t, regs, serviceType, "orders-service")
			assert.Equal(t, tc.ignored, r.IgnoreChanges)
			assert.Equal(t, tc.replace, r.ReplaceOnChanges)
			assert.Equal(t, map[string]any{"type": "CODE_DEPLOY"}, r.Plain()["deploymentController"])
			for _, listener := range []string{"ingress-http", "ingress-test-listener"} {
				assert.Equal(t, []string{"defaultActions"}, pulumitest.Find(t, regs, listenerType, listener).IgnoreChanges)
			}
		})
	}
}

func TestAmongCodeDeploysStrategiesNothingStandsInTheWay(t *testing.T) {
	for _, was := range []string{"blueGreen", "canary", "linear"} {
		for _, is := range []string{"blueGreen", "canary", "linear"} {
			_, err := record(t, "dev", deployment(t, map[string]any{"strategy": is}), serving(was))
			assert.NoError(t, err, "%s to %s", was, is)
		}
	}
	for _, is := range []string{"rolling", "canary"} {
		_, err := record(t, "dev", deployment(t, map[string]any{"strategy": is}), deployedLast(map[string]any{"deploymentStrategy": "rolling", "image": ""}))
		assert.NoError(t, err, "%s: nothing was ever deployed", is)
		_, err = record(t, "dev", deployment(t, map[string]any{"strategy": is}), deployedLast(map[string]any{"deploymentStrategy": "canary", "image": ""}))
		assert.NoError(t, err, "%s: nothing was ever deployed", is)
	}
}

// ECS cannot change who deploys a service.
func TestWhatRunsKeepsItsDeployer(t *testing.T) {
	for name, tc := range map[string]struct{ was, is, says string }{
		"to CodeDeploy":                     {"rolling", "canary", `is "canary", but what runs was deployed with "rolling"`},
		"from CodeDeploy":                   {"linear", "rolling", `is "rolling", but what runs was deployed with "linear"`},
		"from before there were strategies": {"", "blueGreen", `is "blueGreen", but what runs was deployed with "rolling"`},
	} {
		t.Run(name, func(t *testing.T) {
			regs, err := record(t, "dev", deployment(t, map[string]any{"strategy": tc.is}), serving(tc.was))
			require.ErrorContains(t, err, "Pulumi.dev.yaml has 1 problem:\n  evenkeel:deployment.strategy: "+tc.says)
			assert.ErrorContains(t, err, "set evenkeel:deployment.replaceService: true")
			var refused *stacks.ConfigError
			require.ErrorAs(t, err, &refused)
			require.Len(t, refused.Problems, 1)
			assert.EqualValues(t, "evenkeel:deployment.strategy", refused.Problems[0].Path)
			assert.Empty(t, regs, "nothing may change")
		})
	}
	_, err := record(t, "dev", nil, serving(""))
	assert.NoError(t, err, "a stack from before there were strategies goes on")
}

// A service that takes another one's place starts with what Pulumi says, not
// with what was ignored until now.
func TestAnnouncedReplacement(t *testing.T) {
	regs, err := record(t, "dev", deployment(t, map[string]any{"strategy": "canary", "replaceService": true}), serving("rolling"))
	require.NoError(t, err)
	r := pulumitest.Find(t, regs, serviceType, "orders-service")
	assert.Equal(t, []string{"desiredCount"}, r.IgnoreChanges)
	assert.True(t, r.DeleteBeforeReplace)
	assert.Empty(t, pulumitest.Find(t, regs, listenerType, "ingress-http").ReplaceOnChanges)

	regs, err = record(t, "dev", deployment(t, map[string]any{"replaceService": true}), serving("canary"))
	require.NoError(t, err)
	listener := pulumitest.Find(t, regs, listenerType, "ingress-http")
	assert.Equal(t, []string{"tags.TrafficMovedBy"}, listener.ReplaceOnChanges, "it may forward to the group that goes")
	assert.Empty(t, listener.IgnoreChanges)
	assert.Equal(t, map[string]any{"type": "ECS"}, find(t, regs, serviceType, "orders-service")["deploymentController"])

	// The key may stay: it does nothing more.
	regs, err = record(t, "dev", deployment(t, map[string]any{"strategy": "canary", "replaceService": true}), serving("canary"))
	require.NoError(t, err)
	assert.Contains(t, pulumitest.Find(t, regs, serviceType, "orders-service").IgnoreChanges, "taskDefinition")
}

// The service waits for every alarm and for the listeners, on every run: what a
// dependency on a component means depends on which of its children are known.
func TestServiceWaitsForAlarmsAndListeners(t *testing.T) {
	for range 5 {
		regs, err := record(t, "dev", deployment(t, map[string]any{"strategy": "canary"}))
		require.NoError(t, err)
		waits := strings.Join(pulumitest.Find(t, regs, serviceType, "orders-service").DependsOn, "\n")
		alarms := 0
		for _, r := range regs {
			if strings.HasPrefix(r.Name, "objectives-") && strings.HasSuffix(r.Type, "Alarm") {
				alarms++
				assert.Contains(t, waits, r.URN)
			}
		}
		assert.Greater(t, alarms, 40)
		assert.Contains(t, waits, listenerType+"::ingress-http\n")
		assert.Contains(t, waits+"\n", listenerType+"::ingress-test-listener\n")
	}
}

// What a release notes on a revision must not look like drift.
func TestReleaseTagsAreNotPulumis(t *testing.T) {
	regs, err := record(t, "prod", nil)
	require.NoError(t, err)
	assert.Equal(t, map[string]any{"keyPrefixes": []any{"evenkeel:"}}, find(t, regs, "pulumi:providers:aws", "aws")["ignoreTags"])
}
