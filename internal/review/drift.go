package review

import (
	"fmt"
	"strings"
)

// DriftMarker is the first line of a stack's ticket, by which the next night's
// run finds it.
func DriftMarker(stack string) string {
	return "<!-- evenkeel:drift:" + strings.Map(func(r rune) rune {
		if r == '-' || r == '_' || r == '.' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z') {
			return r
		}
		return '_'
	}, stack) + " -->"
}

// Drift is the text of a stack's ticket: how what is deployed differs from what
// its program describes. Without a difference it is what closes the ticket.
func Drift(stack string, p *Preview) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", DriftMarker(stack))
	if p.Empty() {
		fmt.Fprintf(&b, "Stack %s is as its program describes it again (%s).\n", code(stack), p.Summary())
		return b.String()
	}
	fmt.Fprintf(&b, "Stack %s is not as its program describes it. Somebody changed it by hand, or a change on the "+
		"main branch was not deployed. An update would do this:\n", code(stack))
	p.render(&b)
	b.WriteString("\nTo keep what is there, change the program and deploy it. To undo it, run `pulumi up --refresh`: without the " +
		"refresh Pulumi goes by what it deployed last. This text is updated every night, and the ticket is closed " +
		"once nothing differs.\n")
	return cut(b.String(), Limit)
}
