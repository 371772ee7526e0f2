package insights

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// timeLayout is how Logs Insights shows a time.
const timeLayout = "2006-01-02 15:04:05.000"

// A value is nil (absent), a float64, a string, a bool or a time.Time.
type value = any

// row is one line or one result: values by the names of fields.
type row map[string]value

// order compares two values: as numbers where both are, else as texts. It
// reports false where one is absent.
func order(a, b value) (int, bool) {
	if a == nil || b == nil {
		return 0, false
	}
	x, xNumber := numeric(a)
	y, yNumber := numeric(b)
	if xNumber && yNumber {
		return cmp.Compare(x, y), true
	}
	return strings.Compare(render(a), render(b)), true
}

// numeric reads a number; also of a text, as CloudWatch does.
func numeric(v value) (float64, bool) {
	switch v := v.(type) {
	case float64:
		return v, true
	case string:
		n, err := strconv.ParseFloat(v, 64)
		return n, err == nil
	default:
		return 0, false
	}
}

// truth is what a condition says; an absent value says no.
func truth(v value) bool {
	b, _ := v.(bool)
	return b
}

// render is a value as a text.
func render(v value) string {
	switch v := v.(type) {
	case nil:
		return ""
	case time.Time:
		return v.UTC().Format(timeLayout)
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}
