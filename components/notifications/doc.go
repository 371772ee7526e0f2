// Package notifications is how a stack reaches people: one topic for what must
// wake somebody up, one for what can wait for the next working day, encrypted
// with one key.
//
// Children, with <c> the component's name; these names are API, because they
// are part of each resource's URN:
//
//	<c>-key                    aws.kms.Key, rotated every year
//	<c>-alias                  aws.kms.Alias "alias/<Args.Name>-notifications"
//	<c>-page                   aws.sns.Topic "<Args.Name>-page"
//	<c>-page-policy            aws.sns.TopicPolicy
//	<c>-ticket                 aws.sns.Topic "<Args.Name>-ticket"
//	<c>-ticket-policy          aws.sns.TopicPolicy
//	<c>-<topic>-email-<hash>   one aws.sns.TopicSubscription per address
//	<c>-<topic>-https-<hash>   one aws.sns.TopicSubscription per endpoint
//	<c>-chat                   aws.chatbot.SlackChannelConfiguration, with Args.Chat
//	<c>-chat-role              aws.iam.Role that it reads metrics with
//	<c>-chat-policy            aws.iam.RolePolicy
//
// <hash> comes from the endpoint, so adding or removing one leaves the others
// alone.
//
// CloudWatch alarms, EventBridge rules and AWS Budgets of this account may
// publish, and principals that the account's IAM policies allow to; nobody
// without TLS. The key is customer managed because alarms cannot publish to a
// topic under the key that AWS manages for SNS.
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services
//
// HTTPS endpoints often hold an integration's key in their URL. They are
// secrets here: masked in previews, encrypted in the state and absent from
// resource names and error messages.
//
// What it does not do: an address receives nothing until its owner has
// confirmed the mail that SNS sends on subscription. A topic without
// subscribers is valid and silent.
//
// What it refuses: ids that are no Slack workspace's or channel's, addresses that are none, URLs that are not HTTPS, and the
// same subscriber twice on one topic.
package notifications
