package signals_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/signals"
)

// The thresholds and shares of the budget that the SRE workbook prints.
// https://sre.google/workbook/alerting-on-slos/
func TestBurnsAreTheWorkbooks(t *testing.T) {
	burns := signals.Burns()
	require.Len(t, burns, 4)
	var budgets []float64
	for _, b := range burns {
		budgets = append(budgets, b.Budget())
		if b.Long < 72*time.Hour {
			assert.Equal(t, 12, int(b.Long/b.Short), "%s: the short window is a twelfth", b.Key)
		}
	}
	assert.InDeltaSlice(t, []float64{0.02, 0.05, 0.10, 0.10}, budgets, 1e-9)

	for objective, want := range map[float64][]float64{
		99:    {14.4, 6, 3, 1},
		99.5:  {7.2, 3, 1.5, 0.5},
		99.9:  {1.44, 0.6, 0.3, 0.1},
		99.99: {0.144, 0.06, 0.03, 0.01},
	} {
		for i, b := range burns {
			assert.Equal(t, want[i], b.Threshold(objective), "%s at %v", b.Key, objective) //nolint:testifylint // equal on purpose: it stands in an alarm
		}
	}
}

// Detection times that the workbook prints for 99.9 % over 30 days: table 5-1
// onwards says that a total outage is seen in under a minute by the 1 h window
// at 14.4.
func TestDetection(t *testing.T) {
	never := time.Duration(-1)
	for name, c := range map[string]struct {
		ratio float64
		want  [4]time.Duration // of 14x, 6x, 3x, 1x
	}{
		"100 %": {1, [4]time.Duration{51840 * time.Millisecond, 129600 * time.Millisecond, 259200 * time.Millisecond, 259200 * time.Millisecond}},
		"10 %":  {0.1, [4]time.Duration{518400 * time.Millisecond, 1296 * time.Second, 2592 * time.Second, 2592 * time.Second}},
		"1 %":   {0.01, [4]time.Duration{never, 12960 * time.Second, 25920 * time.Second, 25920 * time.Second}},
		"0.1 %": {0.001, [4]time.Duration{never, never, never, never}},
	} {
		t.Run(name, func(t *testing.T) {
			for i, b := range signals.Burns() {
				got, fires := b.Detection(99.9, c.ratio)
				if c.want[i] == never {
					assert.False(t, fires, "%s fires after %s", b.Key, got)
					continue
				}
				assert.True(t, fires, b.Key)
				assert.InDelta(t, c.want[i], got, float64(time.Second), b.Key)
			}
		})
	}
}

func TestOneBadRequestAloneNeverFires(t *testing.T) {
	for _, objective := range []float64{94, 99, 99.5, 99.9, 99.95, 99.99} {
		for _, b := range signals.Burns() {
			n := b.MinimumRequests(objective)
			share := 100 / float64(n)
			assert.LessOrEqual(t, share, b.Threshold(objective), "%s at %v: 1 of %d", b.Key, objective, n)
			assert.Greater(t, 2*share, b.Threshold(objective), "%s at %v: two of %d must be enough", b.Key, objective, n)
		}
	}
	assert.Equal(t, 70, signals.Burns()[0].MinimumRequests(99.9))
}

func TestObjectiveProblem(t *testing.T) {
	for percent, want := range map[float64]string{
		100:     "is 100, want less than 100: no service keeps it, and there is no error budget to spend",
		200:     "is 200, want less than 100: no service keeps it, and there is no error budget to spend",
		99.9:    "",
		99.999:  "",
		99.9999: "is 99.9999, want at most 99.999: less than 26 seconds of budget a month end before anybody can act",
		93.1:    "",
		93:      "is 93, want more than 93.06: not even a total outage spends a larger error budget at the 14.4 times speed that pages",
		0:       "is 0, want more than 93.06: not even a total outage spends a larger error budget at the 14.4 times speed that pages",
		-1:      "is -1, want more than 93.06: not even a total outage spends a larger error budget at the 14.4 times speed that pages",
	} {
		assert.Equal(t, want, signals.ObjectiveProblem(percent), fmt.Sprint(percent))
	}
}

// An objective is refused exactly where its fastest pair could never fire.
func TestEveryAcceptedObjectiveCanPage(t *testing.T) {
	for objective := 90.0; objective < 100; objective += 0.01 {
		_, fires := signals.Burns()[0].Detection(objective, 1)
		assert.Equal(t, fires, signals.ObjectiveProblem(objective) == "" || objective > 99.999, objective)
	}
}
