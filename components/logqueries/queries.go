package logqueries

import (
	"slices"
	"strings"
)

// RequestIDPlaceholder is what the query request-trail has where the id of the
// request goes. A saved query has no parameters: whoever runs it puts the id in.
const RequestIDPlaceholder = "put-the-request-id-here"

// Query is a saved query of CloudWatch Logs Insights.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
type Query struct {
	// Key is its name after the stack's, as "errors-by-route".
	Key string
	// Title is what a widget calls it.
	Title string
	// Question is what it answers.
	Question string
	// Text is the query, one command a line.
	Text string
	// Events says that it asks the log group of ECS events instead of the
	// application's.
	Events bool
}

// A request's line has level ERROR where its status is 500 or more, and health
// checks never have: errors are counted by level. strcontains is 1 or 0.
const errorCount = `sum(strcontains(level, "ERROR"))`

// stopped are the events of tasks that have ended. A task's other events lead
// there and say the same.
const stopped = "`detail-type` = \"ECS Task State Change\" and detail.lastStatus = \"STOPPED\""

// taskFields are what tells why a task ended. The container is the first one:
// the API's, unless somebody adds containers to the task.
const taskFields = "@timestamp, detail.stopCode, detail.stoppedReason, detail.containers.0.exitCode, " +
	"detail.containers.0.reason, detail.memory, detail.taskDefinitionArn, detail.taskArn"

func lines(commands ...string) string { return strings.Join(commands, "\n| ") }

var queries = []Query{
	{
		Key: "errors-by-route", Title: "Errors by route",
		Question: "Which routes fail, how, and which request shows it?",
		Text: lines(
			`filter level = "ERROR"`,
			`stats count(*) as errors, latest(requestId) as example by msg, method, route, status, error`,
			`sort errors desc`,
			`limit 50`,
		),
	},
	{
		Key: "slowest-routes", Title: "Slowest routes",
		Question: "Which routes are slow, and are they for everybody?",
		Text: lines(
			`filter msg = "request"`,
			`stats count(*) as requests, pct(durationMs, 50) as p50, pct(durationMs, 90) as p90, pct(durationMs, 99) as p99, max(durationMs) as slowest by method, route`,
			`sort p99 desc`,
			`limit 20`,
		),
	},
	{
		Key: "request-trail", Title: "One request's trail",
		Question: "What happened to this one request?",
		Text: lines(
			`fields @timestamp, level, msg, method, route, status, durationMs, error, fault, stack, deployment, task, zone, traceId`,
			`filter requestId = "`+RequestIDPlaceholder+`"`,
			`sort @timestamp asc`,
			`limit 100`,
		),
	},
	{
		Key: "deployments-vs-errors", Title: "Deployments against errors",
		Question: "Does the new version fail, or answer slower, where the old one does not?",
		Text: lines(
			`filter msg = "request"`,
			`stats count(*) as requests, `+errorCount+` as errors, `+errorCount+` / count(*) * 100 as errorPercent, pct(durationMs, 99) as p99 by bin(5m) as period, deployment, version`,
			`sort period desc`,
			`limit 100`,
		),
	},
	{
		Key: "memory-kills", Title: "Memory kills", Events: true,
		Question: "Which tasks were killed for their memory, or because they stopped too late?",
		Text: lines(
			`fields `+taskFields,
			`filter `+stopped,
			`filter detail.containers.0.exitCode = 137 or detail.containers.0.reason like /OutOfMemory/ or detail.stoppedReason like /OutOfMemory/`,
			`sort @timestamp desc`,
			`limit 50`,
		),
	},
	{
		Key: "stopped-tasks", Title: "Stopped tasks", Events: true,
		Question: "Why did the last tasks stop?",
		Text: lines(
			`fields `+taskFields,
			`filter `+stopped,
			`sort @timestamp desc`,
			`limit 50`,
		),
	},
	{
		Key: "deployments", Title: "Deployments", Events: true,
		Question: "When did deployments start, end or fail, and why?",
		Text: lines(
			`fields @timestamp, detail.eventName, detail.state, detail.reason, detail.deploymentId`,
			"filter `detail-type` in [\"ECS Deployment State Change\", \"CodeDeploy Deployment State-change Notification\"]",
			`sort @timestamp desc`,
			`limit 50`,
		),
	},
	{
		Key: "top-talkers", Title: "Top talkers",
		Question: "Who sends the most requests, and who costs the most time?",
		Text: lines(
			`filter msg = "request"`,
			`stats count(*) as requests, `+errorCount+` as errors, sum(durationMs) as busyMs, sum(bytes) as sentBytes by remoteIp, userAgent`,
			`sort requests desc`,
			`limit 20`,
		),
	},
}

// Queries lists the saved queries, in the order in which dashboards and
// runbooks show them.
func Queries() []Query { return slices.Clone(queries) }
