package notifications

import (
	"fmt"
	"regexp"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/chatbot"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/policydoc"
)

// chatPrincipal posts to the channel and draws the metric of an alarm there.
// https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html
const chatPrincipal = "chatbot.amazonaws.com"

// chatGuardrail bounds what anybody can ask of AWS in the channel, whatever the
// role allows. Without one AWS uses AdministratorAccess.
const chatGuardrail = "arn:aws:iam::aws:policy/CloudWatchReadOnlyAccess"

var (
	// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-chatbot-slackchannelconfiguration.html
	workspacePattern = regexp.MustCompile(`^[0-9A-Z]{1,255}$`)
	channelPattern   = regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`)
)

// Chat is a Slack channel that hears both topics, through Amazon Q Developer in
// chat applications (formerly AWS Chatbot). The workspace must have been
// authorized in that service's console before: it is the one step that has no
// API.
type Chat struct {
	// Workspace is the id of the Slack workspace, such as "T07EA123LEP".
	Workspace string
	// Channel is the id of the channel, such as "C07EZ1ABC23".
	Channel string
}

func (c *Chat) check(l *check.List, p check.Path) {
	if c == nil {
		return
	}
	if !workspacePattern.MatchString(c.Workspace) {
		l.Addf(p.Field("Workspace"), `is %q, want the id of a Slack workspace, such as "T07EA123LEP"`, c.Workspace)
	}
	if !channelPattern.MatchString(c.Channel) {
		l.Addf(p.Field("Channel"), `is %q, want the id of a Slack channel, such as "C07EZ1ABC23"`, c.Channel)
	}
}

// chat makes the channel's configuration and the role it reads metrics with.
func (a *Args) chat(ctx *pulumi.Context, parent pulumi.Resource, name string, topics pulumi.StringArray) error {
	if a.Chat == nil {
		return nil
	}
	trust := a.AccountID.ToStringOutput().ApplyT(func(accountID string) (string, error) {
		return policydoc.AssumeBy(chatPrincipal, accountID).JSON()
	}).(pulumi.StringOutput)
	role, err := iam.NewRole(ctx, name+"-chat-role", &iam.RoleArgs{
		Name:        pulumi.String(a.Name + "-chat"),
		Description: pulumi.String("What the chat channel of " + a.Name + " may read"), AssumeRolePolicy: trust,
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("create role %s-chat-role: %w", name, err)
	}
	policy, err := chatPolicy()
	if err != nil {
		return err
	}
	rolePolicy, err := iam.NewRolePolicy(ctx, name+"-chat-policy", &iam.RolePolicyArgs{
		Role: role.Name, Policy: pulumi.String(policy),
	}, pulumi.Parent(parent))
	if err != nil {
		return fmt.Errorf("create role policy %s-chat-policy: %w", name, err)
	}
	_, err = chatbot.NewSlackChannelConfiguration(ctx, name+"-chat", &chatbot.SlackChannelConfigurationArgs{
		ConfigurationName:   pulumi.String(a.Name),
		SlackTeamId:         pulumi.String(a.Chat.Workspace),
		SlackChannelId:      pulumi.String(a.Chat.Channel),
		IamRoleArn:          role.Arn,
		GuardrailPolicyArns: pulumi.ToStringArray([]string{chatGuardrail}),
		SnsTopicArns:        topics,
		LoggingLevel:        pulumi.String("ERROR"),
	}, pulumi.Parent(parent), pulumi.DependsOn([]pulumi.Resource{rolePolicy}))
	if err != nil {
		return fmt.Errorf("create chat channel %s-chat: %w", name, err)
	}
	return nil
}

// chatPolicy renders what drawing an alarm's metric takes. CloudWatch names no
// resources for it.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html
func chatPolicy() (string, error) {
	return policydoc.Document{Statements: []policydoc.Statement{{
		Sid:       "DrawAlarms",
		Actions:   []string{"cloudwatch:DescribeAlarms", "cloudwatch:GetMetricData", "cloudwatch:GetMetricWidgetImage"},
		Resources: []string{"*"},
	}}}.JSON()
}
