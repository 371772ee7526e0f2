package dashboard

import (
	"fmt"
	"strings"
	"time"

	"evenkeel/internal/metricmath"
)

// measure gives what one minute reports of a metric: nothing, or samples.
type measure func(m minute) []metricmath.Sample

// gauge reports the value once.
func gauge(value func(m minute) float64) measure {
	return func(m minute) []metricmath.Sample { return []metricmath.Sample{{Value: value(m)}} }
}

// counter reports every event; like AWS's, it reports nothing while there is
// none.
func counter(count func(m minute) float64) measure {
	return func(m minute) []metricmath.Sample {
		n := count(m)
		if n <= 0 {
			return nil
		}
		return []metricmath.Sample{{Value: 1, Count: n}}
	}
}

func answerTimes(m minute) []metricmath.Sample {
	out := make([]metricmath.Sample, len(quantiles))
	below := 0.0
	for i, q := range quantiles {
		upTo := 1.0
		if i+1 < len(quantiles) {
			upTo = (q + quantiles[i+1]) / 2
		}
		out[i] = metricmath.Sample{Value: m.answerTime(q), Count: m.requests * (upTo - below)}
		below = upTo
	}
	return out
}

// at reports n events in the minutes that are so long ago.
func at(n float64, minutes ...float64) measure {
	return counter(func(m minute) float64 {
		for _, ago := range minutes {
			if m.ago == ago {
				return n
			}
		}
		return 0
	})
}

// measures of every metric, by namespace and name.
var measures = map[string]measure{
	"AWS/ApplicationELB TargetResponseTime":        answerTimes,
	"AWS/ApplicationELB RequestCount":              counter(func(m minute) float64 { return m.requests }),
	"AWS/ApplicationELB RequestCountPerTarget":     gauge(func(m minute) float64 { return m.requests / m.healthy() }),
	"AWS/ApplicationELB HTTPCode_Target_5XX_Count": counter(minute.broken),
	"AWS/ApplicationELB HTTPCode_ELB_5XX_Count":    counter(minute.unserved),
	"AWS/ApplicationELB HTTPCode_Target_4XX_Count": counter(func(m minute) float64 { return m.whole(0.012*m.requests, 10) }),
	"AWS/ApplicationELB HealthyHostCount":          gauge(minute.healthy),
	"AWS/ApplicationELB UnHealthyHostCount":        gauge(minute.unhealthy),
	"AWS/ApplicationELB ConsumedLCUs":              gauge(func(m minute) float64 { return 0.004 + 0.00003*m.requests }),
	"AWS/ECS CPUUtilization":                       gauge(minute.cpu),
	"AWS/ECS MemoryUtilization":                    gauge(minute.memory),
	"ECS/ContainerInsights DesiredTaskCount":       gauge(minute.desired),
	"ECS/ContainerInsights RunningTaskCount":       gauge(minute.running),
	"ECS/ContainerInsights PendingTaskCount":       gauge(minute.pending),
}

// applicationErrors is the metric of a log filter, in a namespace of the
// stack's own.
const applicationErrors = "ApplicationErrors"

// measureOf finds what the metric reports. Rules and log groups are told apart
// by their names, which dimensions end with.
func measureOf(namespace, name string, dimensions []string) (measure, error) {
	of := ""
	if len(dimensions) > 0 {
		of = strings.ToLower(dimensions[len(dimensions)-1])
	}
	switch key := namespace + " " + name; {
	case measures[key] != nil:
		return measures[key], nil
	case name == applicationErrors && !strings.HasPrefix(namespace, "AWS/"):
		return counter(func(m minute) float64 { return m.whole(0.15+24*m.trouble, 11) }), nil
	case key == "AWS/Logs IncomingBytes" && strings.Contains(of, "event"):
		return gauge(func(m minute) float64 { return 900 + 22_000*m.trouble }), nil
	case key == "AWS/Logs IncomingBytes":
		return gauge(func(m minute) float64 { return m.requests * (410 + 130*m.trouble) }), nil
	case key == "AWS/Events TriggeredRules" && strings.Contains(of, "fail"):
		return at(1, failedAt), nil
	case key == "AWS/Events TriggeredRules" && strings.Contains(of, "stop"):
		return at(2, 24, 22, 19, 17, 16, 14, 12, 11, 9, 7, 6, 3), nil
	case key == "AWS/Events TriggeredRules" && strings.Contains(of, "start"):
		return at(1, deployedAt), nil
	}
	return nil, fmt.Errorf("metric %s %s (%s): is not in the sample", namespace, name, strings.Join(dimensions, " "))
}

// series is a metric's statistic in every period of the window.
func series(namespace, name, stat string, dimensions []string, w metricmath.Window) (metricmath.Series, error) {
	of, err := measureOf(namespace, name, dimensions)
	if err != nil {
		return metricmath.Series{}, err
	}
	var samples []metricmath.Sample
	end := w.Start.Add(w.Period * time.Duration(w.Count))
	for t := w.Start; t.Before(end); t = t.Add(time.Minute) {
		for _, s := range of(minuteAt(t)) {
			s.At = t
			samples = append(samples, s)
		}
	}
	out, err := metricmath.Aggregate(samples, w, stat)
	if err != nil {
		return metricmath.Series{}, fmt.Errorf("metric %s %s: statistic %s: %w", namespace, name, stat, err)
	}
	return out, nil
}
