package service_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sns"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"

	"evenkeel/components/service"
	"evenkeel/internal/pulumitest"
)

const (
	digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

	repositoryARN = "arn:aws:ecr:eu-west-1:111122223333:repository/orders-dev"
	secretARN     = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-dev/database-url-AbCdEf"
	otherSecret   = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:orders-dev/mail-GhIjKl"
	keyARN        = "arn:aws:kms:eu-west-1:111122223333:key/0a1b2c3d"
	ingressGroup  = "sg-0ingress"
	targetGroup   = "arn:aws:elasticloadbalancing:eu-west-1:111122223333:targetgroup/orders/1"

	clusterType  = "aws:ecs/cluster:Cluster"
	capacityType = "aws:ecs/clusterCapacityProviders:ClusterCapacityProviders"
	taskType     = "aws:ecs/taskDefinition:TaskDefinition"
	serviceType  = "aws:ecs/service:Service"
	logType      = "aws:cloudwatch/logGroup:LogGroup"
	groupType    = "aws:ec2/securityGroup:SecurityGroup"
	ingressType  = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType   = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	roleType     = "aws:iam/role:Role"
	policyType   = "aws:iam/rolePolicy:RolePolicy"
)

// valid holds only what is required.
func valid() *service.Args {
	return &service.Args{
		Name: "orders-dev", Region: "eu-west-1", AccountID: pulumi.String("111122223333"),
		CPU: 256, MemoryMiB: 512, Architecture: service.ARM64, Port: 8080,
		Image:                  pulumi.String("111122223333.dkr.ecr.eu-west-1.amazonaws.com/orders-dev@" + digest),
		MinimumHealthyPercent:  service.DefaultMinimumHealthyPercent,
		VPCID:                  pulumi.String("vpc-1"),
		SubnetIDs:              pulumi.ToStringArray([]string{"subnet-a", "subnet-b"}),
		IngressSecurityGroupID: pulumi.String(ingressGroup),
		TargetGroupARN:         pulumi.String(targetGroup),
		RepositoryARN:          pulumi.String(repositoryARN),
	}
}

// full sets every argument to something other than its default.
func full() *service.Args {
	a := valid()
	a.ServiceName = "orders"
	a.CPU, a.MemoryMiB, a.Architecture = 512, 1024, service.X8664
	a.Port, a.User = 9000, "1000:2000"
	a.Command = []string{"/api", "serve", "--greeting=a<b&c"}
	a.Environment = map[string]string{"ZONE": "west", "LOG_LEVEL": "debug", "MOTTO": "a<b&c"}
	a.Secrets = map[string]pulumi.StringInput{
		"MAIL_PASSWORD": pulumi.String(otherSecret + ":password::"),
		"DATABASE_URL":  pulumi.String(secretARN),
		"MAIL_USER":     pulumi.String(otherSecret + ":user::"),
	}
	a.SecretsKeyARN = pulumi.String(keyARN)
	a.DesiredCount, a.Spot = 3, true
	a.MinimumHealthyPercent, a.MaximumPercent = 50, 150
	a.StopTimeoutSeconds = 90
	a.HealthCheckCommand = []string{"/api", "health"}
	a.HealthCheckGraceSeconds = 120
	a.LogRetentionDays, a.ContainerInsights, a.Exec = 90, true, true
	a.AssignPublicIP = true
	a.EgressPorts = []int{5671, 587}
	return a
}

func program(args *service.Args) pulumi.RunFunc {
	return pulumitest.Instances(service.New, args, "api")
}

func run(t *testing.T, args *service.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, program(args))
}

func inputs(t *testing.T, regs []pulumitest.Registration, typ, name string) map[string]any {
	t.Helper()
	return pulumitest.Find(t, regs, typ, name).Plain()
}

var minimalChildren = []string{
	logType + " api-logs",
	groupType + " api-tasks",
	clusterType + " api-cluster",
	capacityType + " api-capacity",
	serviceType + " api-service",
	taskType + " api-task",
	roleType + " api-execution-role",
	roleType + " api-task-role",
	policyType + " api-execution-policy",
	egressType + " api-ingress-to-tasks",
	egressType + " api-tasks-to-https",
	egressType + " api-tasks-to-private-10",
	egressType + " api-tasks-to-private-172",
	egressType + " api-tasks-to-private-192",
	ingressType + " api-tasks-from-ingress",
}

func TestChildrenAndTheirNames(t *testing.T) {
	cases := map[string]struct {
		args  *service.Args
		extra []string
	}{
		"minimal": {valid(), nil},
		"full": {full(), []string{
			logType + " api-exec-logs",
			policyType + " api-exec-policy",
			egressType + " api-tasks-to-587",
			egressType + " api-tasks-to-5671",
		}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			regs := run(t, tc.args)
			children := pulumitest.Children(regs, service.TypeToken)
			assert.ElementsMatch(t, slices.Concat(minimalChildren, tc.extra), pulumitest.Addresses(children))
			assert.Len(t, regs, len(children)+2, "besides its children it registers itself; the provider is the test's")
			pulumitest.CheckComponent(t, regs, service.TypeToken, "api")
		})
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, service.New, full(), service.TypeToken)
}

// Nothing is protected: a service holds no data. Only the service itself has
// to go before its successor comes, because of its name.
func TestProtection(t *testing.T) {
	regs := run(t, full())
	pulumitest.ProtectsOnly(t, regs) // nor are changes ignored: Pulumi owns everything, the desired count included
	for _, r := range regs {
		assert.Equal(t, r.Type == serviceType, r.DeleteBeforeReplace, "%s: delete before replace", r.Address())
	}
}

// unknown is full with all inputs from another resource, so that a first
// preview cannot know them.
func unknown(source *sns.Topic) *service.Args {
	args := full()
	args.AccountID, args.VPCID = source.Owner, source.Arn
	args.Image = pulumi.Sprintf("%s@%s", source.Arn, digest)
	args.SubnetIDs = pulumi.StringArray{source.Arn}
	args.IngressSecurityGroupID, args.TargetGroupARN, args.RepositoryARN = source.Arn, source.Arn, source.Arn
	args.SecretsKeyARN = source.Arn
	args.Secrets = map[string]pulumi.StringInput{"DATABASE_URL": source.Arn}
	return args
}

func TestPreviewWithUnknownInputsPlansTheSameChildren(t *testing.T) {
	prog := pulumitest.WithSource(service.New, "api", unknown)
	preview := pulumitest.PreviewPlansTheSame(t, prog)
	assert.NotContains(t, inputs(t, preview, policyType, "api-execution-policy"), "policy",
		"the premise of this test: the preview knows none of the inputs")

	definition := inputs(t, pulumitest.MustRun(t, prog), taskType, "api-task")["containerDefinitions"]
	assert.Contains(t, definition, `"valueFrom":"${aws:sns/topic:Topic::source.arn}"`, "a reference stays one")
}

// A task that starts before its roles, rules or listener exist fails its
// deployment.
func TestServiceWaitsForWhatTasksNeed(t *testing.T) {
	regs := pulumitest.MustRun(t, pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		listener, err := pulumitest.Fixture(ctx, "listener", opts...)
		if err != nil {
			return err
		}
		args := full()
		args.After = []pulumi.Resource{listener}
		_, err = service.New(ctx, "api", args, opts...)
		return err
	}))
	waits := strings.Join(pulumitest.Find(t, regs, serviceType, "api-service").DependsOn, "\n") + "\n"
	for _, name := range []string{
		"api-capacity", "api-execution-policy", "api-exec-policy", "api-tasks-from-ingress", "api-ingress-to-tasks",
		"api-tasks-to-https", "api-tasks-to-private-10", "api-tasks-to-587", "listener",
	} {
		assert.Contains(t, waits, "::"+name+"\n", "the service must wait for %s", name)
	}
}

func TestOutputs(t *testing.T) {
	got := pulumitest.Outputs(t, service.New, "api", full(), func(s *service.Service) pulumi.StringMap {
		return pulumi.StringMap{
			"clusterName": s.ClusterName, "clusterArn": s.ClusterARN, "serviceName": s.ServiceName, "serviceArn": s.ServiceARN,
			"taskDefinitionArn": s.TaskDefinitionARN, "logGroupName": s.LogGroupName, "securityGroupId": s.SecurityGroupID,
			"executionRoleArn": s.ExecutionRoleARN, "taskRoleArn": s.TaskRoleARN,
		}
	})
	assert.Equal(t, map[string]any{
		"clusterName": "orders-dev", "clusterArn": "${" + clusterType + "::api-cluster.arn}",
		"serviceName": "orders", "serviceArn": "${" + serviceType + "::api-service.id}",
		"taskDefinitionArn": "${" + taskType + "::api-task.arn}",
		"logGroupName":      "/ecs/orders-dev", "securityGroupId": "${" + groupType + "::api-tasks.id}",
		"executionRoleArn": "${" + roleType + "::api-execution-role.arn}",
		"taskRoleArn":      "${" + roleType + "::api-task-role.arn}",
	}, got)
}
