package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	subscriberReason = "moto keeps no subscribers of a budget's notifications"
	updateReason     = "moto lacks UpdateBudget; what it sent is shown instead of what moto has"
)

var budgetCompletions = slices.Concat([]Completion{
	{Service: "budgets", Action: "CreateBudget", Kind: Completes, Reason: subscriberReason + " and no tags", after: onSuccess(rememberBudget)},
	{Service: "budgets", Action: "DeleteBudget", Kind: Completes, Reason: subscriberReason + " and no tags", after: onSuccess(forgetBudget)},
	{Service: "budgets", Action: "UpdateBudget", Kind: Answers, Reason: updateReason, answer: updateBudget},
	{Service: "budgets", Action: "DescribeBudget", Kind: Completes, Reason: updateReason, after: onSuccess(completeBudget)},
	{Service: "budgets", Action: "DescribeBudgets", Kind: Completes, Reason: updateReason, after: onSuccess(completeBudgets)},
	{Service: "budgets", Action: "CreateNotification", Kind: Completes, Reason: subscriberReason, after: onSuccess(rememberNotification)},
	{Service: "budgets", Action: "DeleteNotification", Kind: Completes, Reason: subscriberReason, after: onSuccess(forgetNotification)},
	{Service: "budgets", Action: "DescribeSubscribersForNotification", Kind: Answers, Reason: subscriberReason, answer: describeSubscribers},
}, tagging{
	service: "budgets", reason: "moto lacks tags of budgets", arn: "ResourceARN", tags: "ResourceTags", keys: "ResourceTagKeys",
	asList: true, missing: "NotFoundException", book: func(m *memory) *tagBook { return m.budgets.tags },
}.completions())

// budgetMemory is by "account/budget"; subscribers have the notification
// behind that.
type budgetMemory struct {
	known       map[string]bool
	updated     map[string]object
	subscribers map[string]any
	tags        *tagBook
}

func newBudgetMemory() *budgetMemory {
	return &budgetMemory{map[string]bool{}, map[string]object{}, map[string]any{}, newTagBook()}
}

func budgetKey(e *exchange, name string) string { return text(e.input(), "AccountId") + "/" + name }

func budgetARN(e *exchange, name string) string {
	return "arn:aws:budgets::" + text(e.input(), "AccountId") + ":budget/" + name
}

// notificationKey tells notifications apart as AWS does: by all but their state.
func notificationKey(e *exchange, name string, n object) string {
	return strings.Join([]string{
		budgetKey(e, name), text(n, "NotificationType"), text(n, "ComparisonOperator"), number(n["Threshold"]), text(n, "ThresholdType"),
	}, "/")
}

// number makes 80, 80.0 and 8e1 the same.
func number(v any) string {
	n, err := strconv.ParseFloat(fmt.Sprint(v), 64)
	if err != nil {
		return ""
	}
	return strconv.FormatFloat(n, 'g', -1, 64)
}

func rememberBudget(m *memory, e *exchange, _ object) {
	name := text(child(e.input(), "Budget"), "BudgetName")
	m.budgets.known[budgetKey(e, name)] = true
	m.budgets.tags.replace(budgetARN(e, name), e.input()["ResourceTags"])
	for _, n := range objects(e.input(), "NotificationsWithSubscribers") {
		m.budgets.subscribers[notificationKey(e, name, child(n, "Notification"))] = n["Subscribers"]
	}
}

func forgetBudget(m *memory, e *exchange, _ object) {
	name := text(e.input(), "BudgetName")
	key := budgetKey(e, name)
	delete(m.budgets.known, key)
	delete(m.budgets.updated, key)
	m.budgets.tags.remove(budgetARN(e, name))
	for k := range m.budgets.subscribers {
		if strings.HasPrefix(k, key+"/") {
			delete(m.budgets.subscribers, k)
		}
	}
}

func updateBudget(m *memory, e *exchange) *reply {
	budget := child(e.input(), "NewBudget")
	key := budgetKey(e, text(budget, "BudgetName"))
	if !m.budgets.known[key] {
		return jsonFailure("NotFoundException", "Unable to update budget: %s - the budget doesn't exist.", text(budget, "BudgetName"))
	}
	budget = merged(budget, object{"LastUpdatedTime": json.Number(strconv.FormatInt(time.Now().Unix(), 10))})
	m.budgets.updated[key] = budget
	return jsonReply(object{})
}

func completeBudget(m *memory, e *exchange, out object) {
	if budget := child(out, "Budget"); budget != nil {
		overlayBudget(m, e, budget)
	}
}

func completeBudgets(m *memory, e *exchange, out object) {
	for _, budget := range objects(out, "Budgets") {
		overlayBudget(m, e, budget)
	}
}

// overlayBudget shows the last update. An update replaces the whole
// definition; what AWS computes or always fills in stays.
func overlayBudget(m *memory, e *exchange, budget object) {
	updated, ok := m.budgets.updated[budgetKey(e, text(budget, "BudgetName"))]
	if !ok {
		return
	}
	for k := range budget {
		switch k {
		case "CalculatedSpend", "CostTypes", "TimePeriod", "LastUpdatedTime", "BudgetName", "BudgetType", "TimeUnit":
		default:
			delete(budget, k)
		}
	}
	for k, v := range updated {
		budget[k] = v
	}
}

func rememberNotification(m *memory, e *exchange, _ object) {
	in := e.input()
	m.budgets.subscribers[notificationKey(e, text(in, "BudgetName"), child(in, "Notification"))] = in["Subscribers"]
}

func forgetNotification(m *memory, e *exchange, _ object) {
	delete(m.budgets.subscribers, notificationKey(e, text(e.input(), "BudgetName"), child(e.input(), "Notification")))
}

func describeSubscribers(m *memory, e *exchange) *reply {
	in := e.input()
	subscribers, ok := m.budgets.subscribers[notificationKey(e, text(in, "BudgetName"), child(in, "Notification"))]
	if !ok {
		return jsonFailure("NotFoundException", "budget %s has no such notification", text(in, "BudgetName"))
	}
	return jsonReply(object{"Subscribers": subscribers})
}
