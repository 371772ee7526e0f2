package signals

import "time"

// Ref names what a metric is measured on.
type Ref string

// What metrics are measured on.
const (
	// LoadBalancer is the load balancer's ARN suffix, "app/<name>/<id>".
	LoadBalancer Ref = "loadBalancer"
	// TargetGroup is the target group's ARN suffix, "targetgroup/<name>/<id>".
	TargetGroup Ref = "targetGroup"
	// OtherTargetGroup is that of the second target group, where CodeDeploy moves
	// traffic between two: see Spec.TwoTargetGroups.
	OtherTargetGroup Ref = "otherTargetGroup"
	// Cluster is the ECS cluster's name.
	Cluster Ref = "cluster"
	// Service is the ECS service's name.
	Service Ref = "service"
	// DeploymentStartedRule, DeploymentFailedRule and TaskStoppedRule are the
	// names of the EventBridge rules that match these events of the service.
	DeploymentStartedRule Ref = "deploymentStartedRule"
	DeploymentFailedRule  Ref = "deploymentFailedRule"
	TaskStoppedRule       Ref = "taskStoppedRule"
)

// Refs lists every Ref that something is measured on, in the order of their
// definition.
func (s Spec) Refs() []Ref {
	out := []Ref{LoadBalancer, TargetGroup}
	if s.TwoTargetGroups {
		out = append(out, OtherTargetGroup)
	}
	return append(out, Cluster, Service, DeploymentStartedRule, DeploymentFailedRule, TaskStoppedRule)
}

// Dimension is a dimension of a metric.
type Dimension struct {
	Name string
	Of   Ref
}

// Metric is a CloudWatch metric with a statistic.
type Metric struct {
	// ID is its name in expressions: a lower-case letter, then letters, digits
	// and underscores.
	ID string
	// Namespace and Name are CloudWatch's, as "AWS/ApplicationELB" and
	// "RequestCount".
	Namespace, Name string
	// Stat is a CloudWatch statistic: "Sum", "p99", "PR(:0.3)".
	// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Statistics-definitions.html
	Stat       string
	Dimensions []Dimension
}

// Expression is a metric math expression over metrics and other expressions.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
type Expression struct {
	ID   string
	Text string
}

// Unit is what a series counts.
type Unit string

// The units.
const (
	Percent  Unit = "percent"
	Seconds  Unit = "seconds"
	Requests Unit = "requests"
	Tasks    Unit = "tasks"
	Hosts    Unit = "hosts"
	Events   Unit = "events"
)

// Series is one line: metrics, expressions over them, and which of their ids is
// the line itself.
type Series struct {
	// Label is what people read, as "5xx of all requests".
	Label       string
	Unit        Unit
	Metrics     []Metric
	Expressions []Expression
	// Return is the id of the metric or expression that is drawn and compared.
	Return string
}

// Severity says how urgent an alarm is.
type Severity string

// The severities.
const (
	// Sev1 pages: users cannot use the service.
	Sev1 Severity = "sev1"
	// Sev2 pages: users are hurt, or will be within hours.
	Sev2 Severity = "sev2"
	// Sev3 is a ticket, for working hours.
	Sev3 Severity = "sev3"
)

// Pages tells whether somebody is woken up.
func (s Severity) Pages() bool { return s == Sev1 || s == Sev2 }

// Comparison is how a value is held against the threshold, by CloudWatch's name.
type Comparison string

// The comparisons in use.
const (
	Above       Comparison = "GreaterThanThreshold"
	AtLeast     Comparison = "GreaterThanOrEqualToThreshold"
	Below       Comparison = "LessThanThreshold"
	OutsideBand Comparison = "LessThanLowerOrGreaterThanUpperThreshold"
)

// Missing is what a period without data counts as, by CloudWatch's name.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/AlarmThatSendsEmail.html#alarms-and-missing-data
type Missing string

// What a period without data counts as.
const (
	// NotBreaching: no data is good. Counters of errors are not reported at all
	// while there are none.
	NotBreaching Missing = "notBreaching"
	// Breaching: no data is bad. A heartbeat.
	Breaching Missing = "breaching"
	// NoData: no data is unknown.
	NoData Missing = "missing"
)

// Condition is when an alarm is in the state ALARM.
type Condition struct {
	Series     Series
	Comparison Comparison
	// Threshold is in the unit of the series; unused with OutsideBand, whose
	// Band is the id of the expression that gives the band.
	Threshold float64
	Band      string
	Period    time.Duration
	// Of and Datapoints: this many datapoints of so many periods must breach.
	Datapoints, Of int
	Missing        Missing
	// Because says in one line why these numbers.
	Because string
}

// Message is what a person needs who was told. All of it is required of an
// alarm that tells somebody.
type Message struct {
	// Users is what users feel, one sentence.
	Users string
	// Since says how long it has gone on when the alarm fires.
	Since string
	// First is the first step, one sentence.
	First string
	// Runbook is a page of docs/runbooks, without ".md".
	Runbook string
	// Query is the key of the saved query to start from; empty for none.
	Query string
}

// Alarm is a metric alarm. It tells nobody itself when a Composite stands on it.
type Alarm struct {
	// Key is its name after the stack's, as "errors".
	Key string
	// Signal is the key of the signal whose widget shows the threshold; empty
	// for none.
	Signal    string
	Condition Condition
	// Severity is empty when the alarm tells nobody.
	Severity Severity
	Message  Message
}

// Rule is a composite alarm's condition: every one of All, or else any of Any.
// Each is the key of an alarm or composite that must be in ALARM.
type Rule struct {
	All, Any []string
}

// Keys lists what the rule depends on.
func (r Rule) Keys() []string { return append(append([]string(nil), r.All...), r.Any...) }

// Composite is a composite alarm.
type Composite struct {
	Key  string
	Rule Rule
	// Severity is empty when the alarm tells nobody.
	Severity Severity
	Message  Message
	// HeldBy is the key of the composite or alarm during whose ALARM this one
	// tells nobody. Empty for none.
	HeldBy string
	// Wait is how long this one first waits for HeldBy to fire too, and
	// Extension how long it still tells nobody after HeldBy has ended.
	Wait, Extension time.Duration
	// Because says in one line why it is joined and held like that.
	Because string
}

// Golden is one of the four golden signals.
// https://sre.google/sre-book/monitoring-distributed-systems/#xref_monitoring_golden-signals
type Golden string

// The four golden signals.
const (
	Latency    Golden = "latency"
	Traffic    Golden = "traffic"
	Errors     Golden = "errors"
	Saturation Golden = "saturation"
)

// Signal is what one widget shows.
type Signal struct {
	Key    string
	Golden Golden
	Title  string
	// Meaning is one sentence for people who see it the first time.
	Meaning string
	Lines   []Series
	// Query is the key of the saved query that explains it; empty for none.
	Query string
}

// Annotation is a horizontal line on a widget: an alarm's threshold.
type Annotation struct {
	Label    string
	Value    float64
	Severity Severity
}
