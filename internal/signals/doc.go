// Package signals says, once, what is measured of an HTTP service behind a load
// balancer: the four golden signals, the objectives, and when somebody is told.
// Alarms, dashboard widgets with their threshold lines, and links to saved
// queries are all made from these definitions, by functions without side
// effects.
//
// Nothing here knows Pulumi: what a metric is measured on is a Ref, which
// components resolve to an output and tests to a text.
package signals
