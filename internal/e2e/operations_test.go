package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	autoscaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling"
	scaling "github.com/aws/aws-sdk-go-v2/service/applicationautoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cloudwatchtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// catalogue is what `evenkeel alarms` says of a stack.
type catalogue struct {
	Alarms []struct{ Name, Type, Severity, Rule, Description string }
}

// telling counts the alarms that tell somebody.
func (c catalogue) telling() int {
	n := 0
	for _, a := range c.Alarms {
		if a.Severity != "" {
			n++
		}
	}
	return n
}

// registered lists the names that the program gives to resources of a type.
func registered(t *testing.T, p *testProject, stack, token, key string) []string {
	t.Helper()
	var g struct {
		Resources []struct {
			Type   string
			Inputs map[string]any
		}
	}
	p.must(&g, "graph", "--stack", stack)
	out := []string{}
	for _, r := range g.Resources {
		if r.Type == token {
			out = append(out, r.Inputs[key].(string))
		}
	}
	slices.Sort(out)
	return out
}

// operationsOnAWS holds what AWS's API lists to what the program registers:
// alarms, dashboard, queries, metric filters, scaling.
func operationsOnAWS(t *testing.T, p *testProject, up result, stack string) {
	cfg := awsConfig(up.Endpoint)
	alarmsOnAWS(t, p, cfg, stack)
	ctx, watch := t.Context(), cloudwatch.NewFromConfig(cfg)

	boards, err := watch.ListDashboards(ctx, &cloudwatch.ListDashboardsInput{})
	require.NoError(t, err)
	require.Len(t, boards.DashboardEntries, 1)
	name := boards.DashboardEntries[0].DashboardName
	assert.Equal(t, registered(t, p, stack, "aws:cloudwatch/dashboard:Dashboard", "dashboardName"), []string{aws.ToString(name)})
	board, err := watch.GetDashboard(ctx, &cloudwatch.GetDashboardInput{DashboardName: name})
	require.NoError(t, err)
	var body struct{ Widgets []map[string]any }
	require.NoError(t, json.Unmarshal([]byte(aws.ToString(board.DashboardBody)), &body))
	assert.Greater(t, len(body.Widgets), 15)
	assert.NotContains(t, aws.ToString(board.DashboardBody), "${", "a reference was not resolved")

	logs := cloudwatchlogs.NewFromConfig(cfg)
	queries, err := logs.DescribeQueryDefinitions(ctx, &cloudwatchlogs.DescribeQueryDefinitionsInput{})
	require.NoError(t, err)
	var names []string
	for _, q := range queries.QueryDefinitions {
		names = append(names, aws.ToString(q.Name))
		assert.NotEmpty(t, q.LogGroupNames, aws.ToString(q.Name))
	}
	assert.ElementsMatch(t, registered(t, p, stack, "aws:cloudwatch/queryDefinition:QueryDefinition", "name"), names)
	filters, err := logs.DescribeMetricFilters(ctx, &cloudwatchlogs.DescribeMetricFiltersInput{LogGroupName: aws.String(up.Outputs["logGroupName"].(string))})
	require.NoError(t, err)
	assert.Len(t, filters.MetricFilters, len(registered(t, p, stack, "aws:cloudwatch/logMetricFilter:LogMetricFilter", "name")))

	scaler := autoscaling.NewFromConfig(cfg)
	policies, err := scaler.DescribeScalingPolicies(ctx, &autoscaling.DescribeScalingPoliciesInput{ServiceNamespace: scaling.ServiceNamespaceEcs})
	require.NoError(t, err)
	names = nil
	for _, s := range policies.ScalingPolicies {
		names = append(names, aws.ToString(s.PolicyName))
		assert.Equal(t, "service/orders-"+stack+"/orders", aws.ToString(s.ResourceId))
	}
	assert.ElementsMatch(t, registered(t, p, stack, "aws:appautoscaling/policy:Policy", "name"), names)
}

func alarmsOnAWS(t *testing.T, p *testProject, cfg aws.Config, stack string) {
	var known catalogue
	p.must(&known, "alarms", "--stack", stack)
	require.Greater(t, len(known.Alarms), 40)
	want := map[string]string{}
	for _, a := range known.Alarms {
		want[a.Name] = a.Description + a.Rule
	}
	assert.Equal(t, want, alarmsThere(t, cfg))
}

// alarmsThere are the alarms that AWS lists, with what identifies them, but for
// those that it makes itself for scaling policies.
func alarmsThere(t *testing.T, cfg aws.Config) map[string]string {
	t.Helper()
	pages := cloudwatch.NewDescribeAlarmsPaginator(cloudwatch.NewFromConfig(cfg), &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []cloudwatchtypes.AlarmType{cloudwatchtypes.AlarmTypeCompositeAlarm, cloudwatchtypes.AlarmTypeMetricAlarm},
	})
	there := map[string]string{}
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		require.NoError(t, err)
		for _, a := range page.MetricAlarms {
			if !strings.HasPrefix(aws.ToString(a.AlarmName), "TargetTracking-") {
				there[aws.ToString(a.AlarmName)] = aws.ToString(a.AlarmDescription)
			}
		}
		for _, a := range page.CompositeAlarms {
			there[aws.ToString(a.AlarmName)] = aws.ToString(a.AlarmDescription) + aws.ToString(a.AlarmRule)
		}
	}
	return there
}

// devCount shows that the number of tasks is autoscaling's: what it set, the
// next update leaves alone.
func devCount(t *testing.T, p *testProject, up result) {
	client := ecs.NewFromConfig(awsConfig(up.Endpoint))
	_, err := client.UpdateService(context.Background(), &ecs.UpdateServiceInput{
		Cluster: aws.String(up.Outputs["clusterName"].(string)), Service: aws.String(up.Outputs["serviceName"].(string)), DesiredCount: aws.Int32(2),
	})
	require.NoError(t, err)
	p.edit("Pulumi.dev.yaml", "LOG_LEVEL: debug", "LOG_LEVEL: warn")
	var changed, drift result
	p.must(&changed, "local", "up")
	assert.Equal(t, map[string]int{"replace": 1, "update": 1, "same": up.Changes["create"] - 2}, changed.Changes, "the task definition and the service")
	assert.EqualValues(t, 2, describeService(t, client, up).DesiredCount)
	p.must(&drift, "local", "preview", "--refresh")
	drift.onlySame(t)
}

// devSchedules adds a night that ends in the morning.
func devSchedules(t *testing.T, p *testProject, up result) {
	p.edit("Pulumi.dev.yaml", "  evenkeel:secrets:", `  evenkeel:autoscaling:
    schedules:
      evening: {at: "cron(0 20 ? * MON-FRI *)", timeZone: Europe/Berlin, minimumTasks: 1, maximumTasks: 1}
      morning: {at: "cron(0 7 ? * MON-FRI *)", timeZone: Europe/Berlin, minimumTasks: 1, maximumTasks: 4}
  evenkeel:secrets:`)
	var changed, drift result
	p.must(&changed, "local", "up")
	assert.Equal(t, map[string]int{"create": 2, "same": up.Changes["create"]}, changed.Changes)
	actions, err := autoscaling.NewFromConfig(awsConfig(up.Endpoint)).DescribeScheduledActions(t.Context(),
		&autoscaling.DescribeScheduledActionsInput{ServiceNamespace: scaling.ServiceNamespaceEcs})
	require.NoError(t, err)
	var got []string
	for _, a := range actions.ScheduledActions {
		got = append(got, fmt.Sprintf("%s %s %s %d-%d", aws.ToString(a.ScheduledActionName), aws.ToString(a.Schedule), aws.ToString(a.Timezone),
			aws.ToInt32(a.ScalableTargetAction.MinCapacity), aws.ToInt32(a.ScalableTargetAction.MaxCapacity)))
	}
	assert.ElementsMatch(t, []string{
		"orders-dev-evening cron(0 20 ? * MON-FRI *) Europe/Berlin 1-1", "orders-dev-morning cron(0 7 ? * MON-FRI *) Europe/Berlin 1-4",
	}, got)
	p.must(&drift, "local", "preview", "--refresh")
	drift.onlySame(t)
}

// devAlarmStates shows alarms and their states as AWS has them.
func devAlarmStates(t *testing.T, p *testProject, up result) {
	_, err := cloudwatch.NewFromConfig(awsConfig(up.Endpoint)).SetAlarmState(t.Context(), &cloudwatch.SetAlarmStateInput{
		AlarmName: aws.String("orders-dev-deployment-failed"), StateValue: cloudwatchtypes.StateValueAlarm, StateReason: aws.String("tried"),
	})
	require.NoError(t, err)
	var status struct {
		Alarms []struct {
			Name, State string
			Tells       []string
			Scaling     bool
		}
	}
	p.must(&status, "local", "status")
	states := map[string]string{}
	for _, a := range status.Alarms {
		states[a.Name] = a.State
		if a.Name == "orders-dev-deployment-failed" {
			assert.Equal(t, []string{"orders-dev-page"}, a.Tells)
		}
		assert.Equal(t, strings.HasPrefix(a.Name, "TargetTracking-"), a.Scaling, a.Name)
	}
	assert.Equal(t, "ALARM", states["orders-dev-deployment-failed"])
}
