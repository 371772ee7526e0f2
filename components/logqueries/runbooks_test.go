package logqueries_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/logqueries"
	"evenkeel/internal/signals"
)

const runbooks = "../../docs/runbooks/"

// alarm is what a page knows of an alarm that leads to it.
type alarm struct {
	key, query string
	severity   signals.Severity
}

// alarmsByPage lists the alarms that tell somebody, by their page.
func alarmsByPage() map[string][]alarm {
	spec := signals.Spec{
		Availability: 99.9, Latency: signals.LatencyObjective{Percent: 99, Within: 300 * time.Millisecond},
		SlowestAnswer: time.Second, ContainerInsights: true, ApplicationNamespace: "evenkeel/orders-test",
		CPUTarget: 60, MemoryTarget: 75,
	}
	out := map[string][]alarm{}
	add := func(key string, severity signals.Severity, m signals.Message) {
		if severity != "" {
			out[m.Runbook] = append(out[m.Runbook], alarm{key, m.Query, severity})
		}
	}
	for _, a := range spec.Alarms() {
		add(a.Key, a.Severity, a.Message)
	}
	for _, c := range spec.Composites() {
		add(c.Key, c.Severity, c.Message)
	}
	return out
}

// pages are the texts of all runbooks by their name, without the index.
func pages(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(runbooks + "*.md")
	require.NoError(t, err)
	out := map[string]string{}
	for _, f := range files {
		if name := strings.TrimSuffix(filepath.Base(f), ".md"); name != "README" {
			out[name] = read(t, f)
		}
	}
	return out
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(text)
}

func sortedKeys[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestEveryAlarmHasItsPageAndNoPageIsOrphaned(t *testing.T) {
	assert.Equal(t, sortedKeys(alarmsByPage()), sortedKeys(pages(t)))
}

var headings = []string{"What users feel", "First five minutes", "Queries", "Mitigate", "Verify", "Why it rings"}

func TestPagesLookAlike(t *testing.T) {
	alarms := alarmsByPage()
	for name, text := range pages(t) {
		lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
		assert.LessOrEqual(t, len(lines), 80, "%s is too long for somebody who was asleep", name)
		assert.Equal(t, "# "+name, lines[0])
		assert.Equal(t, introduction(alarms[name]), lines[2], name)
		var got []string
		for _, l := range lines {
			if h, ok := strings.CutPrefix(l, "## "); ok {
				got = append(got, h)
			}
		}
		assert.Equal(t, headings, got, name)
		for _, h := range headings {
			assert.NotEmpty(t, strings.TrimSpace(section(text, h)), "%s: %s", name, h)
		}
	}
}

// introduction is the line that names a page's alarms, as its alarms are.
func introduction(alarms []alarm) string {
	var parts []string
	for _, a := range alarms {
		parts = append(parts, fmt.Sprintf("`%s`, %s", a.key, a.severity))
	}
	word := "Alarm"
	if len(parts) > 1 {
		word = "Alarms"
	}
	return word + " " + strings.Join(parts, "; ") + "."
}

func section(text, heading string) string {
	_, rest, _ := strings.Cut(text, "\n## "+heading+"\n")
	body, _, _ := strings.Cut(rest, "\n## ")
	return body
}

var (
	listedQuery = regexp.MustCompile("(?m)^- `([^`]+)`: .+[.?]$")
	// queryName finds what looks like a saved query's name anywhere in a text.
	queryName = regexp.MustCompile("`([a-z]+(?:-[a-z]+)+|deployments)`")
)

func keys() []string {
	var out []string
	for _, q := range logqueries.Queries() {
		out = append(out, q.Key)
	}
	return out
}

// The first query of a page is the one that the alarm's message names.
func TestPagesNameQueriesThatExist(t *testing.T) {
	alarms := alarmsByPage()
	for name, text := range pages(t) {
		listed := listedQuery.FindAllStringSubmatch(section(text, "Queries"), -1)
		require.NotEmpty(t, listed, name)
		for _, m := range listed {
			assert.Contains(t, keys(), m[1], name)
		}
		for _, a := range alarms[name] {
			assert.Equal(t, a.query, listed[0][1], "%s: the message of %s names another query", name, a.key)
		}
		assert.Contains(t, section(text, "Queries"), "(README.md#ask-the-logs)", name)
		for _, h := range []string{"First five minutes", "Mitigate", "Verify"} {
			for _, m := range queryName.FindAllStringSubmatch(section(text, h), -1) {
				assert.Contains(t, append(keys(), name, "on-demand"), m[1], "%s: %s", name, h)
			}
		}
	}
}

func TestIndexListsEveryPageAndQuery(t *testing.T) {
	index := read(t, runbooks+"README.md")
	for page, alarms := range alarmsByPage() {
		var severities []string
		for _, a := range alarms {
			severities = append(severities, string(a.severity))
		}
		slices.Sort(severities)
		row := fmt.Sprintf("| [%s](%s.md) | %s | ", page, page, strings.Join(slices.Compact(severities), ", "))
		assert.Equal(t, 1, strings.Count(index, row), "no row %q", row)
	}
	for _, q := range logqueries.Queries() {
		assert.Contains(t, index, fmt.Sprintf("| `%s` | %s |\n", q.Key, q.Question))
	}
	assert.Contains(t, index, logqueries.RequestIDPlaceholder)
}

var (
	consoleBlock = regexp.MustCompile("(?s)```console\n(.*?)```")
	link         = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	anchorNoise  = regexp.MustCompile(`[^a-z0-9 -]`)
)

// What is on several pages is the same on all of them.
func TestCommandsDoNotDrift(t *testing.T) {
	index := read(t, runbooks+"README.md")
	shell := consoleBlock.FindStringSubmatch(section(index, "Shell"))
	rollBack := consoleBlock.FindStringSubmatch(section(index, "Roll back"))
	require.NotNil(t, shell)
	require.NotNil(t, rollBack)
	for name, text := range pages(t) {
		first := consoleBlock.FindStringSubmatch(section(text, "First five minutes"))
		require.NotNil(t, first, name)
		assert.True(t, strings.HasPrefix(first[1], shell[1]), "%s does not begin with the shell's variables", name)
		if strings.Contains(text, "evenkeel:image") {
			assert.Contains(t, text, rollBack[0], name)
		}
	}
}

func TestLinksLeadSomewhere(t *testing.T) {
	all := pages(t)
	all["README"] = read(t, runbooks+"README.md")
	for name, text := range all {
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if strings.HasPrefix(m[1], "https://") {
				continue
			}
			file, anchor, _ := strings.Cut(m[1], "#")
			target, err := os.ReadFile(runbooks + file)
			if !assert.NoError(t, err, "%s links %s", name, m[1]) || anchor == "" {
				continue
			}
			assert.Contains(t, anchors(string(target)), anchor, "%s links %s", name, m[1])
		}
	}
}

// anchors are the headings of a page as links name them.
func anchors(text string) []string {
	var out []string
	for line := range strings.Lines(text) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			plain := anchorNoise.ReplaceAllString(strings.ToLower(strings.TrimSpace(heading)), "")
			out = append(out, strings.ReplaceAll(plain, " ", "-"))
		}
	}
	return out
}

var (
	stackOutput = regexp.MustCompile(`stack output (\w+)`)
	exported    = regexp.MustCompile(`Export\((?:"(\w+)"|imageOutput|strategyOutput)`)
	configKey   = regexp.MustCompile(`evenkeel:([a-z]\w*)(?:\.([A-Za-z]\w*))?`)
)

// A command that names an output or a key that is gone fails when it is needed.
func TestOutputsAndKeysExist(t *testing.T) {
	outputs := []string{"image", "deploymentStrategy"}
	for _, file := range []string{"program.go", "strategy.go"} {
		for _, m := range exported.FindAllStringSubmatch(read(t, "../../stacks/"+file), -1) {
			outputs = append(outputs, m[1])
		}
	}
	configuration := read(t, "../../docs/configuration.md")
	all := pages(t)
	all["README"] = read(t, runbooks+"README.md")
	for name, text := range all {
		for _, m := range stackOutput.FindAllStringSubmatch(text, -1) {
			assert.Contains(t, outputs, m[1], name)
		}
		for _, m := range configKey.FindAllStringSubmatch(text, -1) {
			if m[2] == "" {
				assert.Contains(t, configuration, "`evenkeel:"+m[1]+"`", "%s: %s", name, m[0])
				continue
			}
			_, group, found := strings.Cut(configuration, "\n### evenkeel:"+m[1]+"\n")
			assert.True(t, found, "%s: %s", name, m[0])
			group, _, _ = strings.Cut(group, "\n### ")
			assert.Contains(t, group, "\n| `"+m[2]+"` |", "%s: %s", name, m[0])
		}
	}
}
