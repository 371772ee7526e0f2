package telemetry

import "log/slog"

// Names of the log's fields. They are API: saved queries use them. Fields says
// what each means.
const (
	FieldTime    = slog.TimeKey
	FieldLevel   = slog.LevelKey
	FieldMessage = slog.MessageKey

	FieldVersion     = "version"
	FieldEnvironment = "environment"
	FieldDeployment  = "deployment"
	FieldTask        = "task"
	FieldZone        = "zone"

	FieldRequestID = "requestId"
	FieldTraceID   = "traceId"

	FieldMethod     = "method"
	FieldRoute      = "route"
	FieldPath       = "path"
	FieldStatus     = "status"
	FieldDurationMs = "durationMs"
	FieldBytes      = "bytes"
	FieldRemoteIP   = "remoteIp"
	FieldUserAgent  = "userAgent"
	FieldFault      = "fault"
	FieldDraining   = "draining"

	FieldError           = "error"
	FieldStack           = "stack"
	FieldProblems        = "problems"
	FieldAddress         = "address"
	FieldSignal          = "signal"
	FieldDrainSeconds    = "drainSeconds"
	FieldShutdownSeconds = "shutdownSeconds"
	FieldFaults          = "faults"
)

// Lines says which lines of the log have a field.
type Lines string

// The kinds of lines.
const (
	// EveryLine has the field.
	EveryLine Lines = "every line"
	// RequestLines are all about a request, the one that ends it included.
	RequestLines Lines = "every line about a request"
	// EndOfRequest is the one line a request whose msg is MessageRequest.
	EndOfRequest Lines = "`request`"
	// SomeLines have the field where there is something to say.
	SomeLines Lines = "some"
)

// Field describes one field of the log.
type Field struct {
	Name    string
	Lines   Lines
	Meaning string
}

// Fields are all fields of the log, in the order in which lines have them. The
// line that ends a request has all but those of SomeLines, always.
func Fields() []Field {
	return []Field{
		{FieldTime, EveryLine, "when the line was written, RFC 3339"},
		{FieldLevel, EveryLine, "`DEBUG`, `INFO`, `WARN` or `ERROR`; a request's is `ERROR` from status 500 on, that of a failed health check `WARN`"},
		{FieldMessage, EveryLine, "what happened; `request` on the line that ends a request, `panic` on one before it"},
		{FieldVersion, EveryLine, "version of the program"},
		{FieldEnvironment, EveryLine, "`development` or `production`"},
		{FieldDeployment, EveryLine, "task definition, as `family:revision`; empty outside ECS"},
		{FieldTask, EveryLine, "id of the ECS task; empty outside ECS"},
		{FieldZone, EveryLine, "availability zone; empty outside ECS"},
		{FieldRequestID, RequestLines, "the caller's `X-Request-Id` where it is sane, else a new one; the answer has it too"},
		{FieldTraceID, RequestLines, "`Root` of the load balancer's `X-Amzn-Trace-Id`; empty without one"},
		{FieldMethod, EndOfRequest, "HTTP method"},
		{FieldRoute, EndOfRequest, "pattern of the path, such as `/v1/orders/{id}`; `unmatched` where there is none"},
		{FieldPath, EndOfRequest, "path without the query, at most 256 bytes"},
		{FieldStatus, EndOfRequest, "HTTP status, a number; 499 when the caller went away"},
		{FieldDurationMs, EndOfRequest, "time to answer, a number of milliseconds"},
		{FieldBytes, EndOfRequest, "size of the answer's body"},
		{FieldRemoteIP, EndOfRequest, "caller's address as the load balancer saw it"},
		{FieldUserAgent, EndOfRequest, "caller's `User-Agent`, at most 256 bytes"},
		{FieldDraining, SomeLines, "`true` on a request that ended after SIGTERM"},
		{FieldFault, SomeLines, "on a request: the faults that a drill injected"},
		{FieldError, SomeLines, "why it went wrong, at most 1024 bytes of a request"},
		{FieldStack, SomeLines, "on `panic`: where"},
		{FieldProblems, SomeLines, "on `configuration refused`: each mistake"},
		{FieldAddress, SomeLines, "on `listening`: where"},
		{FieldFaults, SomeLines, "on `listening`: whether drills are possible; on `faults on`: which are injected"},
		{FieldSignal, SomeLines, "on `draining`: what was received"},
		{FieldDrainSeconds, SomeLines, "on `draining`: how long requests are still accepted"},
		{FieldShutdownSeconds, SomeLines, "on `draining` and `closing`: how long those under way then get"},
	}
}
