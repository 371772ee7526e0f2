package gateway_test

import (
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

func compositeAlarms(t *testing.T, client *cloudwatch.Client, name string) []types.CompositeAlarm {
	t.Helper()
	out, err := client.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{
		AlarmNames: []string{name}, AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm},
	})
	require.NoError(t, err)
	return out.CompositeAlarms
}

func TestCompositeAlarm(t *testing.T) {
	e := overMoto(t)
	client := cloudwatch.NewFromConfig(e.config())
	name := unique(t)
	_, err := client.PutCompositeAlarm(t.Context(), &cloudwatch.PutCompositeAlarmInput{
		AlarmName: &name, AlarmRule: aws.String(`ALARM("a") OR ALARM("b")`), AlarmActions: []string{"arn:aws:sns:eu-west-1:123456789012:page"},
	})
	require.NoError(t, err)
	alarms := compositeAlarms(t, client, name)
	require.Len(t, alarms, 1)
	assert.Equal(t, `ALARM("a") OR ALARM("b")`, *alarms[0].AlarmRule)
	assert.Equal(t, []string{"arn:aws:sns:eu-west-1:123456789012:page"}, alarms[0].AlarmActions)
	assert.NotNil(t, alarms[0].StateUpdatedTimestamp, "times get through the translation of protocols")
	assert.True(t, e.last(t, "cloudwatch:PutCompositeAlarm").Completed)

	_, err = client.DeleteAlarms(t.Context(), &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{name}})
	require.NoError(t, err)
	assert.Empty(t, compositeAlarms(t, client, name))
	_, err = client.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, MetricName: aws.String("errors"), Namespace: aws.String("N"), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(0.5), Period: aws.Int32(60), Statistic: types.StatisticSum,
	})
	require.NoError(t, err)
	out, err := client.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	require.NoError(t, err)
	require.Len(t, out.MetricAlarms, 1, "the name is no composite alarm's any more")
	assert.Equal(t, aws.Float64(0.5), out.MetricAlarms[0].Threshold)
}

// query sends a request in the query protocol.
func query(t *testing.T, e emulated, service, version, action string, form url.Values) string {
	t.Helper()
	form.Set("Action", action)
	form.Set("Version", version)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, e.url, strings.NewReader(form.Encode()))
	require.NoError(t, err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	require.Equal(t, http.StatusOK, answer.StatusCode, "%s", body)
	return string(body)
}

// TestCompositeAlarmByQuery covers the protocol of clients up to mid 2025,
// the Terraform AWS provider 5 among them.
func TestCompositeAlarmByQuery(t *testing.T) {
	e := overMoto(t)
	name := unique(t)
	form := url.Values{
		"AlarmName": {name}, "AlarmRule": {`ALARM("a")`},
		"AlarmActions.member.1": {"arn:aws:sns:eu-west-1:123456789012:page"},
	}
	body := query(t, e, "monitoring", "2010-08-01", "PutCompositeAlarm", form)
	assert.Contains(t, body, "PutCompositeAlarmResponse")
	require.Len(t, compositeAlarms(t, cloudwatch.NewFromConfig(e.config()), name), 1)

	described := func(types string) string {
		return query(t, e, "monitoring", "2010-08-01", "DescribeAlarms", url.Values{"AlarmNames.member.1": {name}, "AlarmTypes.member.1": {types}})
	}
	assert.Regexp(t, `<CompositeAlarms><member>.*<AlarmRule>ALARM\(&#34;a&#34;\)</AlarmRule></member></CompositeAlarms>`, described("CompositeAlarm"))
	assert.NotContains(t, described("MetricAlarm"), name)

	parameters, ok := e.last(t, "cloudwatch:PutCompositeAlarm").Parameters.(map[string]any)
	require.True(t, ok)
	assert.Equal(t, "PutCompositeAlarm", parameters["Action"], "the record has what was asked, not what moto saw")
	assert.Equal(t, []any{"arn:aws:sns:eu-west-1:123456789012:page"}, parameters["AlarmActions"])
}

func TestQueryDefinitions(t *testing.T) {
	e := overMoto(t)
	client := cloudwatchlogs.NewFromConfig(e.config())
	ctx := t.Context()
	made, err := client.PutQueryDefinition(ctx, &cloudwatchlogs.PutQueryDefinitionInput{
		Name: aws.String("orders/errors"), QueryString: aws.String("filter level = 'error'"), LogGroupNames: []string{"/orders"},
	})
	require.NoError(t, err)
	_, err = client.PutQueryDefinition(ctx, &cloudwatchlogs.PutQueryDefinitionInput{
		Name: aws.String("other/slow"), QueryString: aws.String("sort @timestamp"),
	})
	require.NoError(t, err)
	_, err = client.PutQueryDefinition(ctx, &cloudwatchlogs.PutQueryDefinitionInput{
		QueryDefinitionId: made.QueryDefinitionId, Name: aws.String("orders/errors"), QueryString: aws.String("limit 5"),
	})
	require.NoError(t, err)

	found, err := client.DescribeQueryDefinitions(ctx, &cloudwatchlogs.DescribeQueryDefinitionsInput{QueryDefinitionNamePrefix: aws.String("orders/")})
	require.NoError(t, err)
	require.Len(t, found.QueryDefinitions, 1)
	assert.Equal(t, "limit 5", *found.QueryDefinitions[0].QueryString)
	assert.NotZero(t, *found.QueryDefinitions[0].LastModified)
	assert.Empty(t, found.QueryDefinitions[0].LogGroupNames, "an update replaces the definition")

	gone, err := client.DeleteQueryDefinition(ctx, &cloudwatchlogs.DeleteQueryDefinitionInput{QueryDefinitionId: made.QueryDefinitionId})
	require.NoError(t, err)
	assert.True(t, gone.Success)
	var missing *logtypes.ResourceNotFoundException
	_, err = client.DeleteQueryDefinition(ctx, &cloudwatchlogs.DeleteQueryDefinitionInput{QueryDefinitionId: made.QueryDefinitionId})
	require.ErrorAs(t, err, &missing)
	assert.Equal(t, gateway.AnsweredByGateway, e.last(t, "logs:PutQueryDefinition").AnsweredBy)
}
