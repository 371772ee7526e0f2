package stacks

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
)

// Load reads and validates the configuration of the stack that ctx belongs to.
func Load(ctx *pulumi.Context) (*Config, error) {
	values := map[string]string{}
	for key := range engineConfig() {
		values[key], _ = ctx.GetConfig(key)
	}
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		key := Namespace + ":" + f.Tag.Get("json")
		if v, ok := ctx.GetConfig(key); ok {
			values[key] = v
		}
	}
	cfg, err := Decode(ctx.Stack(), values)
	if err != nil {
		return nil, Explain(fmt.Sprintf("Pulumi.%s.yaml", ctx.Stack()), err, nil)
	}
	return cfg, nil
}

// engineConfig holds every key that the engine passed. A Pulumi context gives
// values by key but does not list its keys, and a misspelt key must not go
// unnoticed.
func engineConfig() map[string]json.RawMessage {
	var out map[string]json.RawMessage
	if raw := os.Getenv(pulumi.EnvConfig); raw != "" {
		// Whatever is wrong with the engine's own message shows when it is used.
		_ = json.Unmarshal([]byte(raw), &out)
	}
	return out
}

// Explain words the problems of a configuration for a person: one line each,
// under the file's name. line, when not nil, gives the line of a path in the
// file, or 0.
func Explain(file string, err error, line func(check.Path) int) error {
	problems := check.All(err)
	noun := "problems"
	if len(problems) == 1 {
		noun = "problem"
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s has %d %s:", file, len(problems), noun)
	for _, p := range problems {
		b.WriteString("\n  ")
		if line != nil {
			if n := line(p.Path); n > 0 {
				fmt.Fprintf(&b, "%s:%d: ", file, n)
			}
		}
		b.WriteString(p.Error())
	}
	return &ConfigError{text: b.String(), Problems: problems}
}

// ConfigError says that a configuration was refused.
type ConfigError struct {
	text string
	// Problems are the problems, sorted by path.
	Problems []*check.Error
}

func (e *ConfigError) Error() string { return e.text }
