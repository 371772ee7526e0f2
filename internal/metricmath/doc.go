// Package metricmath evaluates what CloudWatch alarms watch: the statistics of
// raw samples, metric math over them, the state of a metric alarm, and the rule
// of a composite alarm. It is what a simulation runs traffic through to learn
// which alarm fires, and when.
//
// It is faithful to what AWS documents, above all for data that is missing, and
// refuses what it does not know: an unknown function, a form of IF that the
// guide does not list, or an id without a series is an error, never a zero.
//
// Sources:
//   - metric math: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
//   - statistics: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
//   - alarm state: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
//   - composite rules: https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-combining.html
//
// # Missing data in expressions
//
// Where the guide says nothing, the reading is the one that makes up no data:
//
//   - Arithmetic, comparison, AND and OR between two series: a point missing in
//     one of them is 0; where both miss it, it is missing. The guide says so for
//     arithmetic and comparison; its example for AND fits the same rule.
//   - Between a series and a number: missing stays missing (not in the guide).
//   - A division by zero drops the point (guide). So does any other result that
//     is no finite number (not in the guide).
//   - IF: no condition, no point. A true condition whose value is missing gives
//     0, a false one whose value is missing gives no point (guide).
//   - SUM and AVG of an array take missing as 0 (guide, for AVG), MIN and MAX
//     skip it (not in the guide); where every series misses it, it is missing.
//   - AVG of one series divides by the number of periods in the window, because
//     "missing values are treated as 0" (guide).
//   - FILL makes up what it is told to, in the window evaluated. REPEAT leaves
//     what is before the first point, LINEAR also what is after the last.
//
// # Precedence
//
// The guide gives none. From loosest to tightest: OR, AND, comparison (which
// does not chain), + and -, * and /, unary -, ^ (which groups to the right).
package metricmath
