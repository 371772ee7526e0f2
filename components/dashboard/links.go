package dashboard

import (
	"fmt"
	"net/url"
	"slices"
	"strings"

	"evenkeel/internal/signals"
)

// links is the text at the end: how to read the page, and where to go on.
func (in Input) links() string {
	var b strings.Builder
	fmt.Fprintf(&b, "### Where to go on with %s\n\n", in.Name)
	console := "https://" + in.Region + ".console.aws.amazon.com"
	region := "?region=" + in.Region
	service := fmt.Sprintf("%s/ecs/v2/clusters/%s/services/%s", console, in.Refs[signals.Cluster], in.Refs[signals.Service])
	fmt.Fprintf(&b, "Console: [service](%s/health%s) | [deployments](%s/deployments%s) | [alarms](%s/cloudwatch/home%s#alarmsV2:) | [logs](%s/cloudwatch/home%s#logsV2:logs-insights)\n\n",
		service, region, service, region, console, region, console, region)
	if pages := in.runbooks(); len(pages) > 0 {
		fmt.Fprintf(&b, "Runbooks: %s\n\n", strings.Join(pages, " | "))
	}
	b.WriteString("A colored horizontal line is where an alarm begins to count, in the same period as the lines: ")
	b.WriteString("**sev1** and **sev2** page, **sev3** is a ticket. The green one is the objective itself.\n")
	return b.String()
}

// runbooks links the page of every alarm that tells somebody, each page once.
func (in Input) runbooks() []string {
	if in.RunbookURL == "" {
		return nil
	}
	var pages []string
	for _, m := range in.messages() {
		if m.Runbook != "" && !slices.Contains(pages, m.Runbook) {
			pages = append(pages, m.Runbook)
		}
	}
	base := strings.TrimSuffix(in.RunbookURL, "/")
	out := make([]string, len(pages))
	for i, page := range pages {
		out[i] = fmt.Sprintf("[%s](%s/%s.md)", page, base, url.PathEscape(page))
	}
	return out
}

func (in Input) messages() []signals.Message {
	var out []signals.Message
	for _, c := range in.Spec.Composites() {
		out = append(out, c.Message)
	}
	for _, a := range in.Spec.Alarms() {
		out = append(out, a.Message)
	}
	return out
}
