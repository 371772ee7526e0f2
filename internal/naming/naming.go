// Package naming makes and checks physical names that fit AWS's limits.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"strings"

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

// hashLength is how many hexadecimal digits tell two shortened names apart:
// 24 bits, enough for the few dozen names of a stack.
const hashLength = 6

// Physical joins parts with "-". A result longer than limit is cut and ends in
// a hash of the whole, so that two long names that differ at the end stay
// different. Equal parts give equal names. A limit of 0 or less means none;
// limits below eight leave no room for a hash and only cut.
func Physical(limit int, parts ...string) string {
	name := strings.Join(parts, "-")
	if limit <= 0 || len(name) <= limit {
		return name
	}
	if limit < hashLength+2 {
		return name[:limit]
	}
	sum := sha256.Sum256([]byte(name))
	head := strings.TrimRight(name[:limit-hashLength-1], "-")
	return head + "-" + hex.EncodeToString(sum[:])[:hashLength]
}
