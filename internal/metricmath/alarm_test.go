package metricmath_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/metricmath"
)

const (
	ok     = metricmath.OK
	alarm  = metricmath.Alarm
	nodata = metricmath.InsufficientData
	// kept is a state that no evaluation gives, so that to keep it shows.
	kept metricmath.State = "KEPT"
)

// marked reads datapoints as AWS's tables write them: 0 is within a threshold of
// 1, X is beyond it, - is missing.
func marked(t testing.TB, marks string) []metricmath.Datapoint {
	return datapoints(t, strings.ReplaceAll(marks, "X", "2"))
}

type row struct {
	points                                   string
	missing, ignore, breaching, notBreaching metricmath.State
}

func check(t *testing.T, evaluationPeriods, datapointsToAlarm int, rows []row) {
	for _, r := range rows {
		for treat, want := range map[metricmath.Missing]metricmath.State{
			metricmath.AsMissing: r.missing, "": r.missing, metricmath.Ignore: r.ignore,
			metricmath.Breaching: r.breaching, metricmath.NotBreaching: r.notBreaching,
		} {
			rule := metricmath.AlarmRule{
				Comparison: metricmath.GreaterThan, Threshold: 1,
				EvaluationPeriods: evaluationPeriods, DatapointsToAlarm: datapointsToAlarm, TreatMissingData: treat,
			}
			got, err := rule.State(marked(t, r.points), kept)
			require.NoError(t, err)
			assert.Equal(t, want, got, "%s treated as %q", r.points, treat)
		}
	}
}

// "How alarm state is evaluated when data is missing", both tables, and
// "Avoiding premature transitions to alarm state".
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func TestTheTablesForMissingData(t *testing.T) {
	t.Run("3 of 3", func(t *testing.T) {
		check(t, 3, 3, []row{
			{"0 - X - X", ok, ok, ok, ok},
			{"0 - - - -", ok, ok, ok, ok},
			{"- - - - -", nodata, kept, alarm, ok},
			{"0 X X - X", alarm, alarm, alarm, alarm},
			{"- - X - -", alarm, kept, alarm, ok},
		})
	})
	t.Run("2 of 3", func(t *testing.T) {
		check(t, 3, 2, []row{
			{"0 - X - X", alarm, alarm, alarm, alarm},
			{"0 0 X 0 X", alarm, alarm, alarm, alarm},
			{"0 - X - -", ok, ok, alarm, ok},
			{"- - - - 0", ok, ok, alarm, ok},
			{"- - - X -", alarm, kept, alarm, ok},
		})
	})
}

// The rows that an earlier edition had besides, as archived in
// https://github.com/awsdocs/amazon-cloudwatch-user-guide (doc_source/AlarmThatSendsEmail.md).
func TestTheEarlierTablesForMissingData(t *testing.T) {
	check(t, 3, 3, []row{
		{"- - - - X", nodata, kept, alarm, ok},
		{"X - - - -", alarm, kept, alarm, ok},
	})
	check(t, 3, 2, []row{{"- - - - X", nodata, kept, alarm, ok}})
}

func TestStateBesidesTheTables(t *testing.T) {
	check(t, 3, 3, []row{
		{"- - - X -", nodata, kept, alarm, ok},
		{"- - - X 0", ok, ok, ok, ok},
		{"- X - 0 -", ok, ok, ok, ok},
		{"X X X 0 0", ok, ok, ok, ok},
		{"0 0 X X X", alarm, alarm, alarm, alarm},
		{"X X", nodata, kept, alarm, ok},
		{"", nodata, kept, alarm, ok},
	})
	check(t, 3, 2, []row{
		{"- - - X X", alarm, alarm, alarm, alarm},
		{"X - - - X", alarm, alarm, alarm, alarm},
	})
	check(t, 3, 0, []row{{"- - 0 X X", ok, ok, ok, ok}, {"- - X X X", alarm, alarm, alarm, alarm}})
	check(t, 1, 1, []row{
		{"X - -", alarm, alarm, alarm, alarm},
		{"0 - -", ok, ok, ok, ok},
		{"- - -", nodata, kept, alarm, ok},
	})
}

func TestComparisons(t *testing.T) {
	tests := map[metricmath.Comparison]string{
		metricmath.GreaterThan: "OK OK ALARM", metricmath.GreaterOrEqual: "OK ALARM ALARM",
		metricmath.LessThan: "ALARM OK OK", metricmath.LessOrEqual: "ALARM ALARM OK",
	}
	for comparison, want := range tests {
		var got []string
		for _, v := range []float64{0, 1, 2} {
			state, err := metricmath.AlarmRule{Comparison: comparison, Threshold: 1, EvaluationPeriods: 1}.
				State([]metricmath.Datapoint{metricmath.Value(v)}, ok)
			require.NoError(t, err)
			got = append(got, string(state))
		}
		assert.Equal(t, want, strings.Join(got, " "), comparison)
	}
}

func TestAlarmRuleCheck(t *testing.T) {
	_, err := metricmath.AlarmRule{
		Comparison: "GreaterThanUpperThreshold", Threshold: math.NaN(), EvaluationPeriods: 3, DatapointsToAlarm: 4, TreatMissingData: "bad",
	}.State(nil, ok)
	assert.EqualError(t, err, `Comparison: is "GreaterThanUpperThreshold", want "GreaterThanThreshold", `+
		`"GreaterThanOrEqualToThreshold", "LessThanThreshold" or "LessThanOrEqualToThreshold"`+"\n"+
		"DatapointsToAlarm: is 4, want 1 to 3\n"+"Threshold: is NaN, want a finite number\n"+
		`TreatMissingData: is "bad", want "missing", "ignore", "breaching" or "notBreaching"`)
	assert.EqualError(t, metricmath.AlarmRule{Comparison: metricmath.LessThan}.Check(), "EvaluationPeriods: is 0, want at least 1")
}

func TestEvaluationRangeIsThatOfTheDocumentedExample(t *testing.T) {
	assert.Equal(t, 5, metricmath.AlarmRule{EvaluationPeriods: 3}.EvaluationRange())
}

func TestEvaluationInterval(t *testing.T) {
	assert.Equal(t, 10*time.Second, metricmath.EvaluationInterval(30*time.Second, 3))
	assert.Equal(t, time.Minute, metricmath.EvaluationInterval(time.Minute, 3))
	assert.Equal(t, time.Minute, metricmath.EvaluationInterval(24*time.Hour, 1))
	assert.Equal(t, time.Hour, metricmath.EvaluationInterval(6*time.Hour, 5))
}
