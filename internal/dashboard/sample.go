package dashboard

import (
	"math"
	"time"
)

// now is when the sample ends: a full hour on a working day, near the daily
// peak.
var now = time.Date(2026, time.March, 3, 14, 0, 0, 0, time.UTC)

// What happens in the sample, in minutes before its end. The deployment is
// rolled back, and the errors begin to fade.
const (
	deployedAt = 33
	brokenFrom = 28
	failedAt   = 5
	fadesFrom  = 4
)

// tasksAtPeak is the number of tasks that the daily peak needs.
const tasksAtPeak = 8

// minute is the service in one minute of the sample.
type minute struct {
	// index counts minutes, ago how many of them the sample still goes on.
	index int64
	ago   float64
	// load is the share of the daily peak, 0 to 1; trouble how far the incident
	// has come, 0 to 1.
	load, trouble float64
	requests      float64
}

func minuteAt(t time.Time) minute {
	m := minute{index: t.Unix() / 60, ago: now.Sub(t).Minutes()}
	hours := float64(t.Hour()) + float64(t.Minute())/60
	// Highest at 13:30, lowest twelve hours later, less at weekends.
	m.load = 0.58 + 0.34*math.Cos((hours-13.5)/24*2*math.Pi) + 0.05*math.Cos((hours-10.5)/6*2*math.Pi)
	if day := t.Weekday(); day == time.Saturday || day == time.Sunday {
		m.load *= 0.7
	}
	if m.ago <= brokenFrom {
		m.trouble = math.Min(1, (brokenFrom-m.ago+1)/4)
	}
	if m.ago <= fadesFrom {
		m.trouble = 0.45 + 0.55*m.ago/(fadesFrom+1)
	}
	// Some callers give up.
	m.requests = math.Round(1900 * m.load * (0.96 + 0.08*m.noise(1)) * (1 - 0.12*m.trouble))
	return m
}

// noise is a number from 0 to 1 that depends on nothing but the minute and the
// salt. https://prng.di.unimi.it/splitmix64.c
func (m minute) noise(salt uint64) float64 {
	x := uint64(m.index) + salt*0x9e3779b97f4a7c15 //nolint:gosec // any 64 bits do
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9
	x = (x ^ (x >> 27)) * 0x94d049bb133111eb
	x ^= x >> 31
	return float64(x>>11) / (1 << 53)
}

// spell is noise that lasts four minutes.
func (m minute) spell(salt uint64) float64 {
	m.index /= 4
	return m.noise(salt)
}

// whole makes a count of an expected number: on average the same.
func (m minute) whole(expected float64, salt uint64) float64 {
	return math.Floor(expected + m.noise(salt))
}

// broken and unserved are server errors, of tasks and in their place.
func (m minute) broken() float64   { return m.whole(m.requests*(0.00018+0.11*m.trouble), 2) }
func (m minute) unserved() float64 { return m.whole(m.requests*(0.00002+0.02*m.trouble), 3) }

func (m minute) desired() float64 {
	return math.Max(2, math.Ceil(tasksAtPeak*m.load))
}

func (m minute) deploying() bool { return m.ago <= deployedAt && m.ago > failedAt-4 }

// running lags behind: tasks take two minutes to start.
func (m minute) running() float64 {
	before := minuteAt(time.Unix((m.index-2)*60, 0).UTC()).desired()
	n := math.Min(m.desired(), before)
	switch {
	case m.deploying() && m.trouble == 0:
		n += 2 // new tasks beside the old ones
	case m.trouble > 0.3 && m.spell(5) < 0.5:
		n--
	}
	return n
}

func (m minute) pending() float64 { return math.Max(0, m.desired()-m.running()) }

func (m minute) unhealthy() float64 {
	if m.trouble < 0.3 {
		return 0
	}
	return 1 + math.Round(m.spell(6))
}

func (m minute) healthy() float64 { return math.Max(1, m.running()-m.unhealthy()) }

func (m minute) cpu() float64 {
	return 100*m.requests/(1900*math.Max(m.load, 0.25)+700) - 10 + 3*m.noise(7) + 9*m.trouble
}

func (m minute) memory() float64 {
	return 52 + 8*m.load + 1.2*m.noise(8) + 6*m.trouble
}

// quantiles are the shares of requests for which answer times stand; each for
// those up to half the way to its neighbors. They are dense where percentiles
// are read.
var quantiles = []float64{
	0.05, 0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75, 0.83, 0.88, 0.915, 0.945, 0.97, 0.985, 0.992, 0.9965, 0.9988, 0.9997,
}

// answerTime is the time in seconds that this share of answers does not exceed:
// log-normal, as answer times are.
func (m minute) answerTime(share float64) float64 {
	median, spread := 0.042*(1+0.25*m.load), 0.55+0.04*m.noise(9)
	median *= 1 + 1.3*m.trouble
	spread += 0.68 * m.trouble
	return median * math.Exp(spread*math.Sqrt2*math.Erfinv(2*share-1))
}
