// Package naming checks the names that physical names start with against AWS's
// limits.
package naming

import (
	"regexp"

	"evenkeel/internal/check"
)

// The length of a base name. With 24 characters, a suffix of eight fits into
// the shortest names that are made from it, the 32 of a load balancer.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
const (
	minBase = 2
	maxBase = 24
)

// basePattern is valid at the start of every name that AWS resources get here.
var basePattern = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// CheckBase records a problem with the field at p unless name can be the base
// of physical names: 2 to 24 of a-z, 0-9 and single dashes, starting with a
// letter and not ending in a dash.
func CheckBase(l *check.List, p check.Path, name string) {
	switch {
	case name == "":
		l.Addf(p, "is required")
	case len(name) < minBase || len(name) > maxBase || !basePattern.MatchString(name):
		l.Addf(p, `is %q, want %d to %d of a-z, 0-9 and single dashes, such as "orders-dev"`, name, minBase, maxBase)
	}
}
