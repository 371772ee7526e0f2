package stacks_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/pulumitest"
	"evenkeel/internal/sample"
	"evenkeel/stacks"
)

const digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// neverDeployed answers the program's question for its last deployment.
func neverDeployed() pulumitest.Option {
	return pulumitest.WithInvoke("pulumi:pulumi:readStackOutputs", map[string]any{"outputs": map[string]any{}})
}

// record runs the program for a committed stack; edits replace whole keys.
func record(t *testing.T, stack string, edits map[string]string, opts ...pulumitest.Option) ([]pulumitest.Registration, error) {
	t.Helper()
	config := load(t, sample.Dir(t), stack).Config
	maps.Copy(config, edits)
	opts = append([]pulumitest.Option{
		pulumitest.WithStack(stack, config), neverDeployed(),
		pulumitest.WithInvoke("aws:index/getCallerIdentity:getCallerIdentity", map[string]any{"accountId": "123456789012"}),
		pulumitest.WithInvoke("aws:ec2/getVpc:getVpc", map[string]any{"id": "vpc-0123456789abcdef0"}),
		pulumitest.WithInvoke("aws:ec2/getSubnets:getSubnets", map[string]any{"ids": []any{"subnet-a", "subnet-b"}}),
	}, opts...)
	return pulumitest.Run(t, stacks.Program, opts...)
}

// These files are what a reviewer reads to see which resources a change adds
// or removes.
func TestResourcesOfTheCommittedStacks(t *testing.T) {
	for _, stack := range []string{"dev", "prod"} {
		t.Run(stack, func(t *testing.T) {
			regs, err := record(t, stack, nil)
			require.NoError(t, err)
			golden.Equal(t, "testdata/"+stack+".resources.txt", strings.Join(pulumitest.Addresses(regs), "\n")+"\n")
		})
	}
}

func TestPreviewPlansWhatAnUpdateCreates(t *testing.T) {
	config := load(t, sample.Dir(t), "prod").Config
	opts := []pulumitest.Option{
		pulumitest.WithStack("prod", config), neverDeployed(),
		pulumitest.WithInvoke("aws:index/getCallerIdentity:getCallerIdentity", map[string]any{"accountId": "123456789012"}),
	}
	update, err := pulumitest.Run(t, stacks.Program, opts...)
	require.NoError(t, err)
	preview, err := pulumitest.Preview(t, stacks.Program, opts...)
	require.NoError(t, err)
	assert.Equal(t, pulumitest.Addresses(update), pulumitest.Addresses(preview))
}

func TestEveryResourceUsesTheOnlyProvider(t *testing.T) {
	regs, err := record(t, "prod", nil)
	require.NoError(t, err)
	provider := pulumitest.Find(t, regs, "pulumi:providers:aws", "aws").Plain()
	assert.Equal(t, []any{"111122223333"}, provider["allowedAccountIds"], "another account is refused before anything changes")
	assert.Equal(t, map[string]any{"tags": map[string]any{
		"CostCenter": "cc-1234", "ManagedBy": "pulumi", "Repository": "github.com/example/orders",
		"Service": "orders", "Stack": "prod", "Team": "payments",
	}}, provider["defaultTags"])
	for _, r := range regs {
		if r.Custom && r.Type != "pulumi:providers:aws" {
			assert.Contains(t, r.Provider, "pulumi:providers:aws::aws::", r.Address())
		}
	}
}

func TestWithoutAnImageNothingRuns(t *testing.T) {
	regs, err := record(t, "prod", nil)
	require.NoError(t, err)
	assert.EqualValues(t, 0, pulumitest.Find(t, regs, "aws:ecs/service:Service", "orders-service").Plain()["desiredCount"])

	regs, err = record(t, "prod", map[string]string{"evenkeel:image": digest})
	require.NoError(t, err)
	assert.EqualValues(t, 2, pulumitest.Find(t, regs, "aws:ecs/service:Service", "orders-service").Plain()["desiredCount"])
	containers := pulumitest.Find(t, regs, "aws:ecs/taskDefinition:TaskDefinition", "orders-task").Plain()["containerDefinitions"]
	assert.Contains(t, containers, "${aws:ecr/repository:Repository::registry-repository.repositoryUrl}@"+digest)
}

func TestWithoutAnImageInTheConfigurationTheLastOneStays(t *testing.T) {
	last := func(image any) pulumitest.Option {
		return pulumitest.WithInvoke("pulumi:pulumi:readStackOutputs", map[string]any{"outputs": map[string]any{"image": image}})
	}
	regs, err := record(t, "prod", nil, last(digest))
	require.NoError(t, err)
	assert.EqualValues(t, 2, pulumitest.Find(t, regs, "aws:ecs/service:Service", "orders-service").Plain()["desiredCount"])
	containers := pulumitest.Find(t, regs, "aws:ecs/taskDefinition:TaskDefinition", "orders-task").Plain()["containerDefinitions"]
	assert.Contains(t, containers, "@"+digest)

	other := strings.Replace(digest, "9f86", "0000", 1)
	regs, err = record(t, "prod", map[string]string{"evenkeel:image": other}, last(digest))
	require.NoError(t, err)
	containers = pulumitest.Find(t, regs, "aws:ecs/taskDefinition:TaskDefinition", "orders-task").Plain()["containerDefinitions"]
	assert.Contains(t, containers, "@"+other, "a configured image wins")

	_, err = record(t, "prod", nil, last("orders:latest"))
	assert.ErrorContains(t, err, `the stack's output "image" is "orders:latest", which is no image by digest: set evenkeel:image`)
}

func TestProtectionFollowsTheEnvironment(t *testing.T) {
	protected := func(stack string) (out []string) {
		regs, err := record(t, stack, nil)
		require.NoError(t, err)
		for _, r := range regs {
			if r.Protect {
				out = append(out, r.Name)
			}
		}
		return out
	}
	assert.Empty(t, protected("dev"), "a development stack is easy to delete")
	assert.Equal(t, []string{"registry-repository", "secrets-key", "ingress-balancer", "ingress-logs", "secrets-database-url"}, protected("prod"))
}

func TestNetworkModes(t *testing.T) {
	subnets := func(t *testing.T, network string) map[string]any {
		regs, err := record(t, "dev", map[string]string{"evenkeel:network": network})
		require.NoError(t, err)
		return pulumitest.Find(t, regs, "aws:ecs/service:Service", "orders-service").Plain()["networkConfiguration"].(map[string]any)
	}
	created := subnets(t, `{"nat":"single"}`)
	assert.Equal(t, false, created["assignPublicIp"])
	assert.Contains(t, created["subnets"].([]any)[0], "privateSubnetIds")

	cheap := subnets(t, `{"nat":"none"}`)
	assert.Equal(t, true, cheap["assignPublicIp"], "without NAT only a public address reaches the registry")
	assert.Contains(t, cheap["subnets"].([]any)[0], "publicSubnetIds")

	adopted := subnets(t, `{"mode":"adopt","vpcId":"vpc-0123456789abcdef0",
		"publicSubnetIds":["subnet-0123456789abcdef0","subnet-0123456789abcdef1"],
		"privateSubnetIds":["subnet-0123456789abcdef2","subnet-0123456789abcdef3"]}`)
	assert.Equal(t, []any{"subnet-0123456789abcdef2", "subnet-0123456789abcdef3"}, adopted["subnets"])

	found := subnets(t, `{"mode":"default"}`)
	assert.Equal(t, []any{"subnet-a", "subnet-b"}, found["subnets"])
	assert.Equal(t, true, found["assignPublicIp"])
}

func TestSecretsByEntryOrByARN(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:shared/key-AbCdEf"
	regs, err := record(t, "dev", map[string]string{
		"evenkeel:service": `{"name":"orders","secrets":{"DATABASE_URL":"database-url","API_KEY":"` + arn + `"}}`,
	})
	require.NoError(t, err)
	containers := pulumitest.Find(t, regs, "aws:ecs/taskDefinition:TaskDefinition", "orders-task").Plain()["containerDefinitions"]
	assert.Contains(t, containers, `"valueFrom":"`+arn+`"`)
	assert.Contains(t, containers, `"valueFrom":"${aws:secretsmanager/secret:Secret::secrets-database-url.arn}"`)
}

func TestBadConfigurationRegistersNothing(t *testing.T) {
	regs, err := record(t, "dev", map[string]string{"evenkeel:service": `{"name":"orders","port":0}`})
	require.ErrorContains(t, err, "Pulumi.dev.yaml has 1 problem:\n"+
		"  evenkeel:service.port: is 0, want 1 to 65535")
	assert.Empty(t, regs)
}

// The engine passes all keys in one variable; a misspelt one must be seen
// there, because a program cannot ask for the keys it does not know.
func TestUnknownKeysAreSeenUnderTheEngineToo(t *testing.T) {
	t.Setenv("PULUMI_CONFIG", `{"evenkeel:networks":"{}","pulumi:disable-default-providers":"[]"}`)
	_, err := record(t, "dev", map[string]string{"evenkeel:networks": "{}"})
	assert.ErrorContains(t, err, `evenkeel:networks: is unknown; did you mean "network"?`)
}
