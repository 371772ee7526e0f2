package gateway_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/budgets"
	"github.com/aws/aws-sdk-go-v2/service/budgets/types"
	"github.com/aws/aws-sdk-go-v2/service/costexplorer"
	cetypes "github.com/aws/aws-sdk-go-v2/service/costexplorer/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func budgetOf(name, amount string) *types.Budget {
	return &types.Budget{
		BudgetName: &name, BudgetType: types.BudgetTypeCost, TimeUnit: types.TimeUnitMonthly,
		BudgetLimit: &types.Spend{Amount: &amount, Unit: aws.String("USD")},
	}
}

func notification(threshold float64) *types.Notification {
	return &types.Notification{
		ComparisonOperator: types.ComparisonOperatorGreaterThan, NotificationType: types.NotificationTypeActual,
		Threshold: threshold, ThresholdType: types.ThresholdTypePercentage,
	}
}

func mail(address string) []types.Subscriber {
	return []types.Subscriber{{Address: &address, SubscriptionType: types.SubscriptionTypeEmail}}
}

func TestBudgetSubscribersAndUpdate(t *testing.T) {
	e := overMoto(t)
	client := budgets.NewFromConfig(e.config())
	ctx, name := t.Context(), unique(t)
	_, err := client.CreateBudget(ctx, &budgets.CreateBudgetInput{
		AccountId: aws.String(account), Budget: budgetOf(name, "100"),
		NotificationsWithSubscribers: []types.NotificationWithSubscribers{{Notification: notification(80), Subscribers: mail("a@example.com")}},
		ResourceTags:                 []types.ResourceTag{{Key: aws.String("team"), Value: aws.String("orders")}},
	})
	require.NoError(t, err)
	_, err = client.CreateNotification(ctx, &budgets.CreateNotificationInput{
		AccountId: aws.String(account), BudgetName: &name, Notification: notification(100), Subscribers: mail("b@example.com"),
	})
	require.NoError(t, err)
	subscribers := func(threshold float64) ([]types.Subscriber, error) {
		out, err := client.DescribeSubscribersForNotification(ctx, &budgets.DescribeSubscribersForNotificationInput{
			AccountId: aws.String(account), BudgetName: &name, Notification: notification(threshold),
		})
		if err != nil {
			return nil, err
		}
		return out.Subscribers, nil
	}
	for threshold, address := range map[float64]string{80: "a@example.com", 100: "b@example.com"} {
		got, err := subscribers(threshold)
		require.NoError(t, err)
		assert.Equal(t, mail(address), got)
	}
	_, err = client.DeleteNotification(ctx, &budgets.DeleteNotificationInput{
		AccountId: aws.String(account), BudgetName: &name, Notification: notification(80),
	})
	require.NoError(t, err)
	_, err = subscribers(80)
	var missing *types.NotFoundException
	require.ErrorAs(t, err, &missing)

	_, err = client.UpdateBudget(ctx, &budgets.UpdateBudgetInput{AccountId: aws.String(account), NewBudget: budgetOf(name, "250")})
	require.NoError(t, err)
	got, err := client.DescribeBudget(ctx, &budgets.DescribeBudgetInput{AccountId: aws.String(account), BudgetName: &name})
	require.NoError(t, err)
	assert.Equal(t, "250", *got.Budget.BudgetLimit.Amount)
	assert.NotNil(t, got.Budget.TimePeriod, "what AWS fills in stays")
	assert.NotNil(t, got.Budget.LastUpdatedTime)

	tags, err := client.ListTagsForResource(ctx, &budgets.ListTagsForResourceInput{ResourceARN: aws.String("arn:aws:budgets::" + account + ":budget/" + name)})
	require.NoError(t, err)
	assert.Equal(t, []types.ResourceTag{{Key: aws.String("team"), Value: aws.String("orders")}}, tags.ResourceTags)
}

func TestBudgetMadeAgainStartsAfresh(t *testing.T) {
	e := overMoto(t)
	client := budgets.NewFromConfig(e.config())
	ctx, name := t.Context(), unique(t)
	create := func() {
		_, err := client.CreateBudget(ctx, &budgets.CreateBudgetInput{AccountId: aws.String(account), Budget: budgetOf(name, "100")})
		require.NoError(t, err)
	}
	create()
	_, err := client.UpdateBudget(ctx, &budgets.UpdateBudgetInput{AccountId: aws.String(account), NewBudget: budgetOf(name, "250")})
	require.NoError(t, err)
	_, err = client.DeleteBudget(ctx, &budgets.DeleteBudgetInput{AccountId: aws.String(account), BudgetName: &name})
	require.NoError(t, err)
	var missing *types.NotFoundException
	_, err = client.UpdateBudget(ctx, &budgets.UpdateBudgetInput{AccountId: aws.String(account), NewBudget: budgetOf(name, "250")})
	require.ErrorAs(t, err, &missing)
	create()
	got, err := client.DescribeBudget(ctx, &budgets.DescribeBudgetInput{AccountId: aws.String(account), BudgetName: &name})
	require.NoError(t, err)
	assert.Equal(t, "100", *got.Budget.BudgetLimit.Amount)
}

func TestAnomalyDetection(t *testing.T) {
	e := overMoto(t)
	client := costexplorer.NewFromConfig(e.config())
	ctx := t.Context()
	monitor, err := client.CreateAnomalyMonitor(ctx, &costexplorer.CreateAnomalyMonitorInput{
		AnomalyMonitor: &cetypes.AnomalyMonitor{
			MonitorName: aws.String("services"), MonitorType: cetypes.MonitorTypeDimensional, MonitorDimension: cetypes.MonitorDimensionService,
		},
		ResourceTags: []cetypes.ResourceTag{{Key: aws.String("team"), Value: aws.String("orders")}},
	})
	require.NoError(t, err)
	subscription, err := client.CreateAnomalySubscription(ctx, &costexplorer.CreateAnomalySubscriptionInput{
		AnomalySubscription: &cetypes.AnomalySubscription{
			SubscriptionName: aws.String("daily"), Frequency: cetypes.AnomalySubscriptionFrequencyDaily, MonitorArnList: []string{*monitor.MonitorArn},
			Subscribers: []cetypes.Subscriber{{Address: aws.String("a@example.com"), Type: cetypes.SubscriberTypeEmail}},
		},
	})
	require.NoError(t, err)
	_, err = client.UpdateAnomalySubscription(ctx, &costexplorer.UpdateAnomalySubscriptionInput{
		SubscriptionArn: subscription.SubscriptionArn, Frequency: cetypes.AnomalySubscriptionFrequencyWeekly,
	})
	require.NoError(t, err)

	monitors, err := client.GetAnomalyMonitors(ctx, &costexplorer.GetAnomalyMonitorsInput{MonitorArnList: []string{*monitor.MonitorArn}})
	require.NoError(t, err)
	require.Len(t, monitors.AnomalyMonitors, 1)
	assert.Equal(t, "services", *monitors.AnomalyMonitors[0].MonitorName)
	all, err := client.GetAnomalySubscriptions(ctx, &costexplorer.GetAnomalySubscriptionsInput{})
	require.NoError(t, err)
	require.Len(t, all.AnomalySubscriptions, 1, "monitors are not among them")
	assert.Equal(t, cetypes.AnomalySubscriptionFrequencyWeekly, all.AnomalySubscriptions[0].Frequency)
	assert.Equal(t, account, *all.AnomalySubscriptions[0].AccountId)
	tags, err := client.ListTagsForResource(ctx, &costexplorer.ListTagsForResourceInput{ResourceArn: monitor.MonitorArn})
	require.NoError(t, err)
	assert.Equal(t, "orders", *tags.ResourceTags[0].Value)

	_, err = client.DeleteAnomalyMonitor(ctx, &costexplorer.DeleteAnomalyMonitorInput{MonitorArn: monitor.MonitorArn})
	require.NoError(t, err)
	var unknown *cetypes.UnknownMonitorException
	_, err = client.UpdateAnomalyMonitor(ctx, &costexplorer.UpdateAnomalyMonitorInput{MonitorArn: monitor.MonitorArn, MonitorName: aws.String("x")})
	assert.ErrorAs(t, err, &unknown)
}
