package ingress

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// What a zero value in Args means.
const (
	DefaultHealthPath                 = "/healthz"
	DefaultHealthIntervalSeconds      = 10
	DefaultHealthTimeoutSeconds       = 5
	DefaultHealthyThreshold           = 2
	DefaultUnhealthyThreshold         = 3
	DefaultHealthMatcher              = "200"
	DefaultDeregistrationDelaySeconds = 30
	DefaultIdleTimeoutSeconds         = 60
	DefaultAllowedCIDR                = "0.0.0.0/0"
)

const (
	// A security group holds 60 ingress rules unless AWS raises the quota, and
	// a range takes one for each of the two ports.
	// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
	maxRules        = 60
	maxAllowedCIDRs = maxRules / 2
	// maxLogDays is no limit of S3: it keeps a typing error from storing logs
	// for decades.
	maxLogDays = 3650
)

// Args configures the component.
type Args struct {
	// Name says whose load balancer it is, for example "orders-dev", in the
	// Name tags: 2 to 24 of a-z, 0-9 and single dashes, starting with a letter.
	// Required.
	Name string
	// VPCID is where targets live. Required. Changing it replaces everything.
	VPCID pulumi.StringInput
	// SubnetIDs are the load balancer's subnets, in two zones or more: public
	// ones unless Internal. Required.
	SubnetIDs pulumi.StringArrayInput
	// AccountID is the account that the access logs belong to. Required.
	AccountID pulumi.StringInput
	// Region is the load balancer's region, for example "eu-west-1", which the
	// certificate has to be in. Required.
	Region string

	// CertificateARN is the ACM certificate for HTTPS. Empty serves plain HTTP,
	// which AllowPlainHTTP has to allow.
	CertificateARN string
	// AllowPlainHTTP says that serving without a certificate is meant. False
	// refuses it.
	AllowPlainHTTP bool
	// TargetPort is where tasks listen, 1 to 65535. Required. Changing it
	// replaces the target group.
	TargetPort int
	// HealthCheck is how the load balancer tells whether a task can serve.
	HealthCheck HealthCheck
	// DeregistrationDelaySeconds is how long a leaving task may finish its
	// requests, 1 to 3600. Zero means DefaultDeregistrationDelaySeconds.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
	DeregistrationDelaySeconds int
	// IdleTimeoutSeconds closes connections without traffic, 1 to 4000. Zero
	// means DefaultIdleTimeoutSeconds. A task has to keep idle connections open
	// for longer, or requests that meet its closing end as 502.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
	IdleTimeoutSeconds int
	// AllowedCIDRs are the IPv4 ranges that may send requests, at most 30. Nil
	// means DefaultAllowedCIDR; empty is refused.
	AllowedCIDRs []string
	// Internal gives the load balancer private addresses only. Changing it
	// replaces the load balancer.
	Internal bool
	// DeletionProtection makes AWS refuse to delete the load balancer.
	DeletionProtection bool
	// AccessLogs keeps a log line of each request in S3. Nil keeps none.
	AccessLogs *AccessLogsArgs
	// Protect makes Pulumi refuse to delete the load balancer and its logs.
	Protect bool
	// Test adds what CodeDeploy moves traffic with: a second target group, and a
	// listener on which a new version answers before users reach it. From then
	// on the listeners' actions are CodeDeploy's. Nil for rolling deployments.
	Test *TestArgs
	// TakeOver is for the update that ends deployments by CodeDeploy: the
	// listener that it moved until now is replaced by one that forwards to the
	// first target group, with an interruption of seconds. False otherwise.
	TakeOver bool
}

// TestArgs configures the test listener.
type TestArgs struct {
	// Port is where it listens, 1 to 65535, but 80 and, with a certificate, 443.
	// It speaks what the API's own listener speaks. Required.
	Port int
}

// HealthCheck is the load balancer's check of a task.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
type HealthCheck struct {
	// Path answers with Matcher while the task can serve. Empty means
	// DefaultHealthPath.
	Path string
	// IntervalSeconds is the time between checks, 5 to 300. Zero means
	// DefaultHealthIntervalSeconds.
	IntervalSeconds int
	// TimeoutSeconds is how long an answer may take, 2 to 120, less than the
	// interval. Zero means DefaultHealthTimeoutSeconds.
	TimeoutSeconds int
	// HealthyThreshold and UnhealthyThreshold are how many checks in a row
	// change the verdict, 2 to 10. Zero means DefaultHealthyThreshold and
	// DefaultUnhealthyThreshold. A task's first success counts at once.
	HealthyThreshold   int
	UnhealthyThreshold int
	// Matcher lists the good status codes, "200", "200,204" or "200-299",
	// within 200 to 499. Empty means DefaultHealthMatcher.
	Matcher string
}

// AccessLogsArgs configures the access logs.
type AccessLogsArgs struct {
	// RetentionDays is how long a log is kept, 1 to 3650. Required.
	RetentionDays int
}

var (
	certPattern    = regexp.MustCompile(`^arn:aws:acm:([a-z0-9-]+):[0-9]{12}:certificate/[A-Za-z0-9-]+$`)
	matcherPattern = regexp.MustCompile(`^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$`)
)

// Validate reports every problem with the plain arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	d := a.withDefaults()
	naming.CheckBase(&l, "Name", d.Name)
	if d.VPCID == nil {
		l.Addf("VPCID", "is required")
	}
	if d.SubnetIDs == nil {
		l.Addf("SubnetIDs", "is required")
	}
	if d.AccountID == nil {
		l.Addf("AccountID", "is required")
	}
	l.Region("Region", d.Region)
	d.validateCertificate(&l)
	l.InRange("TargetPort", d.TargetPort, 1, 65535)
	d.HealthCheck.validate(&l, "HealthCheck")
	l.InRange("DeregistrationDelaySeconds", d.DeregistrationDelaySeconds, 1, 3600)
	l.InRange("IdleTimeoutSeconds", d.IdleTimeoutSeconds, 1, 4000)
	validateCIDRs(&l, "AllowedCIDRs", d.AllowedCIDRs)
	if d.AccessLogs != nil {
		l.InRange("AccessLogs.RetentionDays", d.AccessLogs.RetentionDays, 1, maxLogDays)
	}
	d.validateTest(&l, "Test")
	return l.Err()
}

func (a *Args) validateTest(l *check.List, p check.Path) {
	if a.Test == nil {
		return
	}
	if a.TakeOver {
		l.Addf("TakeOver", "is true with Test, want one of them: either CodeDeploy moves traffic, or no longer")
	}
	l.InRange(p.Field("Port"), a.Test.Port, 1, 65535)
	if a.Test.Port == httpPort || a.https() && a.Test.Port == httpsPort {
		l.Addf(p.Field("Port"), "is %d, where the API itself answers, want another port", a.Test.Port)
	}
	if n := a.rulesPerRange() * len(a.AllowedCIDRs); n > maxRules {
		l.Addf("AllowedCIDRs", "has %d ranges, want at most %d with a test listener: each takes %d of the %d rules that a security group holds",
			len(a.AllowedCIDRs), maxRules/a.rulesPerRange(), a.rulesPerRange(), maxRules)
	}
}

// rulesPerRange is how many rules let one range in: one a port.
func (a *Args) rulesPerRange() int {
	n := 1
	if a.https() {
		n++
	}
	if a.Test != nil {
		n++
	}
	return n
}

func (a *Args) validateCertificate(l *check.List) {
	if a.CertificateARN == "" {
		if !a.AllowPlainHTTP {
			l.Addf("CertificateARN", "is required; to serve plain HTTP on purpose set AllowPlainHTTP")
		}
		return
	}
	m := certPattern.FindStringSubmatch(a.CertificateARN)
	switch {
	case m == nil:
		l.Addf("CertificateARN", `is %q, want the ARN of an ACM certificate, "arn:aws:acm:<region>:<account>:certificate/<id>"`, a.CertificateARN)
	case m[1] != a.Region:
		l.Addf("CertificateARN", "is in %s, want one in Region (%s): a load balancer uses certificates of its own region only", m[1], a.Region)
	}
	if a.AllowPlainHTTP {
		l.Addf("AllowPlainHTTP", "is true with CertificateARN, want one of them: with a certificate, HTTP redirects to HTTPS")
	}
}

func (h HealthCheck) validate(l *check.List, p check.Path) {
	if !strings.HasPrefix(h.Path, "/") || strings.ContainsAny(h.Path, " \t\r\n") || len(h.Path) > 1024 {
		l.Addf(p.Field("Path"), "is %q, want a path of up to 1024 characters, such as %q", h.Path, DefaultHealthPath)
	}
	l.InRange(p.Field("IntervalSeconds"), h.IntervalSeconds, 5, 300)
	l.InRange(p.Field("TimeoutSeconds"), h.TimeoutSeconds, 2, 120)
	if h.TimeoutSeconds >= h.IntervalSeconds {
		l.Addf(p.Field("TimeoutSeconds"), "is %d, want less than IntervalSeconds (%d)", h.TimeoutSeconds, h.IntervalSeconds)
	}
	l.InRange(p.Field("HealthyThreshold"), h.HealthyThreshold, 2, 10)
	l.InRange(p.Field("UnhealthyThreshold"), h.UnhealthyThreshold, 2, 10)
	if !matcherPattern.MatchString(h.Matcher) {
		l.Addf(p.Field("Matcher"), `is %q, want status codes of 200 to 499, such as "200", "200,204" or "200-299"`, h.Matcher)
	}
}

func validateCIDRs(l *check.List, p check.Path, cidrs []string) {
	if len(cidrs) == 0 {
		l.Addf(p, "is empty, want one range or more: nobody could reach the API")
	}
	if len(cidrs) > maxAllowedCIDRs {
		l.Addf(p, "has %d ranges, want at most %d: a security group holds no more", len(cidrs), maxAllowedCIDRs)
	}
	for i, cidr := range cidrs {
		_, ok := l.IPv4Range(p.Index(i), cidr, "203.0.113.0/24")
		if ok && slices.Index(cidrs, cidr) < i {
			l.Addf(p.Index(i), "is %q a second time, want each range once", cidr)
		}
	}
}

func (a *Args) withDefaults() Args {
	d := *a
	d.HealthCheck = a.HealthCheck.withDefaults()
	d.DeregistrationDelaySeconds = orDefault(a.DeregistrationDelaySeconds, DefaultDeregistrationDelaySeconds)
	d.IdleTimeoutSeconds = orDefault(a.IdleTimeoutSeconds, DefaultIdleTimeoutSeconds)
	if a.AllowedCIDRs == nil {
		d.AllowedCIDRs = []string{DefaultAllowedCIDR}
	}
	return d
}

func (h HealthCheck) withDefaults() HealthCheck {
	return HealthCheck{
		Path:               orDefault(h.Path, DefaultHealthPath),
		IntervalSeconds:    orDefault(h.IntervalSeconds, DefaultHealthIntervalSeconds),
		TimeoutSeconds:     orDefault(h.TimeoutSeconds, DefaultHealthTimeoutSeconds),
		HealthyThreshold:   orDefault(h.HealthyThreshold, DefaultHealthyThreshold),
		UnhealthyThreshold: orDefault(h.UnhealthyThreshold, DefaultUnhealthyThreshold),
		Matcher:            orDefault(h.Matcher, DefaultHealthMatcher),
	}
}

func orDefault[T comparable](v, standard T) T {
	var zero T
	if v == zero {
		return standard
	}
	return v
}

func (a *Args) https() bool { return a.CertificateARN != "" }

func (a *Args) scheme() string {
	if a.https() {
		return "https"
	}
	return "http"
}
