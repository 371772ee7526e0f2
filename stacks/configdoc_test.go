package stacks

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"evenkeel/components/service"
	"evenkeel/internal/golden"
	"evenkeel/internal/sample"
)

// docs/configuration.md is written from the configuration's types, so that it
// cannot say anything else.
func TestConfigurationPageIsCurrent(t *testing.T) {
	golden.Equal(t, "../docs/configuration.md", page(t))
}

func page(t *testing.T) string {
	t.Helper()
	example, err := os.ReadFile(filepath.Join(sample.Dir(t), "Pulumi.dev.yaml"))
	require.NoError(t, err)
	var b strings.Builder
	b.WriteString(strings.NewReplacer("EXAMPLE", string(example), "~~~", "```", "~", "`").Replace(intro))
	keys := ConfigKeys(t)
	b.WriteString("\n## The keys\n\n")
	writeTable(&b, keys)
	b.WriteString("\nAll others are in groups:\n\n")
	for _, k := range keys {
		if !k.Leaf() {
			fmt.Fprintf(&b, "- [`%s`](#%s): %s\n", k.Path, anchor(k.Path), strings.ToLower(k.Text[:1])+strings.TrimSuffix(k.Text[1:], "."))
		}
	}
	writeSections(&b, keys)
	return b.String()
}

const intro = `# Configuration

<!-- Generated from stacks/config.go; ~make update-golden~ rewrites it. -->

Each key stands under ~config:~ in ~Pulumi.<stack>.yaml~. A complete stack, ~Pulumi.dev.yaml~:

~~~yaml
EXAMPLE~~~

Unknown keys, values of another type, values out of range and values that contradict
each other are errors, all reported at once, before anything is created.

**In an editor.** The first line of the file names the [JSON Schema](evenkeel.schema.json).
Editors that know it (VS Code with the YAML extension, JetBrains, Neovim and others
with yaml-language-server) complete keys, show what is written here, and mark
mistakes. What contradicts another value only the program finds:
~bin/evenkeel graph --stack <stack>~ says it without touching anything.

**Secret values** never stand in the configuration, and Pulumi never sees them.
~evenkeel:secrets.create~ makes empty entries in Secrets Manager, and
~evenkeel:service.secrets~ says which variable gets which. After the first deployment
somebody sets each value:

~~~console
$ aws secretsmanager put-secret-value --secret-id <service>-<stack>/<entry> --secret-string …
~~~

A task whose secret has no value does not start. Tasks read values when they start, so a
changed value arrives with the next deployment.

A text that should not be readable in the file, such as the endpoint of a notification, can
be encrypted: ~pulumi config set --secret --path 'evenkeel:notifications.page.https[0]' https://…~
writes ~secure: …~ in its place. Only Pulumi can read it then, not the ~evenkeel~ command.

**Changing a key** of a deployed stack updates what it is about in place, while tasks keep
running, unless its entry says more. "Rolls out new tasks" is a deployment as with a new
image: old tasks leave when new ones are healthy, and ECS goes back by itself when the new
ones fail. Replacing or deleting something that production protects is refused.
~pulumi preview~ shows what a change would do.
`

// anchor is GitHub's for a heading.
func anchor(heading string) string {
	return strings.ToLower(regexp.MustCompile(`[^A-Za-z0-9 _-]`).ReplaceAllString(heading, ""))
}

func writeSections(b *strings.Builder, keys []*Key) {
	for _, k := range keys {
		if k.Leaf() {
			continue
		}
		fmt.Fprintf(b, "\n### %s\n\n%s\n\n", k.Path, k.Text)
		writeTable(b, k.Keys)
		if k.Type == reflect.TypeFor[Service]() {
			writeSizes(b)
		}
		for _, below := range k.Keys {
			if below.Each != nil {
				fmt.Fprintf(b, "\n### %s.&lt;name&gt;\n\n", below.Path)
				writeTable(b, below.Each)
			}
		}
		writeSections(b, k.Keys)
	}
}

func writeTable(b *strings.Builder, keys []*Key) {
	if !slices.ContainsFunc(keys, (*Key).Leaf) {
		for _, k := range keys {
			fmt.Fprintf(b, "- [`%s`](#%s)\n", k.Name, anchor(k.Path))
		}
		return
	}
	b.WriteString("| key | meaning | accepted | default | example |\n|---|---|---|---|---|\n")
	for _, k := range keys {
		if !k.Leaf() {
			if strings.Contains(k.Path, ".") {
				fmt.Fprintf(b, "| `%s` | %s | mapping, [below](#%s) | | |\n", k.Name, cell(k.Text), anchor(k.Path))
			}
			continue
		}
		meaning := cell(k.Text)
		for _, link := range k.Links {
			meaning += " [AWS](" + link + ")"
		}
		if k.rule.change != "" {
			meaning += "<br>*Changing it* " + cell(k.rule.change) + "."
		}
		name := k.Name
		if !strings.Contains(k.Path, ".") {
			name = k.Path
		}
		fmt.Fprintf(b, "| `%s` | %s | %s | %s | `%s` |\n", name, meaning, cell(k.accepts()), k.defaults(), k.rule.example)
	}
}

// cell makes a text one that a table's cell can hold. What stands in quotes is
// code.
func cell(text string) string {
	text = regexp.MustCompile(`"([^"]*)"`).ReplaceAllString(text, "`$1`")
	return strings.ReplaceAll(text, "|", "\\|")
}

// accepts words the type, the unit and the bounds of a key.
func (k *Key) accepts() string {
	r := k.rule
	switch k.Type.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return r.acceptsNumber()
	case reflect.Float64:
		return r.unit + ", " + r.format.want
	case reflect.Slice:
		switch {
		case k.Type.Elem().Kind() == reflect.Int:
			return "list of numbers, each " + r.bounds()
		case r.bounded:
			return fmt.Sprintf("list, %s %s, each %s", r.bounds(), r.unit, r.format.want)
		case r.format != nil:
			return "list, each " + r.format.want
		}
		return "list of texts"
	case reflect.Map:
		if k.Each != nil {
			return fmt.Sprintf("mapping of names (%s) to mappings, [below](#%s)", r.keys.want, anchor(k.Path+".<name>"))
		}
		return "mapping of texts; " + r.keys.want
	}
	if k.choices == nil {
		return r.format.want
	}
	var out []string
	for _, c := range k.choices {
		out = append(out, fmt.Sprintf("%q: %s", c.value, c.text))
	}
	return strings.Join(out, "<br>")
}

func (r rule) acceptsNumber() string {
	what := "a number"
	if r.unit != "" {
		what = r.unit
	}
	switch {
	case r.oneof != nil && r.oneof.values == nil:
		return what + ": " + r.oneof.name
	case r.oneof != nil:
		return fmt.Sprintf("%s, one of %s: %s", what, r.oneof.name, r.oneof.list(r.zero))
	}
	return what + ", " + r.bounds()
}

// defaults words the default of a key, in both environments where they differ.
func (k *Key) defaults() string {
	dev, prod := shown(k.Dev), shown(k.Prod)
	switch {
	case k.rule.required:
		return "required"
	case dev != prod:
		return fmt.Sprintf("development `%s`, production `%s`", dev, prod)
	case dev == "":
		return "none"
	}
	return "`" + dev + "`"
}

// writeSizes lists the memory that goes with each CPU size.
func writeSizes(b *strings.Builder) {
	b.WriteString("\nTask sizes:\n\n| `cpu` | `memoryMiB` |\n|---|---|\n")
	sizes := map[int]string{}
	for _, cpu := range numberSets["fargateCPU"].values() {
		problem := detail(service.CheckSize(cpu, 0))
		sizes[cpu] = between(problem, "want ", " with ")
	}
	for _, cpu := range slices.Sorted(maps.Keys(sizes)) {
		fmt.Fprintf(b, "| %d | %s |\n", cpu, sizes[cpu])
	}
}

func between(text, before, after string) string {
	_, text, _ = strings.Cut(text, before)
	text, _, _ = strings.Cut(text, after)
	return text
}
