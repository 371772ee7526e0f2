package check

import (
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var regionPattern = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]+$`)

// logRetentions are the only retentions that CloudWatch Logs accepts, in days.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var logRetentions = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// Region records a problem unless v has the form of an AWS region. Whether the
// region exists is for AWS to say: a list would be out of date.
func (l *List) Region(p Path, v string) {
	switch {
	case v == "":
		l.Addf(p, "is required")
	case !regionPattern.MatchString(v):
		l.Addf(p, `is %q, want a region such as "eu-west-1"`, v)
	}
}

// LogRetention records a problem unless CloudWatch Logs keeps a log for
// exactly this many days.
func (l *List) LogRetention(p Path, days int) {
	if slices.Contains(logRetentions, days) {
		return
	}
	accepted := make([]string, len(logRetentions))
	for i, d := range logRetentions {
		accepted[i] = strconv.Itoa(d)
	}
	l.Addf(p, "is %d, want one of CloudWatch's retentions: %s", days, strings.Join(accepted, ", "))
}

// IPv4Range records a problem unless v is an IPv4 range in CIDR notation,
// written by its first address, and reports whether it is. The message for
// anything else shows the example.
func (l *List) IPv4Range(p Path, v, example string) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(v)
	switch {
	case err != nil || !prefix.Addr().Is4():
		l.Addf(p, "is %q, want an IPv4 range such as %q", v, example)
	case prefix.Masked() != prefix:
		l.Addf(p, "is %q, want the range's first address: %q", v, prefix.Masked())
	default:
		return prefix, true
	}
	return netip.Prefix{}, false
}
