package metricmath

import (
	"time"

	"evenkeel/internal/check"
)

// State is the state of an alarm, by CloudWatch's name.
type State string

// The states.
const (
	OK               State = "OK"
	Alarm            State = "ALARM"
	InsufficientData State = "INSUFFICIENT_DATA"
)

// Comparison is how a value is held against the threshold, by CloudWatch's name.
type Comparison string

// The comparisons with a threshold. Those with a band need a trained model.
const (
	GreaterThan    Comparison = "GreaterThanThreshold"
	GreaterOrEqual Comparison = "GreaterThanOrEqualToThreshold"
	LessThan       Comparison = "LessThanThreshold"
	LessOrEqual    Comparison = "LessThanOrEqualToThreshold"
)

// Missing is what a missing datapoint counts as, by CloudWatch's name.
type Missing string

// What a missing datapoint counts as.
const (
	// AsMissing: it counts as nothing; the default.
	AsMissing Missing = "missing"
	// Ignore: the alarm keeps its state.
	Ignore       Missing = "ignore"
	Breaching    Missing = "breaching"
	NotBreaching Missing = "notBreaching"
)

// AlarmRule is when a metric alarm is in which state. The names are those of
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
type AlarmRule struct {
	Comparison Comparison
	Threshold  float64
	// EvaluationPeriods is at least 1.
	EvaluationPeriods int
	// DatapointsToAlarm is 1 to EvaluationPeriods; 0 is all of them.
	DatapointsToAlarm int
	// TreatMissingData is AsMissing when empty.
	TreatMissingData Missing
}

// Check finds fields that CloudWatch would refuse.
func (r AlarmRule) Check() error {
	var l check.List
	check.OneOf(&l, "Comparison", r.Comparison, GreaterThan, GreaterOrEqual, LessThan, LessOrEqual)
	if !finite(r.Threshold) {
		l.Addf("Threshold", "is %v, want a finite number", r.Threshold)
	}
	if r.EvaluationPeriods < 1 {
		l.Addf("EvaluationPeriods", "is %d, want at least 1", r.EvaluationPeriods)
	} else if r.DatapointsToAlarm != 0 {
		l.InRange("DatapointsToAlarm", r.DatapointsToAlarm, 1, r.EvaluationPeriods)
	}
	if r.TreatMissingData != "" {
		check.OneOf(&l, "TreatMissingData", r.TreatMissingData, AsMissing, Ignore, Breaching, NotBreaching)
	}
	return l.Err()
}

// EvaluationRange is how many of the latest periods State should be given. AWS
// says that it retrieves more than EvaluationPeriods, not how many: its only
// example is 5 for 3, and that is what this follows, two more.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func (r AlarmRule) EvaluationRange() int { return r.EvaluationPeriods + 2 }

// EvaluationInterval is how often CloudWatch evaluates an alarm: every minute,
// but every 10 seconds below a period of a minute, and every hour when it looks
// at more than a day.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html
func EvaluationInterval(period time.Duration, evaluationPeriods int) time.Duration {
	switch {
	case period < time.Minute:
		return 10 * time.Second
	case period*time.Duration(evaluationPeriods) > 24*time.Hour:
		return time.Hour
	}
	return time.Minute
}

// State is the state after an evaluation of points: the evaluation range, the
// oldest first. What lies before a shorter one is missing. current is the state
// before, which the alarm keeps where missing data is to be ignored.
//
// It follows "How alarm state is evaluated when data is missing":
//
//   - With EvaluationPeriods points or more in the range, the latest of them
//     decide, and TreatMissingData is not used.
//   - With fewer, missing points fill up to EvaluationPeriods as breaching or
//     not breaching.
//   - Treated as missing or ignored they fill up nothing. The alarm fires when
//     enough points breach. It also fires, or keeps its state under Ignore, when
//     all that there are breach and the oldest is at least DatapointsToAlarm
//     periods old ("avoiding premature transitions"). When all breach and none is
//     as old, it is InsufficientData, or keeps its state: an earlier edition of
//     AWS's tables has that row, the present one says only that it does not fire.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func (r AlarmRule) State(points []Datapoint, current State) (State, error) {
	if err := r.Check(); err != nil {
		return "", err
	}
	seen := r.look(points)
	needed := r.DatapointsToAlarm
	if needed == 0 {
		needed = r.EvaluationPeriods
	}
	breaching := seen.breaching
	if fills := r.EvaluationPeriods - seen.present; fills > 0 {
		switch r.TreatMissingData {
		case Breaching:
			breaching += fills
		case NotBreaching:
		case AsMissing, Ignore, "":
			if seen.breaching == seen.present && breaching < needed {
				return r.unsure(seen, needed, current), nil
			}
		}
	}
	if breaching >= needed {
		return Alarm, nil
	}
	return OK, nil
}

// unsure is the state when no point is good and too few are bad.
func (r AlarmRule) unsure(seen look, needed int, current State) State {
	switch {
	case r.TreatMissingData == Ignore:
		return current
	case seen.oldest >= needed:
		return Alarm
	}
	return InsufficientData
}

// look is what there is of the latest points.
type look struct {
	present, breaching int
	// oldest is the age of the oldest in periods: 1 is the latest period, and 0
	// that there is no point.
	oldest int
}

// look counts the latest points, as many as are evaluated.
func (r AlarmRule) look(points []Datapoint) look {
	var l look
	for i := len(points) - 1; i >= 0 && l.present < r.EvaluationPeriods; i-- {
		if !points[i].Present {
			continue
		}
		l.present++
		l.oldest = len(points) - i
		if r.breaches(points[i].Value) {
			l.breaching++
		}
	}
	return l
}

func (r AlarmRule) breaches(v float64) bool {
	switch r.Comparison {
	case GreaterThan:
		return v > r.Threshold
	case GreaterOrEqual:
		return v >= r.Threshold
	case LessThan:
		return v < r.Threshold
	case LessOrEqual:
		return v <= r.Threshold
	}
	return false
}
