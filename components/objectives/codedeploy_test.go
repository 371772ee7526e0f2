package objectives_test

import (
	"encoding/json"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/objectives"
	"evenkeel/internal/golden"
	"evenkeel/internal/pulumitest"
)

func withCodeDeploy() *objectives.Args {
	a := valid()
	a.Spec.TwoTargetGroups, a.DeploymentGroup = true, "orders-prod"
	a.OtherTargetGroupARNSuffix = pulumi.String("targetgroup/orders-green/3")
	return a
}

// ECS sends no event of a deployment that CodeDeploy runs: the alarms would
// never see one.
func TestEventsOfCodeDeploy(t *testing.T) {
	regs := run(t, withCodeDeploy())
	all := map[string]any{}
	for _, event := range []string{"deployment-started", "deployment-failed", "task-stopped", "other"} {
		text := pulumitest.Text(t, pulumitest.Find(t, regs, ruleType, "objectives-rule-"+event), "eventPattern")
		var pattern any
		require.NoError(t, json.Unmarshal([]byte(text), &pattern))
		all[event] = pattern
		assert.NotContains(t, text, "ECS Deployment State Change", event)
	}
	golden.Equal(t, "testdata/patterns-codedeploy.json", pretty(t, all))
}

func TestTheSameAlarmsWithCodeDeploy(t *testing.T) {
	assert.Equal(t, pulumitest.Addresses(run(t, valid())), pulumitest.Addresses(run(t, withCodeDeploy())))
	regs := run(t, withCodeDeploy())
	hosts := pulumitest.Find(t, regs, metricType, "objectives-no-healthy-host-signal").Plain()
	raw, err := json.Marshal(hosts["metricQueries"])
	require.NoError(t, err)
	assert.Contains(t, string(raw), `"TargetGroup":"targetgroup/orders/2"`)
	assert.Contains(t, string(raw), `"TargetGroup":"targetgroup/orders-green/3"`)
	told := pulumitest.Find(t, regs, metricType, "objectives-deployment-failed").Plain()["alarmDescription"]
	assert.Contains(t, told, "CodeDeploy goes back to the one before")
}
