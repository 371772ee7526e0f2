// Package deploytime is how long a deployment of a stack takes, step by step: a
// healthy one until it is over, and a failing one until users are well again.
//
// It is a model, not a measurement. What the stack sets (percentages, checks,
// delays, alarms) is read from its resource graph; what AWS and the application
// take is an estimate with a source. Every time is a Span: low, expected, high.
// Steps that AWS overlaps are counted one after the other, so that the model
// errs on the long side.
//
// [Check] holds what is read from the graph to the rules without which a
// deployment loses requests.
package deploytime
