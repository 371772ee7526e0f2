package e2e_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

const digest = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// TestDev takes the committed dev stack through its life: up, nothing to do, a
// changed value, a first image, down.
func TestDev(t *testing.T) {
	t.Parallel()
	p := newProject(t)
	home := usersHome(t, p)
	before := filesBelow(t, home)
	require.Len(t, before, 4)
	var up result
	p.must(&up, "local", "up")
	t.Cleanup(func() { p.evenkeel("local", "down", "--discard") })
	assert.Greater(t, up.Changes["create"], 30)
	assert.Len(t, up.Changes, 1, "a first deployment only creates: %v", up.Changes)
	assert.Empty(t, up.Refused)
	assert.NotEmpty(t, up.Outputs["url"])
	assert.Contains(t, up.Outputs["nextStep"], "no task runs yet")

	t.Run("AWS has what the stack describes", func(t *testing.T) { devOnAWS(t, up) })
	t.Run("and every alarm, query, policy and the dashboard", func(t *testing.T) { operationsOnAWS(t, p, up, "dev") })
	t.Run("what the emulator forgets was asked for", func(t *testing.T) { devRequests(t, p) })
	t.Run("status tells what runs", func(t *testing.T) {
		var status struct {
			Stack, Endpoint string
			Running         bool
			Resources       int
		}
		p.must(&status, "local", "status")
		assert.True(t, status.Running)
		assert.Equal(t, "dev", status.Stack)
		assert.Equal(t, up.Endpoint, status.Endpoint)
		assert.Equal(t, up.Changes["create"], status.Resources)
	})
	t.Run("a second preview and a second up change nothing", func(t *testing.T) {
		var again result
		p.must(&again, "local", "preview")
		again.onlySame(t)
		p.must(&again, "local", "up")
		again.onlySame(t)
	})
	calls := &ledger{p: p, stack: "dev", account: "123456789012", recording: "dev"}
	t.Run("what AWS says of itself is what was asked for", func(t *testing.T) {
		var drift result
		calls.preview(t, &drift, "--refresh")
		drift.onlySame(t)
	})
	t.Run("a changed value updates what it should", func(t *testing.T) { devMemory(t, p, up) })
	t.Run("a policy that is one of a kind survives its replacement", func(t *testing.T) { devLifecycle(t, p, up) })
	t.Run("a first image starts the tasks", func(t *testing.T) { devImage(t, p, up) })
	t.Run("the number of tasks is autoscaling's", func(t *testing.T) { devCount(t, p, up) })
	t.Run("schedules change its bounds", func(t *testing.T) { devSchedules(t, p, up) })
	t.Run("status shows the alarms", func(t *testing.T) { devAlarmStates(t, p, up) })
	t.Run("down leaves nothing", func(t *testing.T) { devDown(t, p, up, calls) })
	assert.Equal(t, before, filesBelow(t, home), "the user's own Pulumi and AWS folders are none of our business")
}

// usersHome gives the project's commands a home folder with settings of Pulumi and
// AWS in it, each of which would break the run. Go and Python go on looking for
// what is installed where it is.
func usersHome(t *testing.T, p *testProject) string {
	t.Helper()
	home := t.TempDir()
	for name, text := range map[string]string{
		".pulumi/credentials.json": `{"current": "https://127.0.0.1:1", "accessTokens": {"https://127.0.0.1:1": "theirs"}, "accounts": {}}`,
		".pulumi/config.json":      `{"nothing": "ours"}`,
		".aws/config":              "[default]\nregion = us-west-2\nsso_session = theirs\n[sso-session theirs]\nsso_start_url = https://127.0.0.1:1\n",
		".aws/credentials":         "[default]\naws_access_key_id = THEIRS\naws_secret_access_key = theirs\n",
	} {
		path := filepath.Join(home, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	}
	theirs, err := os.UserHomeDir()
	require.NoError(t, err)
	p.env = append(p.env, "HOME="+home, "PYTHONUSERBASE="+filepath.Join(theirs, ".local"))
	for _, name := range []string{"GOPATH", "GOCACHE", "GOMODCACHE", "GOENV"} {
		value, err := exec.Command("go", "env", name).Output()
		require.NoError(t, err)
		p.env = append(p.env, name+"="+strings.TrimSpace(string(value)))
	}
	return home
}

// filesBelow lists the files of a home folder that Pulumi and AWS know, with
// their texts.
func filesBelow(t *testing.T, home string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, folder := range []string{".pulumi", ".aws"} {
		require.NoError(t, filepath.Walk(filepath.Join(home, folder), func(path string, info os.FileInfo, err error) error {
			if err != nil || info.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			out[path] = string(text)
			return err
		}))
	}
	return out
}

func devOnAWS(t *testing.T, up result) {
	ctx, cfg := context.Background(), awsConfig(up.Endpoint)

	repos, err := ecr.NewFromConfig(cfg).DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
	require.NoError(t, err)
	require.Len(t, repos.Repositories, 1)
	repo := repos.Repositories[0]
	assert.Equal(t, "orders-dev", aws.ToString(repo.RepositoryName))
	assert.True(t, repo.ImageScanningConfiguration.ScanOnPush)
	assert.EqualValues(t, "IMMUTABLE", repo.ImageTagMutability)
	policy, err := ecr.NewFromConfig(cfg).GetLifecyclePolicy(ctx, &ecr.GetLifecyclePolicyInput{RepositoryName: repo.RepositoryName})
	require.NoError(t, err)
	assert.Contains(t, aws.ToString(policy.LifecyclePolicyText), `"release-"`)

	logs, err := cloudwatchlogs.NewFromConfig(cfg).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	require.NoError(t, err)
	var names []string
	for _, g := range logs.LogGroups {
		names = append(names, aws.ToString(g.LogGroupName))
		assert.NotNil(t, g.RetentionInDays, "%s is kept for ever", aws.ToString(g.LogGroupName))
	}
	assert.Contains(t, names, up.Outputs["logGroupName"])

	secrets, err := secretsmanager.NewFromConfig(cfg).ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	require.NoError(t, err)
	require.Len(t, secrets.SecretList, 1)
	assert.Equal(t, "orders-dev/database-url", aws.ToString(secrets.SecretList[0].Name))
	assert.Empty(t, secrets.SecretList[0].SecretVersionsToStages, "a value passed through Pulumi")

	topics, err := sns.NewFromConfig(cfg).ListTopics(ctx, &sns.ListTopicsInput{})
	require.NoError(t, err)
	assert.Len(t, topics.Topics, 2)

	devService(t, ctx, cfg, up, aws.ToString(secrets.SecretList[0].ARN))
	devLoadBalancer(t, ctx, cfg)
}

func devService(t *testing.T, ctx context.Context, cfg aws.Config, up result, secretARN string) {
	client := ecs.NewFromConfig(cfg)
	clusters, err := client.DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{up.Outputs["clusterName"].(string)}})
	require.NoError(t, err)
	require.Len(t, clusters.Clusters, 1)
	assert.Equal(t, "ACTIVE", aws.ToString(clusters.Clusters[0].Status))

	service := describeService(t, client, up)
	assert.Zero(t, service.DesiredCount, "no image was ever deployed")
	require.NotNil(t, service.DeploymentConfiguration)
	require.NotNil(t, service.DeploymentConfiguration.DeploymentCircuitBreaker)
	assert.True(t, service.DeploymentConfiguration.DeploymentCircuitBreaker.Enable)
	assert.True(t, service.DeploymentConfiguration.DeploymentCircuitBreaker.Rollback)

	container := describeContainer(t, client, up)
	assert.True(t, aws.ToBool(container.ReadonlyRootFilesystem))
	assert.Equal(t, "65532:65532", aws.ToString(container.User))
	assert.Equal(t, []string{"ALL"}, container.LinuxParameters.Capabilities.Drop)
	require.Len(t, container.Secrets, 1)
	assert.Equal(t, "DATABASE_URL", aws.ToString(container.Secrets[0].Name))
	assert.Equal(t, secretARN, aws.ToString(container.Secrets[0].ValueFrom))
	assert.Equal(t, "non-blocking", container.LogConfiguration.Options["mode"])
	assert.Equal(t, up.Outputs["logGroupName"], container.LogConfiguration.Options["awslogs-group"])
}

func describeService(t *testing.T, client *ecs.Client, up result) ecstypes.Service {
	t.Helper()
	out, err := client.DescribeServices(context.Background(), &ecs.DescribeServicesInput{
		Cluster: aws.String(up.Outputs["clusterName"].(string)), Services: []string{up.Outputs["serviceName"].(string)},
	})
	require.NoError(t, err)
	require.Len(t, out.Services, 1)
	return out.Services[0]
}

// describeContainer returns the only container of the service's task definition.
func describeContainer(t *testing.T, client *ecs.Client, up result) ecstypes.ContainerDefinition {
	t.Helper()
	out, err := client.DescribeTaskDefinition(context.Background(), &ecs.DescribeTaskDefinitionInput{
		TaskDefinition: describeService(t, client, up).TaskDefinition,
	})
	require.NoError(t, err)
	require.Len(t, out.TaskDefinition.ContainerDefinitions, 1)
	return out.TaskDefinition.ContainerDefinitions[0]
}

func devLoadBalancer(t *testing.T, ctx context.Context, cfg aws.Config) {
	client := elb.NewFromConfig(cfg)
	balancers, err := client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	require.NoError(t, err)
	require.Len(t, balancers.LoadBalancers, 1)
	arn := balancers.LoadBalancers[0].LoadBalancerArn
	assert.Equal(t, "true", loadBalancerAttribute(t, client, arn, "routing.http.drop_invalid_header_fields.enabled"))

	listeners, err := client.DescribeListeners(ctx, &elb.DescribeListenersInput{LoadBalancerArn: arn})
	require.NoError(t, err)
	require.Len(t, listeners.Listeners, 1, "without a certificate there is plain HTTP only")
	action := listeners.Listeners[0].DefaultActions[0]
	assert.Equal(t, elbtypes.ActionTypeEnumForward, action.Type)

	groups, err := client.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{LoadBalancerArn: arn})
	require.NoError(t, err)
	require.Len(t, groups.TargetGroups, 1)
	assert.Equal(t, action.TargetGroupArn, groups.TargetGroups[0].TargetGroupArn)
	assert.Equal(t, "/healthz", aws.ToString(groups.TargetGroups[0].HealthCheckPath))
}

func loadBalancerAttribute(t *testing.T, client *elb.Client, arn *string, key string) string {
	t.Helper()
	out, err := client.DescribeLoadBalancerAttributes(context.Background(), &elb.DescribeLoadBalancerAttributesInput{LoadBalancerArn: arn})
	require.NoError(t, err)
	for _, a := range out.Attributes {
		if aws.ToString(a.Key) == key {
			return aws.ToString(a.Value)
		}
	}
	return ""
}

// requests returns the recorded parameters of every call of one action.
func requests(t *testing.T, p *testProject, stack, service, action string) []map[string]any {
	t.Helper()
	calls, err := gateway.ReadCalls(filepath.Join(p.dir, ".evenkeel", "stacks", stack, "calls.jsonl"))
	require.NoError(t, err)
	var out []map[string]any
	for _, c := range calls {
		if c.Service == service && c.Action == action {
			raw, err := json.Marshal(c.Parameters)
			require.NoError(t, err)
			var m map[string]any
			require.NoError(t, json.Unmarshal(raw, &m))
			out = append(out, m)
		}
	}
	return out
}

// The emulator drops these on the way, so that asking it proves nothing.
func devRequests(t *testing.T, p *testProject) {
	created := requests(t, p, "dev", "ecs", "CreateService")
	require.NotEmpty(t, created)
	for _, again := range created[1:] {
		// A slow answer makes the SDK ask again, and the token makes it one service.
		assert.Equal(t, created[0], again)
	}
	assert.NotEmpty(t, created[0]["clientToken"])
	deployment, _ := created[0]["deploymentConfiguration"].(map[string]any)
	assert.Equal(t, map[string]any{"enable": true, "rollback": true}, deployment["deploymentCircuitBreaker"])
	alarms, _ := deployment["alarms"].(map[string]any)
	assert.ElementsMatch(t, []any{"orders-dev-errors-signal", "orders-dev-slow-answers-signal"}, alarms["alarmNames"])
	assert.Equal(t, []any{true, true}, []any{alarms["enable"], alarms["rollback"]})
	assert.EqualValues(t, 100, deployment["minimumHealthyPercent"])
	assert.EqualValues(t, 200, deployment["maximumPercent"])
	assert.Equal(t, false, created[0]["enableExecuteCommand"] == true)
}

func devMemory(t *testing.T, p *testProject, up result) {
	p.edit("Pulumi.dev.yaml", "    port: 8080\n", "    port: 8080\n    memoryMiB: 1024\n")
	var preview, changed result
	p.must(&preview, "local", "preview")
	want := map[string]int{"replace": 1, "update": 1, "same": up.Changes["create"] - 2}
	assert.Equal(t, want, preview.Changes, "memory changes the task definition, which is replaced, and the service that runs it")
	p.must(&changed, "local", "up")
	assert.Equal(t, want, changed.Changes)

	out, err := ecs.NewFromConfig(awsConfig(up.Endpoint)).DescribeTaskDefinition(context.Background(),
		&ecs.DescribeTaskDefinitionInput{TaskDefinition: aws.String(changed.Outputs["taskDefinitionArn"].(string))})
	require.NoError(t, err)
	assert.Equal(t, "1024", aws.ToString(out.TaskDefinition.Memory))
}

// A repository has one lifecycle policy: created before the old one is deleted,
// the new one would be deleted with it.
func devLifecycle(t *testing.T, p *testProject, up result) {
	p.edit("Pulumi.dev.yaml", "  evenkeel:secrets:", "  evenkeel:registry:\n    keepReleases: 7\n  evenkeel:secrets:")
	var changed, drift result
	p.must(&changed, "local", "up")
	assert.Equal(t, map[string]int{"replace": 1, "same": up.Changes["create"] - 1}, changed.Changes)
	policy, err := ecr.NewFromConfig(awsConfig(up.Endpoint)).GetLifecyclePolicy(context.Background(),
		&ecr.GetLifecyclePolicyInput{RepositoryName: aws.String("orders-dev")})
	require.NoError(t, err)
	assert.Regexp(t, `"countNumber": *7\b`, aws.ToString(policy.LifecyclePolicyText))
	p.must(&drift, "local", "preview", "--refresh")
	drift.onlySame(t)
}

func devImage(t *testing.T, p *testProject, up result) {
	p.edit("Pulumi.dev.yaml", "config:\n", "config:\n  evenkeel:image: "+digest+"\n")
	var changed result
	p.must(&changed, "local", "up")
	// Besides the task definition and the service: the bounds of scaling, and
	// every alarm that now has somebody to tell.
	var known catalogue
	p.must(&known, "alarms")
	updates := 2 + known.telling()
	assert.Equal(t, map[string]int{"replace": 1, "update": updates, "same": up.Changes["create"] - updates - 1}, changed.Changes)
	client := ecs.NewFromConfig(awsConfig(up.Endpoint))
	assert.EqualValues(t, 1, describeService(t, client, up).DesiredCount)
	assert.Equal(t, up.Outputs["repositoryUrl"].(string)+"@"+digest, aws.ToString(describeContainer(t, client, changed).Image))
	assert.NotContains(t, changed.Outputs, "nextStep")

	// Without it in the configuration the image stays, in any checkout.
	p.edit("Pulumi.dev.yaml", "  evenkeel:image: "+digest+"\n", "")
	var again result
	p.must(&again, "local", "preview")
	again.onlySame(t)
	second := newProject(t)
	p.copyTo(second, "Pulumi.dev.yaml")
	require.NoError(t, os.Symlink(filepath.Join(p.dir, ".evenkeel"), filepath.Join(second.dir, ".evenkeel")))
	again = result{}
	second.must(&again, "local", "preview")
	again.onlySame(t)
}

func devDown(t *testing.T, p *testProject, up result, calls *ledger) {
	var instance struct{ Gateway, Moto struct{ PID int } }
	raw, err := os.ReadFile(filepath.Join(p.dir, ".evenkeel", "stacks", "dev", "emulator.json"))
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(raw, &instance))
	require.NotZero(t, instance.Gateway.PID)

	var down result
	p.must(&down, "local", "down", "--keep-emulator")
	assert.Equal(t, up.Changes["create"]+2, down.Changes["delete"], "with the schedules")
	nothingOnAWS(t, up)
	calls.allowed(t)

	p.must(&down, "local", "down")
	assert.Eventually(t, func() bool { return len(leftovers(t, up.Endpoint)) == 0 }, 10*time.Second, 200*time.Millisecond,
		"%v", leftovers(t, up.Endpoint))
	assert.False(t, alive(instance.Gateway.PID), "the emulator's process")
	assert.False(t, alive(instance.Moto.PID), "moto's process")
	assert.NoDirExists(t, filepath.Join(p.dir, ".evenkeel", "stacks", "dev"))
	var status struct{ Running bool }
	p.must(&status, "local", "status")
	assert.False(t, status.Running)
}

// nothingOnAWS asks the services that the stack used what is left. What AWS
// keeps after a deletion (inactive clusters, keys that wait for theirs) does
// not count.
func nothingOnAWS(t *testing.T, up result) {
	ctx, cfg := context.Background(), awsConfig(up.Endpoint)
	repos, err := ecr.NewFromConfig(cfg).DescribeRepositories(ctx, &ecr.DescribeRepositoriesInput{})
	require.NoError(t, err)
	assert.Empty(t, repos.Repositories)
	balancers, err := elb.NewFromConfig(cfg).DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	require.NoError(t, err)
	assert.Empty(t, balancers.LoadBalancers)
	groups, err := elb.NewFromConfig(cfg).DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{})
	require.NoError(t, err)
	assert.Empty(t, groups.TargetGroups)
	logs, err := cloudwatchlogs.NewFromConfig(cfg).DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{})
	require.NoError(t, err)
	assert.Empty(t, logs.LogGroups)
	secrets, err := secretsmanager.NewFromConfig(cfg).ListSecrets(ctx, &secretsmanager.ListSecretsInput{})
	require.NoError(t, err)
	assert.Empty(t, secrets.SecretList)
	topics, err := sns.NewFromConfig(cfg).ListTopics(ctx, &sns.ListTopicsInput{})
	require.NoError(t, err)
	assert.Empty(t, topics.Topics)
	assert.Empty(t, alarmsThere(t, cfg))
	boards, err := cloudwatch.NewFromConfig(cfg).ListDashboards(ctx, &cloudwatch.ListDashboardsInput{})
	require.NoError(t, err)
	assert.Empty(t, boards.DashboardEntries)
	clusters, err := ecs.NewFromConfig(cfg).DescribeClusters(ctx, &ecs.DescribeClustersInput{Clusters: []string{up.Outputs["clusterName"].(string)}})
	require.NoError(t, err)
	for _, c := range clusters.Clusters {
		assert.NotEqual(t, "ACTIVE", aws.ToString(c.Status))
	}
}
