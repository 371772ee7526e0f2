package autoscaling

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // a machine without time zones must accept the same ones

	"evenkeel/internal/check"
)

// Schedule changes the bounds at a time. They stay until the next schedule.
type Schedule struct {
	// At is when: "at(yyyy-mm-ddThh:mm:ss)", or "cron(minute hour day month
	// weekday year)". Required; see ScheduleProblem.
	At string
	// TimeZone is the IANA name of the time zone that At is in. Required.
	TimeZone string
	// Min and Max are the bounds from then on, 0 or more.
	Min, Max int
}

// atLayout is a time without a zone, as AWS writes it.
const atLayout = "2006-01-02T15:04:05"

// cronField is one field of a cron expression.
type cronField struct {
	name     string
	low      int
	high     int
	words    []string
	specials *regexp.Regexp
}

// The fields, in order.
// https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
var cronFields = []cronField{
	{name: "minute", high: 59},
	{name: "hour", high: 23},
	{name: "day", low: 1, high: 31, specials: regexp.MustCompile(`^(\?|L|LW|([1-9]|[12][0-9]|3[01])W)$`)},
	{name: "month", low: 1, high: 12, words: strings.Fields("JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC")},
	{name: "weekday", low: 1, high: 7, words: strings.Fields("SUN MON TUE WED THU FRI SAT"), specials: regexp.MustCompile(`^(\?|L|[1-7]L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$`)},
	{name: "year", low: 1970, high: 2199},
}

// ScheduleProblem words what is wrong with a schedule's expression, or returns
// "".
func ScheduleProblem(at string) string {
	const want = `want "cron(minute hour day month weekday year)" or "at(yyyy-mm-ddThh:mm:ss)"`
	if inner, ok := within(at, "at("); ok {
		if _, err := time.Parse(atLayout, inner); err != nil {
			return fmt.Sprintf("is %q, want a time such as \"at(2027-01-31T06:00:00)\"", at)
		}
		return ""
	}
	inner, ok := within(at, "cron(")
	if !ok {
		return fmt.Sprintf("is %q, %s", at, want)
	}
	fields := strings.Fields(inner)
	if len(fields) != len(cronFields) {
		return fmt.Sprintf("is %q with %d fields, %s", at, len(fields), want)
	}
	for i, f := range cronFields {
		if problem := f.problem(fields[i]); problem != "" {
			return fmt.Sprintf("is %q: %s", at, problem)
		}
	}
	if day, weekday := fields[2], fields[4]; (day == "?") == (weekday == "?") {
		return fmt.Sprintf("is %q, want a \"?\" as day or as weekday, and not as both", at)
	}
	return ""
}

func within(text, start string) (string, bool) {
	inner, ok := strings.CutPrefix(text, start)
	if !ok {
		return "", false
	}
	return strings.CutSuffix(inner, ")")
}

func (f cronField) problem(field string) string {
	if f.specials != nil && f.specials.MatchString(field) {
		return ""
	}
	for _, item := range strings.Split(field, ",") {
		span, step, stepped := strings.Cut(item, "/")
		if n, err := strconv.Atoi(step); stepped && (err != nil || n < 1 || n > f.high) {
			return fmt.Sprintf("%s %q, want a step from 1 to %d", f.name, item, f.high)
		}
		if span == "*" {
			continue
		}
		first, last, ranged := strings.Cut(span, "-")
		low, ok := f.value(first)
		high, also := low, true
		if ranged {
			high, also = f.value(last)
		}
		if !ok || !also || high < low {
			return fmt.Sprintf("%s %q, want %d to %d", f.name, item, f.low, f.high)
		}
	}
	return ""
}

func (f cronField) value(text string) (int, bool) {
	for i, w := range f.words {
		if text == w {
			return f.low + i, true
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.low && n <= f.high
}

// TimeZoneProblem words what is wrong with a time zone's name, or returns "".
func TimeZoneProblem(name string) string {
	// Go knows two names that are no zone: "" is UTC, "Local" the machine's own.
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		return fmt.Sprintf(`is %q, which is no time zone, want a name such as "Europe/Berlin" or "UTC"`, name)
	}
	return ""
}

func (s Schedule) check(l *check.List, p check.Path) {
	for field, problem := range map[string]string{"At": ScheduleProblem(s.At), "TimeZone": TimeZoneProblem(s.TimeZone)} {
		if problem != "" {
			l.Addf(p.Field(field), "%s", problem)
		}
	}
	checkBounds(l, p, s.Min, s.Max)
}
