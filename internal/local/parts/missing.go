package parts

import (
	"fmt"
	"strings"
)

// Missing is one part that could not be had.
type Missing struct {
	// Part is the part with its version, for example "Pulumi CLI 3.250.0".
	Part string
	// Tried says for each source why it did not have the part.
	Tried []string
	// Supply lists every way to supply the part; one is enough.
	Supply []string
}

// MissingError names all parts the local engine lacks.
type MissingError struct{ Missing []Missing }

func (e *MissingError) Error() string {
	names := make([]string, len(e.Missing))
	for i, m := range e.Missing {
		names[i] = m.Part
	}
	var b strings.Builder
	fmt.Fprintf(&b, "the local engine lacks: %s", strings.Join(names, "; "))
	for _, m := range e.Missing {
		fmt.Fprintf(&b, "\n\n%s\n  tried:", m.Part)
		for _, t := range m.Tried {
			b.WriteString("\n    - " + indent(t))
		}
		b.WriteString("\n  any one of these supplies it:")
		for _, s := range m.Supply {
			b.WriteString("\n    - " + indent(s))
		}
	}
	return b.String()
}

func indent(s string) string { return strings.ReplaceAll(s, "\n", "\n      ") }

// missingPart carries one Missing through an error return.
type missingPart struct{ Missing }

func (e *missingPart) Error() string { return e.Part + ": is missing" }

// absent is a part that an inspection did not find.
func absent(name, version string, tried []string) Part {
	return Part{Name: name, Version: version, Why: strings.Join(tried, "; ")}
}
