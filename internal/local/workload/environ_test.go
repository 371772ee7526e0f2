package workload_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	ecstypes "github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/workload"
)

// task is a deployed service and its task definition.
func task() (ecstypes.Service, *ecstypes.TaskDefinition) {
	service := ecstypes.Service{LoadBalancers: []ecstypes.LoadBalancer{{
		ContainerName: aws.String("orders"), ContainerPort: aws.Int32(9000), TargetGroupArn: aws.String("arn:group"),
	}}}
	return service, &ecstypes.TaskDefinition{
		TaskDefinitionArn: aws.String("arn:task:3"),
		ContainerDefinitions: []ecstypes.ContainerDefinition{
			{Name: aws.String("sidecar"), Environment: []ecstypes.KeyValuePair{{Name: aws.String("NOT"), Value: aws.String("ours")}}},
			{
				Name: aws.String("orders"), Command: []string{"serve"},
				Environment: []ecstypes.KeyValuePair{{Name: aws.String("LOG_LEVEL"), Value: aws.String("debug")}},
				Secrets:     []ecstypes.Secret{{Name: aws.String("DATABASE_URL"), ValueFrom: aws.String("arn:secret")}},
			},
		},
	}
}

func TestDefine(t *testing.T) {
	service, definition := task()
	d, group, err := workload.Define(service, definition)
	require.NoError(t, err)
	assert.Equal(t, "arn:group", group)
	assert.Equal(t, &workload.Definition{
		TaskDefinition: "arn:task:3", Command: []string{"serve"}, Port: 9000,
		Environment: map[string]string{"LOG_LEVEL": "debug"}, Secrets: map[string]string{"DATABASE_URL": "arn:secret"},
	}, d)

	definition.ContainerDefinitions = definition.ContainerDefinitions[:1]
	_, _, err = workload.Define(service, definition)
	require.EqualError(t, err, `the load balancer wants a container "orders", which the task definition does not have`)
	service.LoadBalancers = nil
	_, _, err = workload.Define(service, definition)
	require.EqualError(t, err, "it has no load balancer, which tells its port and its health check")
}

func TestEnviron(t *testing.T) {
	for name, c := range map[string]struct {
		user, container, secrets map[string]string
		want                     []string
	}{
		"nothing but what every API gets": {
			want: []string{"DRAIN_SECONDS=0", "LISTEN_HOST=127.0.0.1", "PORT=8081", "SHUTDOWN_SECONDS=1"},
		},
		"the container's variables and secrets": {
			container: map[string]string{"LOG_LEVEL": "debug"}, secrets: map[string]string{"DATABASE_URL": "postgres://x"},
			want: []string{"DATABASE_URL=postgres://x", "DRAIN_SECONDS=0", "LISTEN_HOST=127.0.0.1", "LOG_LEVEL=debug", "PORT=8081", "SHUTDOWN_SECONDS=1"},
		},
		"of the user's, what programs need and no AWS profile": {
			user: map[string]string{"PATH": "/bin", "AWS_PROFILE": "mine", "AWS_REGION": "us-east-1", "EDITOR": "ed"},
			want: []string{"DRAIN_SECONDS=0", "LISTEN_HOST=127.0.0.1", "PATH=/bin", "PORT=8081", "SHUTDOWN_SECONDS=1"},
		},
		"the container's own times of stopping, before the user's": {
			user: map[string]string{"DRAIN_SECONDS": "3", "SHUTDOWN_SECONDS": "4"}, container: map[string]string{"DRAIN_SECONDS": "5"},
			want: []string{"DRAIN_SECONDS=5", "LISTEN_HOST=127.0.0.1", "PORT=8081", "SHUTDOWN_SECONDS=4"},
		},
		"where it listens is not the container's to say here": {
			container: map[string]string{"PORT": "8080", "LISTEN_HOST": "0.0.0.0"},
			want:      []string{"DRAIN_SECONDS=0", "LISTEN_HOST=127.0.0.1", "PORT=8081", "SHUTDOWN_SECONDS=1"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			got := workload.Environ(&workload.Definition{Environment: c.container}, workload.Surroundings{
				Lookup:  func(k string) (string, bool) { v, ok := c.user[k]; return v, ok },
				Secrets: c.secrets, AWS: nil, Port: 8081,
			})
			assert.Equal(t, c.want, got)
		})
	}
}

func TestSecretReferences(t *testing.T) {
	const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-dev/database-url-AbCdEf"
	for name, c := range map[string]struct {
		from, key, stage, version string
		ok                        bool
	}{
		"the whole value":   {from: arn, ok: true},
		"a key":             {from: arn + ":password::", key: "password", ok: true},
		"a stage":           {from: arn + "::AWSPREVIOUS:", stage: "AWSPREVIOUS", ok: true},
		"a version":         {from: arn + ":::v1", version: "v1", ok: true},
		"Parameter Store":   {from: "arn:aws:ssm:eu-west-1:123456789012:parameter/x"},
		"a parameter, bare": {from: "/orders/x"},
	} {
		t.Run(name, func(t *testing.T) {
			gotARN, key, stage, version, secret, ok := workload.ParseSecret(c.from)
			require.Equal(t, c.ok, ok)
			if ok {
				assert.Equal(t, []string{arn, c.key, c.stage, c.version, "orders-dev/database-url"}, []string{gotARN, key, stage, version, secret})
			}
		})
	}
	for name, c := range map[string]struct{ value, want, err string }{
		"text":        {value: `{"password":"hunter2"}`, want: "hunter2"},
		"a number":    {value: `{"password":7}`, want: "7"},
		"missing":     {value: `{"user":"x"}`, err: `the value has no key "password"`},
		"no document": {value: `hunter2`, err: `the value is no JSON object, want one with the key "password"`},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := workload.PickSecret(arn+":password::", c.value)
			if c.err != "" {
				require.EqualError(t, err, c.err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
		})
	}
}
