package bridge

import (
	"context"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// maxName is the length of generated names where no shorter limit is known.
const maxName = 255

// naming says how a resource type is named that the program gives no name. The zero
// value of a field is pulumi-aws's default.
type naming struct {
	property  string // Terraform's; by default the one that the SDK calls "name"
	max       int    // maxName by default
	separator string // between name and random letters, "-" by default
	letters   string // to choose random letters from, hexadecimal digits by default
	lower     bool   // in lower case
	random    int    // number of random letters, 7 by default; none when negative
	prefix    string // of the whole name
	fifo      resource.PropertyKey
}

// lowercase is for names that only have letters.
const lowercase = "abcdefghijklmnopqrstuvwxyz"

// namings lists the types that pulumi-aws does not name by its default, where their
// name has a limit of its own or is not called "name". The limits are AWS's own.
var namings = map[string]naming{
	"aws_alb":                          {max: 32},
	"aws_alb_target_group":             {max: 32},
	"aws_athena_database":              {separator: "_"},
	"aws_cloudwatch_event_rule":        {max: 64},
	"aws_cloudwatch_event_target":      {property: "target_id"},
	"aws_codedeploy_deployment_config": {property: "deployment_config_name", max: 100, separator: "_"},
	"aws_db_instance":                  {property: "identifier", separator: "-"},
	"aws_efs_file_system":              {property: "creation_token"},
	"aws_eks_fargate_profile":          {property: "fargate_profile_name"},
	"aws_eks_node_group":               {property: "node_group_name"},
	"aws_elastic_beanstalk_environment": {
		max: 40,
	},
	"aws_elasticache_cluster":           {property: "cluster_id", max: 50, lower: true},
	"aws_elasticache_replication_group": {property: "replication_group_id", max: 40, lower: true},
	"aws_elasticsearch_domain":          {property: "domain_name", max: 28, lower: true},
	"aws_elb":                           {max: 32},
	"aws_glue_catalog_database":         {separator: "_", letters: lowercase, random: 8, lower: true},
	"aws_glue_catalog_table":            {separator: "_", letters: lowercase, random: 8, lower: true},
	"aws_iam_role":                      {max: 64},
	"aws_iot_topic_rule":                {separator: "_"},
	"aws_key_pair":                      {property: "key_name"},
	"aws_kms_alias":                     {max: 238, prefix: "alias/"},
	"aws_lambda_function":               {max: 64},
	"aws_lambda_permission":             {property: "statement_id", max: 100},
	"aws_lb":                            {max: 32},
	"aws_lb_target_group":               {max: 32},
	"aws_lex_bot":                       {separator: "_", letters: lowercase, random: 8},
	"aws_lex_bot_alias":                 {separator: "_", letters: lowercase, random: 8},
	"aws_lex_intent":                    {separator: "_", letters: lowercase, random: 8},
	"aws_lex_slot_type":                 {separator: "_", letters: lowercase, random: 8},
	"aws_mq_broker":                     {property: "broker_name", max: 50},
	"aws_msk_cluster":                   {property: "cluster_name"},
	"aws_msk_serverless_cluster":        {property: "cluster_name"},
	"aws_opensearch_domain":             {property: "domain_name"},
	"aws_s3_bucket":                     {property: "bucket", max: 63, lower: true},
	"aws_s3_bucket_object":              {property: "key", random: -1},
	"aws_s3_object":                     {property: "key", random: -1},
	"aws_sns_topic":                     {max: 80, fifo: "fifoTopic"},
	"aws_sqs_queue":                     {max: 80, fifo: "fifoQueue"},
}

// unnamed lists the types whose "name" is a domain name, which nobody wants made up.
var unnamed = map[string]bool{"aws_directory_service_directory": true, "aws_route53_record": true}

// described lists the descriptions that AWS requires and pulumi-aws fills in.
var described = map[string]string{
	"aws_api_gateway_api_key":         "description",
	"aws_db_option_group":             "option_group_description",
	"aws_db_parameter_group":          "description",
	"aws_db_subnet_group":             "description",
	"aws_docdb_subnet_group":          "description",
	"aws_elasticache_parameter_group": "description",
	"aws_elasticache_subnet_group":    "description",
	"aws_media_package_channel":       "description",
	"aws_neptune_subnet_group":        "description",
	"aws_rds_cluster_parameter_group": "description",
	"aws_redshift_parameter_group":    "description",
	"aws_redshift_subnet_group":       "description",
	"aws_route53_zone":                "comment",
	"aws_security_group":              "description",
}

// addDefaults fills in what the program leaves out, like pulumi-aws: a name and, for
// some types, a description.
func addDefaults(tfType string, r *info.Resource, schema shim.SchemaMap) {
	if d, ok := described[tfType]; ok {
		setDefault(r, d, &info.Default{Value: "Managed by Pulumi"})
	}
	if unnamed[tfType] {
		return
	}
	n := namings[tfType]
	if n.property == "" {
		n.property = nameProperty(r)
	}
	s, ok := schema.GetOk(n.property)
	if ok && s.Type() == shim.TypeString && (s.Optional() || s.Required()) {
		setDefault(r, n.property, n.generate(pulumiName(n.property, schema, r.Fields)))
	}
}

func setDefault(r *info.Resource, tfName string, d *info.Default) {
	if r.Fields[tfName] == nil {
		r.Fields[tfName] = &info.Schema{}
	}
	r.Fields[tfName].Default = d
}

// nameProperty finds the property that the SDK calls "name".
func nameProperty(r *info.Resource) string {
	for tfName, f := range r.Fields {
		if f.Name == "name" {
			return tfName
		}
	}
	if f := r.Fields["name"]; f != nil && f.Name != "" {
		return ""
	}
	return "name"
}

func pulumiName(tfName string, schema shim.SchemaMap, fields map[string]*info.Schema) string {
	return tfbridge.TerraformToPulumiNameV2(tfName, schema, fields)
}

// prefixOf is the input next to the name that has Terraform make up the rest.
func prefixOf(name string) string { return name + "Prefix" }

// generate makes up the property called name, unless the program gives a prefix for
// Terraform to do so.
func (n naming) generate(name string) *info.Default {
	opts := info.AutoNameOptions{
		Separator: n.separator, Maxlen: n.max, Randlen: n.random, Charset: []rune(n.letters),
		PostTransform: func(res *info.PulumiResource, name string) (string, error) {
			if !strings.HasPrefix(name, n.prefix) {
				name = n.prefix + name
			}
			if v := res.Properties[n.fifo]; v.IsBool() && v.BoolValue() {
				name += ".fifo"
			}
			return name, nil
		},
	}
	if opts.Separator == "" {
		opts.Separator = "-"
	}
	if opts.Maxlen == 0 {
		opts.Maxlen = maxName
	}
	if opts.Randlen == 0 {
		opts.Randlen = 7
	}
	if n.letters == "" {
		opts.Charset = nil
	}
	if n.lower {
		opts.Transform = strings.ToLower
	}
	return &info.Default{
		AutoNamed: true,
		ComputeDefault: func(ctx context.Context, o info.ComputeDefaultOptions) (any, error) {
			if _, ok := o.Properties[resource.PropertyKey(prefixOf(name))]; ok {
				return nil, nil
			}
			return tfbridge.ComputeAutoNameDefault(ctx, opts, o)
		},
	}
}
