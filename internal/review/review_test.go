package review_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/extension"

	"evenkeel/internal/alarms"
	"evenkeel/internal/golden"
	"evenkeel/internal/graph"
	"evenkeel/internal/review"
)

func resource(typ, name string, inputs map[string]any) graph.Resource {
	return graph.Resource{Type: typ, Name: name, Inputs: inputs}
}

func policy(actions ...string) string {
	raw, _ := json.Marshal(map[string]any{"Statement": []any{map[string]any{"Sid": "Read", "Action": actions}}})
	return string(raw)
}

func before() review.Snapshot {
	return review.Snapshot{
		Graph: &graph.Graph{Resources: []graph.Resource{
			resource("aws:ecs/service:Service", "service", map[string]any{"desiredCount": 2, "name": "orders-dev"}),
			resource("aws:iam/policy:Policy", "task", map[string]any{"policy": policy("s3:GetObject")}),
			resource("aws:sns/topic:Topic", "old", map[string]any{}),
			resource("aws:lb/targetGroup:TargetGroup", "targets", map[string]any{"port": 8080}),
		}},
		Alarms: &alarms.Catalogue{Alarms: []alarms.Alarm{
			{Name: "orders-dev-errors", Severity: "sev1", Threshold: "> 5"},
			{Name: "orders-dev-slow", Severity: "sev2", Threshold: "> 1"},
		}},
	}
}

func after() review.Snapshot {
	s := before()
	s.Graph.Resources[0].Inputs["desiredCount"] = 3
	s.Graph.Resources[1].Inputs["policy"] = policy("s3:GetObject", "s3:PutObject")
	s.Graph.Resources[2] = resource("aws:sns/topic:Topic", "new", map[string]any{})
	s.Graph.Resources[3].Inputs["port"] = 8081
	s.Alarms.Alarms[0].Threshold = "> 10"
	s.Alarms.Alarms[1].Name = "orders-dev-latency"
	return s
}

const pulumiJSON = `{"config":{"aws:region":"eu-west-1"},"steps":[
 {"op":"same","urn":"urn:pulumi:dev::evenkeel::pulumi:pulumi:Stack::evenkeel-dev"},
 {"op":"update","urn":"urn:pulumi:dev::evenkeel::evenkeel:components:Service$aws:ecs/service:Service::service","diffReasons":["desiredCount"]},
 {"op":"create-replacement","urn":"urn:pulumi:dev::evenkeel::aws:lb/targetGroup:TargetGroup::targets","diffReasons":["port"],"replaceReasons":["port"]},
 {"op":"replace","urn":"urn:pulumi:dev::evenkeel::aws:lb/targetGroup:TargetGroup::targets","diffReasons":["port","tags"],"replaceReasons":["port"]},
 {"op":"delete","urn":"urn:pulumi:dev::evenkeel::aws:sns/topic:Topic::old"},
 {"op":"create","urn":"urn:pulumi:dev::evenkeel::aws:sns/topic:Topic::new"}],
 "duration":1,"changeSummary":{"same":40,"update":1,"replace":1,"delete":1,"create":1}}`

func TestAReview(t *testing.T) {
	t.Parallel()
	base, head := before(), after()
	preview, err := review.ParsePreview([]byte(pulumiJSON))
	require.NoError(t, err)
	text, err := review.Render(review.Input{
		Stacks: []review.Stack{
			{Name: "dev", Base: &base, Head: &head, Preview: preview},
			{Name: "prod", Base: &base, Head: &base, Preview: &review.Preview{Changes: map[string]int{"same": 40}}},
			{Name: "staging", Head: &base, Preview: &review.Preview{Text: "+ aws:sns/topic:Topic (create)\n```\nnot the end"}},
			{Name: "test", Base: &base},
		},
		Sections: []review.Section{{Title: "Cost", Markdown: "| month |\n|---|\n| 10 USD |\n"}},
		Commit:   "0123456789abcdef0123456789abcdef01234567", Base: "89abcdef0123456789abcdef0123456789abcdef",
	})
	require.NoError(t, err)
	golden.Equal(t, "testdata/review.md", text)
}

func TestThePolicyStatementThatChangedIsNamed(t *testing.T) {
	t.Parallel()
	base, head := before(), after()
	changes, err := review.Resources(base.Graph, head.Graph)
	require.NoError(t, err)
	assert.Contains(t, changes, review.Change{
		Kind: review.Changed, Name: "aws:iam/policy:Policy::task",
		Fields: []review.Field{{Path: "inputs.policy.Statement[0].Action[1]", New: "s3:PutObject"}},
	})
}

func TestTheSameGraphHasNoChange(t *testing.T) {
	t.Parallel()
	one, two := before(), before()
	changes, err := review.Resources(one.Graph, two.Graph)
	require.NoError(t, err)
	assert.Empty(t, changes)
	rings, err := review.Alarms(one.Alarms, two.Alarms)
	require.NoError(t, err)
	assert.Empty(t, rings)
}

// Options and parents are of a resource as its inputs are.
func TestAnOptionIsAChange(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*graph.Resource){
		"protect":       func(r *graph.Resource) { r.Protect = true },
		"ignoreChanges": func(r *graph.Resource) { r.IgnoreChanges = []string{"desiredCount"} },
		"parent":        func(r *graph.Resource) { r.Parent = "x::y" },
	} {
		base, head := before(), before()
		change(&head.Graph.Resources[0])
		changes, err := review.Resources(base.Graph, head.Graph)
		require.NoError(t, err)
		require.Len(t, changes, 1, name)
		assert.Contains(t, changes[0].Fields[0].Path, name)
	}
}

var cell = regexp.MustCompile("<t[dh]>")

// hostile are texts that a pull request can bring into names and values.
var hostile = []string{
	"` | </details><script>alert(1)</script> <!-- evenkeel:review --> | `",
	"``` \n## Approved\n@everyone [here](https://example.com) ![x](https://example.com/x.png)",
	"a | b \\| c \\", "`", "``", "\u202Eright to left", "<details>", strings.Repeat("`", 40) + "|",
}

// What anybody wrote stays text: no element, link, picture or mention comes of
// it, and tables keep their columns. GitHub's own renderer is not here; goldmark
// follows the same specification.
func TestNamesAreNoMarkdown(t *testing.T) {
	t.Parallel()
	for _, name := range hostile {
		base, head := before(), after()
		head.Graph.Resources[0].Inputs[name] = name
		head.Graph.Resources = append(head.Graph.Resources, resource(name, name, nil))
		head.Alarms.Alarms = append(head.Alarms.Alarms, alarms.Alarm{Name: name, Description: name})
		step := review.Step{Op: name, URN: name, DiffReasons: []string{name}}
		text, err := review.Render(review.Input{
			Stacks: []review.Stack{
				{Name: name, Base: &base, Head: &head, Preview: &review.Preview{Steps: []review.Step{step}, Changes: map[string]int{name: 1}}},
				{Name: "text", Base: &base, Head: &base, Preview: &review.Preview{Text: name + "\n" + name}},
			},
			Sections: []review.Section{{Title: name, Markdown: "text"}}, Commit: name,
		})
		require.NoError(t, err)
		assert.True(t, strings.HasPrefix(text, review.Marker+"\n"))
		var page bytes.Buffer
		require.NoError(t, goldmark.New(goldmark.WithExtensions(extension.GFM)).Convert([]byte(text), &page))
		for _, element := range []string{"<a ", "<img", "<script"} {
			assert.NotContains(t, page.String(), element, "from %q", name)
		}
		assert.Equal(t, 2, strings.Count(page.String(), "<h2>Stack <code>"), "from %q", name)
		assert.NotContains(t, page.String(), "<h2>Approved")
		for _, row := range strings.Split(page.String(), "<tr>")[1:] {
			assert.Contains(t, []int{3, 5}, len(cell.FindAllString(row, -1)), "a row of %q: %s", name, row)
		}
		assert.NotContains(t, text, "\u202E")
	}
}

func TestALongReviewIsCutFairly(t *testing.T) {
	t.Parallel()
	base := before()
	head := before()
	for i := range 3000 {
		head.Graph.Resources = append(head.Graph.Resources, resource("t", fmt.Sprintf("%s%04d", strings.Repeat("ü", 50), i), nil))
	}
	long := review.Stack{Name: "dev", Base: &base, Head: &head, Preview: &review.Preview{Text: strings.Repeat("+ one line of a preview\n", 5000)}}
	small := review.Section{Title: "Cost", Markdown: "10 USD"}
	fenced := review.Section{Title: "Drill", Markdown: "```\n" + strings.Repeat("a line\n", 20000) + "```\n"}
	text, err := review.Render(review.Input{Stacks: []review.Stack{long, long}, Sections: []review.Section{small, fenced}})
	require.NoError(t, err)
	assert.LessOrEqual(t, len(text), review.Limit)
	assert.Greater(t, len(text), review.Limit*9/10, "what fits is shown")
	assert.Contains(t, text, "10 USD", "a short section stays whole")
	assert.Equal(t, 5, strings.Count(text, "more lines did not fit"), "two previews, two graphs, a section")
	assert.Equal(t, 2, strings.Count(text, "### Alarm catalogue\n\nThe same as the base's."), "no part hides another")
	assert.Equal(t, strings.Count(text, "<details"), strings.Count(text, "</details>"), "what is open is closed")
	assert.Zero(t, strings.Count(text, "\n```")%2, "what is open is closed")
	parts := strings.Split(text, "\n## ")
	require.Len(t, parts, 6) // the marker, the title, two stacks, two sections
	for _, part := range []string{parts[2], parts[3], parts[5]} {
		assert.Greater(t, len(part), review.Limit/10, "long ones get the same")
	}
}

// Whatever the sizes are, the limit holds.
func TestTheLimitHolds(t *testing.T) {
	t.Parallel()
	base, head := before(), after()
	for limit := 300; limit < 6000; limit += 97 {
		text, err := review.Render(review.Input{
			Stacks:   []review.Stack{{Name: "dev", Base: &base, Head: &head}, {Name: "prod", Base: &base, Head: &head}},
			Sections: []review.Section{{Title: "Cost", Markdown: strings.Repeat("x\n", 500)}}, Limit: limit,
		})
		require.NoError(t, err)
		assert.LessOrEqual(t, len(text), limit)
		assert.Equal(t, strings.Count(text, "<details"), strings.Count(text, "</details>"))
	}
}

func TestReadFolders(t *testing.T) {
	t.Parallel()
	base, head := t.TempDir(), t.TempDir()
	write := func(dir, name, text string) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	for _, dir := range []string{base, head} {
		write(dir, "dev.graph.json", `{"stack":"dev","resources":[{"type":"t","name":"a","inputs":{}}]}`)
		write(dir, "dev.alarms.json", `{"stack":"dev","alarms":[]}`)
	}
	write(head, "new.graph.json", `{}`)
	write(head, "new.alarms.json", `{}`)
	write(head, "dev.preview.json", pulumiJSON)
	write(head, "new.preview.txt", "+ create\n")
	stacks, err := review.Read(base, head)
	require.NoError(t, err)
	require.Len(t, stacks, 2)
	assert.Len(t, stacks[0].Preview.Steps, 4)
	assert.Equal(t, "1 create, 1 delete, 1 replace, 1 update, 40 same", stacks[0].Preview.Summary())
	assert.Equal(t, "+ create", stacks[1].Preview.Text)
	assert.Nil(t, stacks[1].Base)

	write(head, "dev.preview.json", `{"stack":"dev","changes":{"create":1}}`)
	_, err = review.Read(base, head)
	assert.ErrorContains(t, err, "dev.preview.json: read the preview: it has no changeSummary")
	require.NoError(t, os.Remove(filepath.Join(head, "dev.alarms.json")))
	_, err = review.Read(base, head)
	assert.ErrorContains(t, err, "dev.alarms.json")
	_, err = review.Read(t.TempDir(), t.TempDir())
	assert.ErrorContains(t, err, "has a file <stack>.graph.json")
	_, err = review.Read(filepath.Join(base, "missing"), head)
	assert.ErrorContains(t, err, "read the base")
}
