package dashboard

import (
	"fmt"
	"slices"
	"strings"

	"evenkeel/internal/signals"
)

// Heights in rows of the grid. Objectives and golden signals fill the first
// screen together: 15 rows.
const (
	objectivesHeight = 5
	goldenHeight     = 5
	detailHeight     = 5
	costHeight       = 5
	logHeight        = 6
	linksHeight      = 4
)

// page places widgets, row under row.
type page struct {
	widgets []widget
	y       int
}

// row places widgets side by side, equally wide.
func (p *page) row(height int, side ...widget) {
	widths := make([]int, len(side))
	for i := range widths {
		widths[i] = columns / len(side)
	}
	p.widths(height, widths, side...)
}

func (p *page) widths(height int, widths []int, side ...widget) {
	x := 0
	for i, w := range side {
		w.X, w.Y, w.Width, w.Height = x, p.y, widths[i], height
		p.widgets = append(p.widgets, w)
		x += widths[i]
	}
	p.y += height
}

// rows places widgets in rows of at most so many.
func (p *page) rows(height, most int, all ...widget) {
	for side := range slices.Chunk(all, most) {
		p.row(height, side...)
	}
}

// first are the signals right under the golden ones, as wide as those.
var first = []string{"deployments", "tasks", "hosts"}

func (in Input) details(p *page, all []signals.Signal) {
	rank := func(s signals.Signal) int {
		if i := slices.Index(first, s.Key); i >= 0 {
			return i
		}
		return len(first)
	}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b signals.Signal) int { return rank(a) - rank(b) })
	widgets := in.signalWidgets(sorted)
	under := min(2, len(widgets))
	p.rows(detailHeight, 2, widgets[:under]...)
	p.rows(detailHeight, 3, widgets[under:]...)
}

// cost is what the bill grows with: capacity units of the load balancer, bytes
// of logs, and the load that decides how many tasks run.
func (in Input) cost(p *page) {
	metric := func(id, namespace, name, stat string, d ...signals.Dimension) signals.Metric {
		return signals.Metric{ID: id, Namespace: namespace, Name: name, Stat: stat, Dimensions: d}
	}
	line := func(label string, unit signals.Unit, m signals.Metric) signals.Series {
		return signals.Series{Label: label, Unit: unit, Metrics: []signals.Metric{m}, Return: m.ID}
	}
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
	units := line("capacity units", "LCU", metric("units", "AWS/ApplicationELB", "ConsumedLCUs", "Sum",
		signals.Dimension{Name: "LoadBalancer", Of: signals.LoadBalancer}))
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Monitoring-CloudWatch-Metrics.html
	bytes := func(label string, of signals.Ref) signals.Series {
		return line(label, "bytes", metric("written", "AWS/Logs", "IncomingBytes", "Sum", signals.Dimension{Name: "LogGroupName", Of: of}))
	}
	logs := []signals.Series{bytes("service", logGroup)}
	if in.EventLogGroup != "" {
		logs = append(logs, bytes("events", eventLogGroup))
	}
	service := []signals.Dimension{{Name: "ClusterName", Of: signals.Cluster}, {Name: "ServiceName", Of: signals.Service}}
	title, driver := "Cost: CPU in use", line("CPU", signals.Percent, metric("cpu", "AWS/ECS", "CPUUtilization", "Average", service...))
	if in.Spec.ContainerInsights {
		title = "Cost: tasks"
		driver = line("running tasks", signals.Tasks, metric("running", "ECS/ContainerInsights", "RunningTaskCount", "Average", service...))
	}
	var side []widget
	for _, w := range []metricProperties{
		in.lines("Cost: load balancer", costEvery, units),
		in.lines("Cost: logs written", costEvery, logs...),
		in.lines(title, costEvery, driver),
	} {
		w.Start = costShown
		side = append(side, widget{Type: metricWidget, Properties: w})
	}
	p.row(costHeight, side...)
}

func (in Input) logs(p *page) {
	var all []widget
	for _, q := range in.Queries {
		group := in.LogGroup
		if q.Events {
			group = in.EventLogGroup
		}
		all = append(all, widget{Type: logWidget, Properties: logProperties{
			Title: q.Title, Region: in.Region, View: "table",
			Query: fmt.Sprintf("SOURCE '%s' | %s", group, strings.TrimSpace(q.Text)),
		}})
	}
	p.rows(logHeight, 2, all...)
}
