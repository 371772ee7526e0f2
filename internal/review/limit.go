package review

import (
	"fmt"
	"strings"
)

// Limit is the most that GitHub accepts as a comment, in characters. Lengths
// here are bytes, of which a text has no fewer.
// https://github.com/orgs/community/discussions/27190
const Limit = 65_536

// share cuts sections so that together they have at most limit bytes. Short
// ones stay whole, and what they leave is shared among the long ones equally.
func share(sections []string, limit int) []string {
	allowed := make([]int, len(sections))
	open := make([]int, 0, len(sections))
	for i := range sections {
		open = append(open, i)
	}
	for left := limit; len(open) > 0; {
		fair := left / len(open)
		var longer []int
		for _, i := range open {
			if len(sections[i]) <= fair {
				allowed[i] = len(sections[i])
				left -= allowed[i]
			} else {
				longer = append(longer, i)
			}
		}
		if len(longer) == len(open) {
			for _, i := range open {
				allowed[i] = fair
			}
			break
		}
		open = longer
	}
	out := make([]string, len(sections))
	for i, s := range sections {
		out[i] = cut(s, allowed[i])
	}
	return out
}

// cut ends a section after a whole line, closes what is open there, and says
// how much is missing.
func cut(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	lines := strings.SplitAfter(s, "\n")
	var b strings.Builder
	var open nesting
	kept := 0
	for _, line := range lines {
		next := open.after(line)
		if b.Len()+len(line)+len(next.closing())+len(notice(len(lines))) > limit {
			break
		}
		b.WriteString(line)
		open = next
		kept++
	}
	b.WriteString(open.closing())
	if n := notice(len(lines) - kept); b.Len()+len(n) <= limit {
		b.WriteString(n)
	}
	return b.String()
}

func notice(lines int) string {
	return fmt.Sprintf("\n_%d more lines did not fit: the run's summary has more._\n", lines)
}

// nesting is what is open at the end of a line.
type nesting struct {
	fence   string
	details int
}

func (n nesting) after(line string) nesting {
	t := strings.TrimSpace(line)
	if n.fence != "" {
		if strings.HasPrefix(t, n.fence) && strings.Trim(t, n.fence[:1]) == "" {
			n.fence = ""
		}
		return n
	}
	for _, mark := range []string{"`", "~"} {
		if strings.HasPrefix(t, strings.Repeat(mark, 3)) {
			n.fence = t[:len(t)-len(strings.TrimLeft(t, mark))]
			return n
		}
	}
	n.details += strings.Count(t, "<details") - strings.Count(t, "</details>")
	return n
}

func (n nesting) closing() string {
	out := ""
	if n.fence != "" {
		out = n.fence + "\n"
	}
	if n.details > 0 {
		out += "\n" + strings.Repeat("</details>\n", n.details)
	}
	return out
}
