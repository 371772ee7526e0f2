package iampolicy

func bucketRows() service {
	// Pulumi adds a suffix to the name, which no other account can have.
	bucket, objects := []string{"arn:aws:s3:::{base}-logs-*"}, []string{"arn:aws:s3:::{base}-logs-*/*"}
	buckets := []string{"s3/bucketV2:BucketV2"}
	part := func(name string) []string { return []string{"s3/" + name} }
	return service{"s3", []row{
		{
			types: buckets, does: read, on: bucket, actions: []string{
				"GetAccelerateConfiguration", "GetBucketAcl", "GetBucketCORS", "GetBucketLogging", "GetBucketObjectLockConfiguration", "GetBucketPolicy",
				"GetBucketRequestPayment", "GetBucketTagging", "GetBucketVersioning", "GetBucketWebsite", "GetEncryptionConfiguration",
				"GetLifecycleConfiguration", "GetReplicationConfiguration", "ListBucket",
			},
		},
		{types: buckets, does: create, actions: []string{"CreateBucket", "PutBucketTagging"}, on: bucket},
		{types: buckets, does: update, actions: []string{"PutBucketTagging"}, on: bucket},
		{types: buckets, does: remove, actions: []string{"DeleteBucket", "ListBucketVersions"}, on: bucket},
		{types: buckets, does: remove, actions: []string{"DeleteObject", "DeleteObjectVersion"}, on: objects},
		{types: part("bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"), does: read, actions: []string{"GetLifecycleConfiguration"}, on: bucket},
		{types: part("bucketLifecycleConfigurationV2:BucketLifecycleConfigurationV2"), does: write, actions: []string{"PutLifecycleConfiguration"}, on: bucket},
		{types: part("bucketOwnershipControls:BucketOwnershipControls"), does: read, actions: []string{"GetBucketOwnershipControls"}, on: bucket},
		{types: part("bucketOwnershipControls:BucketOwnershipControls"), does: write, actions: []string{"PutBucketOwnershipControls"}, on: bucket},
		{types: part("bucketPolicy:BucketPolicy"), does: read, actions: []string{"GetBucketPolicy"}, on: bucket},
		{types: part("bucketPolicy:BucketPolicy"), does: create | update, actions: []string{"PutBucketPolicy"}, on: bucket},
		{types: part("bucketPolicy:BucketPolicy"), does: remove, actions: []string{"DeleteBucketPolicy"}, on: bucket},
		{types: part("bucketPublicAccessBlock:BucketPublicAccessBlock"), does: read, actions: []string{"GetBucketPublicAccessBlock"}, on: bucket},
		{types: part("bucketPublicAccessBlock:BucketPublicAccessBlock"), does: write, actions: []string{"PutBucketPublicAccessBlock"}, on: bucket},
		{types: part("bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"), does: read, actions: []string{"GetEncryptionConfiguration"}, on: bucket},
		{types: part("bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"), does: write, actions: []string{"PutEncryptionConfiguration"}, on: bucket},
	}}
}

func keyRows() service {
	key, alias := []string{"arn:aws:kms:{region}:{account}:key/*"}, []string{"arn:aws:kms:{region}:{account}:alias/{base}-*"}
	keys, aliases := []string{"kms/key:Key"}, []string{"kms/alias:Alias"}
	return service{"kms", []row{
		{types: keys, does: read, actions: []string{"DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus", "ListResourceTags"}, on: key, scope: tagged},
		{types: aliases, does: read, actions: []string{"ListAliases"}, why: noLevel},
		{types: keys, does: create, actions: []string{"CreateKey"}, scope: tagging, why: noIDYet},
		{types: keys, does: create, actions: []string{"TagResource"}, on: key, scope: tagging},
		{types: keys, does: create | update, actions: []string{"EnableKeyRotation"}, on: key, scope: tagged},
		{
			types: keys, does: update, on: key, scope: tagged,
			actions: []string{"PutKeyPolicy", "DisableKeyRotation", "EnableKey", "DisableKey", "UpdateKeyDescription", "TagResource", "UntagResource"},
		},
		{types: keys, does: remove, actions: []string{"ScheduleKeyDeletion"}, on: key, scope: tagged},
		{types: aliases, does: create, actions: []string{"CreateAlias"}, on: alias},
		{types: aliases, does: create, actions: []string{"CreateAlias"}, on: key, scope: tagged},
		{types: aliases, does: update, actions: []string{"UpdateAlias"}, on: alias},
		{types: aliases, does: update, actions: []string{"UpdateAlias"}, on: key, scope: tagged},
		{types: aliases, does: remove, actions: []string{"DeleteAlias"}, on: alias},
		{types: aliases, does: remove, actions: []string{"DeleteAlias"}, on: key, scope: tagged},
		// An encrypted topic or secret is made by who may use its key.
		// https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
		{types: []string{"secretsmanager/secret:Secret"}, does: create | update, actions: []string{"Decrypt", "GenerateDataKey"}, on: key, scope: tagged},
	}}
}

func secretRows() service {
	secret := []string{"arn:aws:secretsmanager:{region}:{account}:secret:{base}/*"}
	secrets := []string{"secretsmanager/secret:Secret"}
	return service{"secretsmanager", []row{
		{types: secrets, does: read, actions: []string{"DescribeSecret", "GetResourcePolicy"}, on: secret},
		{types: secrets, does: create, actions: []string{"CreateSecret"}, on: secret, scope: tagging},
		{types: secrets, does: create, actions: []string{"TagResource"}, on: secret},
		{types: secrets, does: update, actions: []string{"UpdateSecret", "TagResource", "UntagResource"}, on: secret},
		{types: secrets, does: remove, actions: []string{"DeleteSecret"}, on: secret},
	}}
}

func identityRows() service {
	role := []string{
		"arn:aws:iam::{account}:role/{base}-execution", "arn:aws:iam::{account}:role/{base}-task",
		"arn:aws:iam::{account}:role/{base}-codedeploy", "arn:aws:iam::{account}:role/{base}-flow-logs",
		"arn:aws:iam::{account}:role/{base}-chat",
	}
	// The pipeline's own, which it may read.
	pipeline := []string{
		"arn:aws:iam::{account}:role/{base}-preview", "arn:aws:iam::{account}:role/{base}-push", "arn:aws:iam::{account}:role/{base}-deploy",
	}
	policy := []string{"arn:aws:iam::{account}:policy/{base}-*"}
	provider := []string{"arn:aws:iam::{account}:oidc-provider/token.actions.githubusercontent.com"}
	roles, inline := []string{"iam/role:Role"}, []string{"iam/rolePolicy:RolePolicy"}
	attached := []string{"iam/rolePolicyAttachment:RolePolicyAttachment"}
	return service{"iam", []row{
		{
			types: roles, does: read, on: append(role, pipeline...),
			actions: []string{"GetRole", "ListRolePolicies", "ListAttachedRolePolicies"},
		},
		{types: inline, does: read, actions: []string{"GetRolePolicy"}, on: append(role, pipeline...)},
		{types: roles, does: create, actions: []string{"CreateRole"}, on: role, scope: tagging},
		{types: roles, does: create, actions: []string{"TagRole"}, on: role, scope: tagging},
		{
			types: roles, does: update, on: role, scope: tagged,
			actions: []string{"UpdateRole", "UpdateRoleDescription", "UpdateAssumeRolePolicy", "TagRole", "UntagRole"},
		},
		{types: roles, does: remove, actions: []string{"DeleteRole", "ListInstanceProfilesForRole"}, on: role, scope: tagged},
		{types: inline, does: create | update, actions: []string{"PutRolePolicy"}, on: role, scope: tagged},
		{types: inline, does: remove, actions: []string{"DeleteRolePolicy"}, on: role, scope: tagged},
		{types: attached, does: read, actions: []string{"ListAttachedRolePolicies"}, on: pipeline},
		{
			types: []string{"iam/policy:Policy"}, does: read, on: policy,
			actions: []string{"GetPolicy", "GetPolicyVersion"},
		},
		{types: []string{"iam/openIdConnectProvider:OpenIdConnectProvider"}, does: read, actions: []string{"GetOpenIDConnectProvider"}, on: provider},
		{
			types: []string{"ecs/taskDefinition:TaskDefinition"}, does: create, actions: []string{"PassRole"},
			on: role[:2], when: passedTo("ecs-tasks.amazonaws.com"),
		},
		{
			types: []string{"codedeploy/deploymentGroup:DeploymentGroup"}, does: create | update, actions: []string{"PassRole"},
			on: role[2:3], when: passedTo("codedeploy.amazonaws.com"),
		},
		{types: []string{"ec2/flowLog:FlowLog"}, does: create, actions: []string{"PassRole"}, on: role[3:4], when: passedTo("vpc-flow-logs.amazonaws.com")},
		{
			types: []string{"chatbot/slackChannelConfiguration:SlackChannelConfiguration"}, does: create | update, actions: []string{"PassRole"},
			on: role[4:5], when: passedTo("chatbot.amazonaws.com"),
		},
		{
			types: []string{"ecs/cluster:Cluster", "appautoscaling/target:Target", "lb/loadBalancer:LoadBalancer"}, does: create,
			actions: []string{"CreateServiceLinkedRole"}, unseen: firstUse, on: []string{"arn:aws:iam::{account}:role/aws-service-role/*"},
			when: map[string]map[string][]string{"StringEquals": {"iam:AWSServiceName": {
				"ecs.amazonaws.com", "ecs.application-autoscaling.amazonaws.com", "elasticloadbalancing.amazonaws.com",
			}}},
		},
	}}
}

func passedTo(service string) map[string]map[string][]string {
	return map[string]map[string][]string{"StringEquals": {"iam:PassedToService": {service}}}
}
