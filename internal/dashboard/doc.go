// Package dashboard draws a CloudWatch dashboard body as a page that needs
// neither AWS nor a network: one HTML file with inline SVG and no script, in
// the body's own grid, for people who review a stack before it exists.
//
// What is drawn is the document itself; only the data are a sample: one of a
// service with a daily curve whose last deployment goes wrong half an hour
// before the end. It is the same in every run. Metrics become statistics and
// expressions lines by package metricmath, as in CloudWatch.
package dashboard
