package logqueries

import "slices"

// Filter counts the log lines that match a pattern, as a metric of the
// component's namespace.
type Filter struct {
	// Key names the child.
	Key string
	// Metric is the metric's name: 1 for each line that matches, 0 for others.
	Metric string
	// Pattern is what a line must match.
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
	Pattern string
}

// Each metric filter makes a custom metric, which costs by the month; these two
// have no dimensions, so they are two.
var filters = []Filter{
	{Key: "application-errors", Metric: "ApplicationErrors", Pattern: `{ $.level = "ERROR" }`},
	{Key: "panics", Metric: "Panics", Pattern: `{ $.msg = "panic" }`},
}

// Filters lists the metric filters.
func Filters() []Filter { return slices.Clone(filters) }
