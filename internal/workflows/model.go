package workflows

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/goccy/go-yaml"
)

// Workflow is one file of .github/workflows.
type Workflow struct {
	// Name is the file's base name, Text what is in it.
	Name, Text string

	On          any            `yaml:"on"`
	Permissions any            `yaml:"permissions"`
	Concurrency *Concurrency   `yaml:"concurrency"`
	Env         map[string]any `yaml:"env"`
	Jobs        map[string]Job `yaml:"jobs"`
}

// Job is one job: it has steps, or calls another workflow.
type Job struct {
	If          string            `yaml:"if"`
	RunsOn      any               `yaml:"runs-on"`
	Timeout     int               `yaml:"timeout-minutes"`
	Permissions map[string]string `yaml:"permissions"`
	Environment any               `yaml:"environment"`
	Concurrency *Concurrency      `yaml:"concurrency"`
	Container   any               `yaml:"container"`
	Services    any               `yaml:"services"`
	Uses        string            `yaml:"uses"`
	With        map[string]any    `yaml:"with"`
	Secrets     any               `yaml:"secrets"`
	Steps       []Step            `yaml:"steps"`
}

// Step is one step.
type Step struct {
	If   string         `yaml:"if"`
	Uses string         `yaml:"uses"`
	Run  string         `yaml:"run"`
	With map[string]any `yaml:"with"`
	Env  map[string]any `yaml:"env"`
	// Shell, WorkingDirectory and ContinueOnError are not used.
	Shell            string `yaml:"shell"`
	WorkingDirectory string `yaml:"working-directory"`
	ContinueOnError  any    `yaml:"continue-on-error"`
}

// Concurrency is who waits for whom.
type Concurrency struct {
	Group  string `yaml:"group"`
	Cancel any    `yaml:"cancel-in-progress"`
}

// Parse reads one workflow.
func Parse(name, text string) (*Workflow, error) {
	w := &Workflow{}
	if err := yaml.Unmarshal([]byte(text), w); err != nil {
		return nil, fmt.Errorf("%s: %s", name, yaml.FormatError(err, false, true))
	}
	w.Name, w.Text = name, text
	return w, nil
}

// Read reads every workflow of a folder.
func Read(dir string) ([]*Workflow, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("read the workflows: %w", err)
	}
	var out []*Workflow
	for _, e := range entries {
		if !slices.Contains([]string{".yml", ".yaml"}, filepath.Ext(e.Name())) {
			continue
		}
		raw, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			return nil, fmt.Errorf("read the workflows: %w", err)
		}
		w, err := Parse(e.Name(), string(raw))
		if err != nil {
			return nil, err
		}
		out = append(out, w)
	}
	return out, nil
}

// events are what starts the workflow.
func (w *Workflow) events() []string {
	var out []string
	switch on := w.On.(type) {
	case string:
		out = append(out, on)
	case []any:
		for _, e := range on {
			out = append(out, fmt.Sprint(e))
		}
	case map[string]any:
		for e := range on {
			out = append(out, e)
		}
	}
	slices.Sort(out)
	return out
}

func (w *Workflow) startedBy(event string) bool { return slices.Contains(w.events(), event) }

// writes tells whether the job may change something on GitHub: a token for AWS
// changes nothing there.
func (j *Job) writes() bool {
	for scope, level := range j.Permissions {
		if level == "write" && scope != idToken {
			return true
		}
	}
	return false
}

func (j *Job) assumes() bool { return j.Permissions[idToken] == "write" }

// deploys tells whether the job changes a stack, itself or by what it calls.
func (j *Job) deploys() bool {
	if j.Environment != nil {
		return true
	}
	action, ok := j.With["action"].(string)
	return ok && action != "preview" && action != "drift"
}

// Targets are the make targets that the workflows run, sorted, each once.
func Targets(all []*Workflow) []string {
	var out []string
	for _, w := range all {
		for _, j := range w.Jobs {
			for _, s := range j.Steps {
				if m := runPattern.FindStringSubmatch(s.Run); m != nil {
					out = append(out, m[1])
				}
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}
