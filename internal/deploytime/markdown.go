package deploytime

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// WriteMarkdown writes the budget of one stack as a section of a page.
func (v Values) WriteMarkdown(w io.Writer, app App) error {
	var b strings.Builder
	fmt.Fprintf(&b, "### %s: %s, %s\n\n", v.Stack, v.Strategy, v.tasks())
	v.writeValues(&b, app)
	plan, err := v.Healthy(v.Tasks, app)
	if err != nil {
		return err
	}
	fmt.Fprintf(&b, "A healthy deployment of %s, step by step:\n\n", count(v.Tasks, "task"))
	plan.write(&b, "complete")
	if after := v.Retiring(app); len(after.Steps) > 0 {
		b.WriteString("Afterwards:\n\n")
		after.Served = 0
		after.write(&b, "old tasks gone")
	}
	if err := v.writeCounts(&b, app); err != nil {
		return err
	}
	if err := v.writeFailures(&b, app); err != nil {
		return err
	}
	_, err = io.WriteString(w, b.String())
	return err
}

func (v Values) tasks() string {
	if v.Tasks == v.MaxTasks {
		return count(v.Tasks, "task")
	}
	return fmt.Sprintf("%d to %d tasks", v.Tasks, v.MaxTasks)
}

// writeValues lists what is taken from the stack.
func (v Values) writeValues(b *strings.Builder, app App) {
	c, t := v.Container, v.Target
	container := "none"
	if c.Interval > 0 {
		container = fmt.Sprintf("every %s, unhealthy after %d, from %s on", Text(c.Interval), c.Retries, Text(c.StartPeriod))
	}
	rows := [][2]string{
		{"load balancer's check", fmt.Sprintf("every %s, within %s; healthy after %d (a new target after 1), unhealthy after %d",
			Text(t.Interval), Text(t.Timeout), t.Healthy, t.Unhealthy)},
		{"container's check", container},
		{"failing checks are ignored for", Text(v.Grace)},
		{"deregistration delay", Text(v.Deregistration)},
		{"application: serves on after SIGTERM, then ends within", Text(app.Drain) + ", " + Text(app.Shutdown)},
		{"SIGKILL after", Text(v.StopTimeout)},
		{"idle connections: load balancer, application", Text(v.IdleTimeout) + ", " + Text(app.KeepAlive)},
	}
	if v.Strategy == Rolling {
		rows = append(rows, [2]string{"tasks during a deployment", fmt.Sprintf("%d to %d %%", v.MinimumHealthyPercent, v.MaximumPercent)})
	}
	for _, a := range v.Alarms {
		rows = append(rows, [2]string{"rolled back on `" + a.Name + "`", fmt.Sprintf("%d of %d periods of %s", a.Datapoints, a.Periods, Text(a.Period))})
	}
	b.WriteString("| setting | value |\n|---|---|\n")
	for _, r := range rows {
		fmt.Fprintf(b, "| %s | %s |\n", r[0], r[1])
	}
	b.WriteString("\n")
}

func (p Plan) write(b *strings.Builder, end string) {
	b.WriteString("| step | low | expected | high | from |\n|---|--:|--:|--:|---|\n")
	for i, s := range p.Steps {
		fmt.Fprintf(b, "| %d. %s | %s | %s |\n", i+1, s.What, s.Takes.cells(), link(s.Source))
		if i+1 == p.Served && i+1 < len(p.Steps) {
			fmt.Fprintf(b, "| **all traffic on the new version after** | %s | |\n", p.Serving().cells())
		}
	}
	fmt.Fprintf(b, "| **%s after** | %s | |\n\n", end, p.Total().cells())
}

func (s Span) cells() string { return Text(s.Low) + " | " + Text(s.Expected) + " | " + Text(s.High) }

// link shortens an address to a link.
func link(source string) string {
	at := strings.Index(source, "https://")
	if at < 0 {
		return source
	}
	address, rest, _ := strings.Cut(source[at:], " ")
	return strings.TrimRight(source[:at], ":;, ") + " [AWS](" + address + ")" + rest
}

// counts are the numbers of tasks that are worth a row.
func (v Values) counts() []int {
	out := []int{1, 2, v.Tasks, v.MaxTasks, 50}
	slices.Sort(out)
	return slices.Compact(out)
}

func (v Values) writeCounts(b *strings.Builder, app App) error {
	b.WriteString("By the number of tasks:\n\n| tasks | low | expected | high | failed tasks until rollback |\n|--:|--:|--:|--:|--:|\n")
	for _, n := range v.counts() {
		p, err := v.Healthy(n, app)
		if err != nil {
			return err
		}
		threshold := "-"
		if v.Strategy == Rolling {
			threshold = fmt.Sprint(Threshold(n))
		}
		fmt.Fprintf(b, "| %d | %s | %s |\n", n, p.Total().cells(), threshold)
	}
	b.WriteString("\n")
	return nil
}

func (v Values) writeFailures(b *strings.Builder, app App) error {
	b.WriteString("A deployment that fails, until the old version serves everybody again:\n\n" +
		"| what is wrong | low | expected | high | users |\n|---|--:|--:|--:|---|\n")
	for _, f := range Failures() {
		p, err := v.Failing(v.Tasks, f, app)
		if err != nil {
			return err
		}
		fmt.Fprintf(b, "| %s | %s | %s |\n", wording[f], p.Total().cells(), v.suffer(f))
	}
	b.WriteString("\n")
	return nil
}

var wording = map[Failure]string{
	Crash:      "the process ends right after its start",
	Unhealthy:  "it runs, and answers no check",
	AlarmRings: "it answers checks, and users badly: an alarm rings",
}

// suffer words what users notice of a failure.
func (v Values) suffer(f Failure) string {
	switch {
	case f != AlarmRings && v.Strategy == Rolling && v.MinimumHealthyPercent < 100:
		return "less capacity"
	case f != AlarmRings:
		return "nothing: old tasks serve"
	}
	return fmt.Sprintf("new tasks answer up to %d %% of the requests", v.Exposed())
}

// WriteComparison writes what each strategy costs in time.
func WriteComparison(w io.Writer, each []Values, app App) error {
	var b strings.Builder
	b.WriteString("| strategy | all traffic on the new version after: low | expected | high | bad answers: everybody is back after | by then of the traffic | going back by hand |\n" +
		"|---|--:|--:|--:|--:|--:|---|\n")
	for _, v := range each {
		healthy, err := v.Healthy(v.Tasks, app)
		if err != nil {
			return err
		}
		bad, err := v.Failing(v.Tasks, AlarmRings, app)
		if err != nil {
			return err
		}
		back := "a deployment of the old version"
		if v.Strategy != Rolling {
			back = fmt.Sprintf("%s, for %s", Text(rerouting.takes.Expected), Text(v.Termination))
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s | %d %% | %s |\n", v.Strategy, healthy.Serving().cells(), Text(bad.Total().Expected), v.Exposed(), back)
	}
	b.WriteString("\n")
	_, err := io.WriteString(w, b.String())
	return err
}
