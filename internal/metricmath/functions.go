package metricmath

// function is what the parser checks of a call.
type function struct{ min, max int }

// functions are those that Eval knows. METRICS is parsed on its own.
var functions = map[string]function{
	"ABS": {1, 1}, "CEIL": {1, 1}, "FLOOR": {1, 1},
	"MIN": {1, 1}, "MAX": {1, 1}, "SUM": {1, 1}, "AVG": {1, 1},
	"FILL": {2, 2}, "RATE": {1, 1}, "DIFF": {1, 1},
	"PERIOD": {1, 1}, "TIME_SERIES": {1, 1}, "METRICS": {0, 1},
	"IF": {2, 3}, "ANOMALY_DETECTION_BAND": {1, 2},
}

// unsupported are functions of CloudWatch that this package does not know.
var unsupported = map[string]bool{
	"DATAPOINT_COUNT": true, "DATE": true, "DAY": true, "DB_PERF_INSIGHTS": true, "DIFF_TIME": true,
	"EPOCH": true, "FIRST": true, "HOUR": true, "INSIGHT_RULE_METRIC": true, "LAMBDA": true, "LAST": true,
	"LOG": true, "LOG10": true, "METRIC_COUNT": true, "MINUTE": true, "MONTH": true,
	"REMOVE_EMPTY": true, "RUNNING_SUM": true, "SEARCH": true, "SERVICE_QUOTA": true, "SLICE": true,
	"SORT": true, "STDDEV": true, "YEAR": true,
}

const (
	repeat = "REPEAT"
	linear = "LINEAR"
)
