package bridge

import (
	"testing"

	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/mapping"
	"evenkeel/bridge/internal/providertest"
	"evenkeel/bridge/internal/tfprovider"
)

func TestServesTheTerraformProvider(t *testing.T) {
	tf, end, err := tfprovider.Launch(providertest.Binary(t))
	require.NoError(t, err)
	t.Cleanup(end)
	table, err := mapping.Load()
	require.NoError(t, err)
	s, err := newServer(t.Context(), nil, tf, table, "6.83.2")
	require.NoError(t, err)

	tests := map[string]struct {
		urn   string
		news  map[string]any
		want  map[string]any // of the checked inputs
		fails string         // part of the reason
	}{
		"flattened object": {
			urn: "urn:pulumi:dev::p::aws:ecr/repository:Repository::app",
			news: map[string]any{
				"name": "app", "imageScanningConfiguration": map[string]any{"scanOnPush": true},
			},
			want: map[string]any{
				"name": "app", "imageScanningConfiguration": map[string]any{"scanOnPush": true}, "__defaults": []any{},
			},
		},
		"description and name made up": {
			urn:  "urn:pulumi:dev::p::aws:ec2/securityGroup:SecurityGroup::group",
			news: map[string]any{"name": "app"},
			want: map[string]any{"name": "app", "description": "Managed by Pulumi", "__defaults": []any{}},
		},
		"second name of a type": {
			urn:  "urn:pulumi:dev::p::aws:s3/bucket:Bucket::b",
			news: map[string]any{"bucket": "logs", "versioning": map[string]any{"enabled": true}},
			want: map[string]any{"bucket": "logs", "versioning": map[string]any{"enabled": true}, "__defaults": []any{}},
		},
		"input the provider lacks": {
			urn:   "urn:pulumi:dev::p::aws:rds/instance:Instance::db",
			news:  map[string]any{"identifier": "db", "instanceClass": "db.t4g.micro", "name": "old"},
			fails: "aws_db_instance of terraform-provider-aws has no such property",
		},
		"value the provider refuses": {
			urn:   "urn:pulumi:dev::p::aws:cloudwatch/logGroup:LogGroup::logs",
			news:  map[string]any{"name": "logs", "retentionInDays": 2.0},
			fails: "expected retention_in_days to be one of",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			resp, err := s.Check(t.Context(), &pulumirpc.CheckRequest{Urn: tt.urn, News: fields(tt.news)})
			require.NoError(t, err)
			if tt.fails != "" {
				require.Len(t, resp.GetFailures(), 1)
				assert.Contains(t, resp.GetFailures()[0].GetReason(), tt.fails)
				return
			}
			require.Empty(t, resp.GetFailures())
			assert.Equal(t, tt.want, resp.GetInputs().AsMap())
		})
	}
}

func TestRunNeedsTheTerraformProvider(t *testing.T) {
	t.Setenv(tfprovider.EnvBinary, "")
	assert.EqualError(t, Run(t.Context(), "pulumi-resource-aws"),
		"EVENKEEL_TERRAFORM_PROVIDER_AWS is not set, want the path of a terraform-provider-aws binary")
}
