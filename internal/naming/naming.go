// Package naming makes physical names that fit AWS's limits.
package naming

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

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
