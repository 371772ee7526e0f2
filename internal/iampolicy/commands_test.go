package iampolicy_test

import (
	"reflect"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/iampolicy"
	"evenkeel/internal/release"
)

// What `evenkeel release` can call are the methods of its clients.
func TestDeployMayWhatAReleaseCalls(t *testing.T) {
	prefixes := map[string]string{
		"ECS": "ecs", "CodeDeploy": "codedeploy", "ECR": "ecr", "CloudWatch": "cloudwatch", "Secrets": "secretsmanager", "IAM": "iam",
	}
	actions, err := iampolicy.AllowedActions(input("dev"), iampolicy.Deploy)
	require.NoError(t, err)
	clients := reflect.TypeFor[release.Clients]()
	require.NotZero(t, clients.NumField())
	for i := range clients.NumField() {
		f := clients.Field(i)
		if !assert.Contains(t, prefixes, f.Name, "a client of another service: name its prefix here") {
			continue
		}
		for j := range f.Type.NumMethod() {
			assert.Contains(t, actions, prefixes[f.Name]+":"+f.Type.Method(j).Name)
		}
	}
}
