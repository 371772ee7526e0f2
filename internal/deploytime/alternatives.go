package deploytime

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// alternative is another value of a setting, and why it is not the default.
type alternative struct {
	what   string
	change func(*Values, *App)
	why    string
}

// The settings that decide how long a deployment takes.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-healthcheck.html
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
var alternatives = []alternative{
	{
		"`ingress.healthCheck.intervalSeconds: 5`, `timeoutSeconds: 4`",
		func(v *Values, _ *App) { v.Target.Interval, v.Target.Timeout = 5*time.Second, 4*time.Second },
		"a new task needs one good answer only, so that little is won; a busy task would be replaced after 15 s instead of 30",
	},
	{
		"`ingress.deregistrationDelaySeconds: 5`, and an application that drains for 10 s",
		func(v *Values, a *App) { v.Deregistration, a.Drain = 5*time.Second, 10*time.Second },
		"AWS suggests it where every answer takes less than a second. Requests that take longer would be cut off: choose it when you know yours",
	},
	{
		"`ingress.deregistrationDelaySeconds: 300`, AWS's own default",
		func(v *Values, _ *App) { v.Deregistration = 300 * time.Second },
		"no application could drain as long: Fargate kills it 120 s after SIGTERM at the latest",
	},
	{
		"`service.healthGraceSeconds: 20`",
		func(v *Values, _ *App) { v.Grace = 20 * time.Second },
		"enough for the sample; an application that takes half a minute to start would never get healthy",
	},
	{
		"`deployment.maximumPercent: 150`",
		func(v *Values, _ *App) { v.MaximumPercent = 150 },
		"fewer tasks at once cost less for a minute, and take several rounds",
	},
	{
		"`deployment.minimumHealthyPercent: 50`, `maximumPercent: 100`",
		func(v *Values, _ *App) { v.MinimumHealthyPercent, v.MaximumPercent = 50, 100 },
		"no task more than desired, and half of them while it lasts",
	},
}

// WriteAlternatives writes what other settings would change of a deployment of
// n tasks.
func (v Values) WriteAlternatives(w io.Writer, n int, app App) error {
	times := func(v Values, app App) (healthy, unhealthy Span, err error) {
		h, err := v.Healthy(n, app)
		if err != nil {
			return Span{}, Span{}, err
		}
		f, err := v.Failing(n, Unhealthy, app)
		return h.Total(), f.Total(), err
	}
	healthy, unhealthy, err := times(v, app)
	if err != nil {
		return err
	}
	var b strings.Builder
	b.WriteString("| instead | a healthy deployment | one that answers no check | why it is not the default |\n|---|--:|--:|---|\n")
	for _, alt := range alternatives {
		other, otherApp := v, app
		alt.change(&other, &otherApp)
		h, f, err := times(other, otherApp)
		if err != nil {
			return fmt.Errorf("%s: %w", alt.what, err)
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s |\n", alt.what, difference(h.Expected-healthy.Expected), difference(f.Expected-unhealthy.Expected), alt.why)
	}
	b.WriteString("\n")
	_, err = io.WriteString(w, b.String())
	return err
}

func difference(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + Text(-d)
	case d > 0:
		return "+" + Text(d)
	}
	return "the same"
}
