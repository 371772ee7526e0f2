// Package telemetry gives every request an id, a log line and a safety net.
package telemetry

import (
	"io"
	"log/slog"
)

// MessageRequest is the msg of the one line that every request gets;
// MessagePanic that of a handler's panic, which comes before it.
const (
	MessageRequest = "request"
	MessagePanic   = "panic"
)

// RouteUnmatched is the route of a request that no route matches.
const RouteUnmatched = "unmatched"

// Origin says which process writes a log. What is not known is empty.
type Origin struct {
	Version, Environment, Deployment, Task, Zone string
}

// NewLogger makes a logger that writes a JSON object a line.
func NewLogger(w io.Writer, level slog.Leveler, o Origin) *slog.Logger {
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level})).With(
		FieldVersion, o.Version, FieldEnvironment, o.Environment,
		FieldDeployment, o.Deployment, FieldTask, o.Task, FieldZone, o.Zone,
	)
}
