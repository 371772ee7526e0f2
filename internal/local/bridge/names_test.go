package bridge

import (
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/schema"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/mapping"
)

func TestGeneratedNames(t *testing.T) {
	tests := map[string]struct {
		tfType string
		logic  string // name of the resource in the program
		inputs resource.PropertyMap
		want   string // regular expression
		fails  string
	}{
		"default":            {tfType: "aws_cloudwatch_log_group", logic: "api", want: `^api-[0-9a-f]{7}$`},
		"lower case":         {tfType: "aws_s3_bucket", logic: "Logs", want: `^logs-[0-9a-f]{7}$`},
		"prefix":             {tfType: "aws_kms_alias", logic: "key", want: `^alias/key-[0-9a-f]{7}$`},
		"as it is":           {tfType: "aws_s3_object", logic: "index.html", want: `^index\.html$`},
		"letters":            {tfType: "aws_glue_catalog_database", logic: "Db", want: `^db_[a-z]{8}$`},
		"FIFO":               {tfType: "aws_sqs_queue", logic: "q", inputs: resource.PropertyMap{"fifoQueue": resource.NewProperty(true)}, want: `^q-[0-9a-f]{7}\.fifo$`},
		"not FIFO":           {tfType: "aws_sns_topic", logic: "q", inputs: resource.PropertyMap{"fifoTopic": resource.NewProperty(false)}, want: `^q-[0-9a-f]{7}$`},
		"just short enough":  {tfType: "aws_lb_target_group", logic: strings.Repeat("x", 24), want: `^x{24}-[0-9a-f]{7}$`},
		"too long for a TG":  {tfType: "aws_lb_target_group", logic: strings.Repeat("x", 25), fails: "maximum length 32"},
		"fine for an SNS":    {tfType: "aws_sns_topic", logic: strings.Repeat("x", 25), want: `^x{25}-[0-9a-f]{7}$`},
		"a role has 64":      {tfType: "aws_iam_role", logic: strings.Repeat("x", 57), fails: "maximum length 64"},
		"a function has too": {tfType: "aws_lambda_function", logic: strings.Repeat("x", 57), fails: "maximum length 64"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got, err := namings[tt.tfType].generate("name").ComputeDefault(t.Context(), info.ComputeDefaultOptions{
				URN:        resource.NewURN("s", "p", "", "aws:x:X", tt.logic),
				Properties: tt.inputs,
			})
			if tt.fails != "" {
				assert.ErrorContains(t, err, tt.fails)
				return
			}
			require.NoError(t, err)
			assert.Regexp(t, tt.want, got)
		})
	}
}

func TestNoNameBesideAPrefix(t *testing.T) {
	got, err := naming{}.generate("name").ComputeDefault(t.Context(), info.ComputeDefaultOptions{
		URN:        resource.NewURN("s", "p", "", "aws:x:X", "api"),
		Properties: resource.PropertyMap{"namePrefix": resource.NewProperty("orders-")},
	})
	require.NoError(t, err)
	assert.Nil(t, got)
}

// The tables of exceptions name types and properties: a typo would change nothing.
func TestExceptionsExist(t *testing.T) {
	table, err := mapping.Load()
	require.NoError(t, err)
	for tfType := range namings {
		assert.Contains(t, table.Resources, tfType, "namings")
	}
	for tfType := range described {
		assert.Contains(t, table.Resources, tfType, "described")
	}
	for tfType := range deletedFirst {
		assert.Contains(t, table.Resources, tfType, "deletedFirst")
	}
	for tfType := range unnamed {
		assert.Contains(t, table.Resources, tfType, "unnamed")
	}
}

func TestAddDefaults(t *testing.T) {
	text := (&schema.Schema{Type: shim.TypeString, Required: true}).Shim()
	output := (&schema.Schema{Type: shim.TypeString, Computed: true}).Shim()
	tests := map[string]struct {
		tfType string
		schema schema.SchemaMap
		fields map[string]*info.Schema
		want   []string // properties with a default
	}{
		"name":                   {tfType: "aws_x", schema: schema.SchemaMap{"name": text, "other": text}, want: []string{"name"}},
		"name that is an output": {tfType: "aws_x", schema: schema.SchemaMap{"name": output}},
		"called name by the SDK": {
			tfType: "aws_x", schema: schema.SchemaMap{"alarm_name": text},
			fields: map[string]*info.Schema{"alarm_name": {Name: "name"}}, want: []string{"alarm_name"},
		},
		"not called name by the SDK": {
			tfType: "aws_x", schema: schema.SchemaMap{"name": text},
			fields: map[string]*info.Schema{"name": {Name: "domain"}},
		},
		"property of its own": {tfType: "aws_key_pair", schema: schema.SchemaMap{"key_name": text}, want: []string{"key_name"}},
		"domain name":         {tfType: "aws_route53_record", schema: schema.SchemaMap{"name": text}},
		"description": {
			tfType: "aws_security_group", schema: schema.SchemaMap{"name": text, "description": text},
			want: []string{"description", "name"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			r := &info.Resource{Fields: map[string]*info.Schema{}}
			for k, v := range tt.fields {
				r.Fields[k] = v
			}
			addDefaults(tt.tfType, r, tt.schema)
			var got []string
			for k, f := range r.Fields {
				if f.Default != nil {
					got = append(got, k)
				}
			}
			assert.ElementsMatch(t, tt.want, got)
		})
	}
}
