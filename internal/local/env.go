package local

import (
	"fmt"
	"io"
	"maps"
	"slices"
)

// Env is the environment that points AWS clients at an emulated stack.
type Env map[string]string

// ClientEnv returns the environment for a running stack.
func ClientEnv(req *Request, s *Status) Env {
	name := region(req.Stack.Config, req.Project.Name)
	return Env{
		"AWS_ENDPOINT_URL":      s.Endpoint,
		"AWS_ACCESS_KEY_ID":     "test",
		"AWS_SECRET_ACCESS_KEY": "test",
		"AWS_REGION":            name,
		"AWS_DEFAULT_REGION":    name, // version 1 of the AWS CLI reads no other
	}
}

// WriteShell writes lines for a POSIX shell's eval. Variables that would
// outrank them are unset.
func (e Env) WriteShell(w io.Writer) error {
	if _, err := fmt.Fprintln(w, "unset AWS_PROFILE AWS_SESSION_TOKEN"); err != nil {
		return err
	}
	for _, k := range slices.Sorted(maps.Keys(e)) {
		if _, err := fmt.Fprintf(w, "export %s='%s'\n", k, e[k]); err != nil {
			return err
		}
	}
	return nil
}

// WriteJSON writes the variables as one object.
func (e Env) WriteJSON(w io.Writer) error { return writeJSON(w, e) }
