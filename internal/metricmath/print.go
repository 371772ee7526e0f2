package metricmath

import (
	"strconv"
	"strings"
)

// String is the expression in its canonical form: single spaces, AND and OR as
// words, and no parentheses that change nothing. Parse reads it as e again.
func (e *Expr) String() string {
	var b strings.Builder
	write(&b, e.root, precOr)
	return b.String()
}

// write prints n, in parentheses when it binds less tightly than least.
func write(b *strings.Builder, n node, least int) {
	switch n := n.(type) {
	case numberNode:
		b.WriteString(strconv.FormatFloat(float64(n), 'f', -1, 64))
	case refNode:
		b.WriteString(string(n))
	case keywordNode:
		b.WriteString(string(n))
	case textNode:
		b.WriteString(`"` + string(n) + `"`)
	case listNode:
		b.WriteByte('[')
		writeAll(b, n)
		b.WriteByte(']')
	case callNode:
		b.WriteString(n.name + "(")
		writeAll(b, n.args)
		b.WriteByte(')')
	case minusNode:
		parenthesize(b, precMinus < least, func() {
			b.WriteByte('-')
			write(b, n.of, precMinus)
		})
	case binaryNode:
		prec := precedences[n.op]
		left := prec
		if prec == precCompare || prec == precPower {
			left++
		}
		parenthesize(b, prec < least, func() {
			write(b, n.left, left)
			b.WriteString(" " + n.op + " ")
			write(b, n.right, rightOf(prec))
		})
	}
}

func writeAll(b *strings.Builder, nodes []node) {
	for i, n := range nodes {
		if i > 0 {
			b.WriteString(", ")
		}
		write(b, n, precOr)
	}
}

func parenthesize(b *strings.Builder, needed bool, inner func()) {
	if needed {
		b.WriteByte('(')
		defer b.WriteByte(')')
	}
	inner()
}
