package service_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/service"
	"evenkeel/internal/pulumitest"
)

// deployed is what only a deployment of CodeDeploy may change.
var deployed = []string{"taskDefinition", "loadBalancers", "networkConfiguration", "platformVersion", "capacityProviderStrategies"}

func withCodeDeploy(serving, scaled bool) *service.Args {
	a := valid()
	a.CodeDeploy, a.Serving, a.Scaled, a.DesiredCount = true, serving, scaled, 2
	return a
}

func TestCodeDeployDeploys(t *testing.T) {
	got := inputs(t, run(t, withCodeDeploy(true, true)), serviceType, "api-service")
	assert.Equal(t, map[string]any{"type": "CODE_DEPLOY"}, got["deploymentController"])
	assert.NotContains(t, got, "deploymentCircuitBreaker", "ECS has none for it")
	assert.NotContains(t, got, "alarms", "the deployment group has them")
	assert.Equal(t, false, got["forceNewDeployment"], "ECS refuses it")
	assert.Equal(t, "DISABLED", got["availabilityZoneRebalancing"], "it would move tasks during a shift")
	assert.Equal(t, 100.0, got["deploymentMinimumHealthyPercent"])
	assert.Equal(t, 200.0, got["deploymentMaximumPercent"])
}

// Until the first image no task runs: whatever only a deployment could change
// takes another service. From then on it is CodeDeploy's, to the end.
func TestWhoOwnsWhatOfTheService(t *testing.T) {
	for name, tc := range map[string]struct {
		args             *service.Args
		ignored, replace []string
	}{
		"rolling":                    {valid(), nil, nil},
		"no image yet":               {withCodeDeploy(false, false), nil, deployed},
		"serving":                    {withCodeDeploy(true, true), append(append([]string{}, deployed...), "desiredCount"), nil},
		"serving, not scaled":        {withCodeDeploy(true, false), deployed, nil},
		"taking another one's place": {withCodeDeploy(false, true), []string{"desiredCount"}, deployed},
	} {
		t.Run(name, func(t *testing.T) {
			r := pulumitest.Find(t, run(t, tc.args), serviceType, "api-service")
			assert.Equal(t, tc.ignored, r.IgnoreChanges)
			assert.Equal(t, tc.replace, r.ReplaceOnChanges)
			assert.True(t, r.DeleteBeforeReplace, "the name is taken")
		})
	}
}

func TestValidateCodeDeploy(t *testing.T) {
	a := withCodeDeploy(true, true)
	assert.NoError(t, a.Validate())
	a.RollbackAlarms = []string{"orders-dev-errors"}
	a.MinimumHealthyPercent, a.MaximumPercent = 50, 150
	pulumitest.Refused(t, service.New, a, "MaximumPercent: is 150 with CodeDeploy, want 200: the new version runs beside the old one\n"+
		"MinimumHealthyPercent: is 50 with CodeDeploy, want 100: the old version runs on as it is\n"+
		"RollbackAlarms: has 1 with CodeDeploy, want them in its deployment group: ECS looks at none")
}
