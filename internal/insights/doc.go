// Package insights evaluates the part of CloudWatch Logs that this repository
// writes queries and patterns in, over log lines at hand: so that a test can
// say what a saved query answers, and whether the fields it names exist.
//
// Of Logs Insights QL it knows the commands fields, display, filter, stats, sort
// and limit; and, or, not, =, !=, <, <=, >, >=, +, -, *, /, like with a text or
// a regular expression, in; the functions strcontains, ispresent, coalesce and
// bin, and for stats count, sum, avg, min, max, pct, earliest and latest.
// Anything else is an error, and so is what CloudWatch would only ignore, such
// as sorting by a field that an earlier command has dropped.
//
// Where the documentation leaves the meaning open it takes the reading that
// finds less: a comparison with an absent field is false, also with !=.
// A percentile is that of the nearest rank; CloudWatch does not say which it takes.
//
// Of filter patterns it knows those of JSON lines: conditions on $.a.b[0] with
// =, !=, <, <=, >, >= joined by && and || with parentheses.
//
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
package insights
