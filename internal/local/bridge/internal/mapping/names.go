package mapping

import "strings"

// nameScore compares aws:mod/name:Name with aws_mod_name: 1 when they agree, else how
// much they have in common, 0 to 1.
func nameScore(token, tfName string) float64 {
	parts := strings.FieldsFunc(token, func(c rune) bool { return c == ':' || c == '/' })
	mod, name := strings.ToLower(parts[1]), strings.ToLower(parts[len(parts)-1])
	name = strings.TrimPrefix(name, "get")
	n := strings.ReplaceAll(strings.TrimPrefix(tfName, "aws_"), "_", "")
	if n == mod+name || n == name {
		return 1
	}
	return max(dice(mod+name, n), dice(name, n))
}

// dice is the Sørensen–Dice coefficient of the two words' letter pairs.
func dice(a, b string) float64 {
	if len(a)+len(b) < 4 {
		return 0
	}
	in := pairs(b)
	common := 0
	for g, n := range pairs(a) {
		common += min(n, in[g])
	}
	return 2 * float64(common) / float64(len(a)+len(b)-2)
}

func pairs(s string) map[string]int {
	m := map[string]int{}
	for i := 0; i+2 <= len(s); i++ {
		m[s[i:i+2]]++
	}
	return m
}

// fold ignores case, underscores and a plural ending.
func fold(s string) string {
	s = strings.ToLower(strings.ReplaceAll(s, "_", ""))
	switch {
	case strings.HasSuffix(s, "ies"):
		return strings.TrimSuffix(s, "ies") + "y"
	case strings.HasSuffix(s, "sses"), strings.HasSuffix(s, "xes"), strings.HasSuffix(s, "ches"):
		return strings.TrimSuffix(s, "es")
	case strings.HasSuffix(s, "ss"):
		return s
	}
	return strings.TrimSuffix(s, "s")
}
