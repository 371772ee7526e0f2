package parts

// The versions the local engine is made of. They belong together: a test
// holds them against the go.mod files of this project, so that a bump of the
// SDK can't leave the engine behind.
const (
	// PulumiVersion is the version of the Pulumi CLI that is downloaded or
	// built, and the oldest one on PATH that is used. It is the version of
	// github.com/pulumi/pulumi/sdk/v3, as the Automation API wants a CLI that
	// is no older than itself.
	PulumiVersion = "3.250.0"

	// AWSPluginVersion is the version of the AWS plugin that resources of
	// github.com/pulumi/pulumi-aws/sdk/v6 ask the engine for.
	AWSPluginVersion = "6.83.2"

	// AWSXPluginVersion is the version of the awsx plugin that resources of
	// github.com/pulumi/pulumi-awsx/sdk/v2 ask the engine for.
	AWSXPluginVersion = "2.22.0"

	// AWSXChildrenVersion is the version of the AWS plugin that the children
	// of awsx components ask for: the one the awsx plugin was released with.
	AWSXChildrenVersion = "6.66.3"

	// TerraformAWSVersion is the version of the Terraform AWS provider that
	// pulumi-aws 6.83.2 wraps, and that the bridge's table was made from.
	TerraformAWSVersion = "5.100.0"

	// MotoVersion is the version of moto that is installed where there is
	// none. Any installed moto of the same minor version is used as it is.
	MotoVersion = "5.2.1"
)
