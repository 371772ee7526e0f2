package signals

import (
	"math"
	"time"
)

// BudgetPeriod is the time over which an objective's error budget is counted.
const BudgetPeriod = 30 * 24 * time.Hour

// Burn is a pair of windows and the burn rate at which it fires: how many times
// faster than the budget allows errors come.
type Burn struct {
	// Key is its name, as "14x".
	Key string
	// Rate is the burn rate.
	Rate float64
	// Long shows that it matters, Short that it still goes on, so that the alarm
	// ends soon after the errors do.
	Long, Short time.Duration
	Severity    Severity
}

// Burns are the pairs, fastest first: table 5-8 of the SRE workbook, and the
// pair of 24 h that its own alerting code adds. One set for every service: only
// the objective is a team's choice.
// https://sre.google/workbook/alerting-on-slos/#recommended_time_windows_and_burn_rates_f
func Burns() []Burn {
	return []Burn{
		{Key: "14x", Rate: 14.4, Long: time.Hour, Short: 5 * time.Minute, Severity: Sev1},
		{Key: "6x", Rate: 6, Long: 6 * time.Hour, Short: 30 * time.Minute, Severity: Sev2},
		{Key: "3x", Rate: 3, Long: 24 * time.Hour, Short: 2 * time.Hour, Severity: Sev3},
		{Key: "1x", Rate: 1, Long: 72 * time.Hour, Short: 6 * time.Hour, Severity: Sev3},
	}
}

// MinimumObjective is the least objective, in percent, whose fastest pair can
// fire at all: not even a total outage burns a larger budget that fast.
func MinimumObjective() float64 { return 100 * (1 - 1/Burns()[0].Rate) }

// Threshold is the share of bad requests, in percent, above which a window of
// the pair breaches.
func (b Burn) Threshold(objective float64) float64 {
	// Without rounding 100-99.9 gives 0.09999999999999432.
	return round(b.Rate*(100-objective), 9)
}

// Budget is the share of the error budget, 0 to 1, that is gone when the pair
// fires at exactly its rate.
func (b Burn) Budget() float64 { return b.Rate * b.Long.Hours() / BudgetPeriod.Hours() }

// MinimumRequests is how many requests the long window must hold, so that one
// bad request alone never fires the pair. The short window needs none: it can't
// fire alone, and less traffic flows in it.
func (b Burn) MinimumRequests(objective float64) int {
	return int(math.Floor(round(100/b.Threshold(objective), 6))) + 1
}

// Detection is the time from the start of steady errors, a share of 0 to 1 of
// all requests, to the moment when the long window's share exceeds the
// threshold; false when it never does. CloudWatch's own delays come on top.
//
// The SRE workbook's formula: (1-SLO) / error ratio * window * burn rate.
func (b Burn) Detection(objective, errorRatio float64) (time.Duration, bool) {
	if errorRatio*100 <= b.Threshold(objective) {
		return 0, false
	}
	return time.Duration(b.Threshold(objective) / 100 / errorRatio * float64(b.Long)), true
}

func round(x float64, digits int) float64 {
	scale := math.Pow(10, float64(digits))
	return math.Round(x*scale) / scale
}
