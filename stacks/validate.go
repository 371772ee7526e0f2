package stacks

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"evenkeel/components/service"
	"evenkeel/internal/check"
)

// at is the path of a top-level key.
func at(key string) check.Path { return check.Path(Namespace + ":" + key) }

var (
	// Commercial regions only: ARNs are written for the partition "aws".
	regionPattern  = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`)
	accountPattern = regexp.MustCompile(`^[0-9]{12}$`)
	namePattern    = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	certPattern    = regexp.MustCompile(`^arn:aws:acm:([a-z0-9-]+):[0-9]{12}:certificate/[A-Za-z0-9-]+$`)
	digestPattern  = regexp.MustCompile(`^([^@\s]+@)?sha256:[0-9a-f]{64}$`)
	vpcPattern     = regexp.MustCompile(`^vpc-[0-9a-f]{8,17}$`)
	subnetPattern  = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
	tagPattern     = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$`)
	userPattern    = regexp.MustCompile(`^([0-9]{1,10})(:[0-9]{1,10})?$`)
)

// baseNameLimit keeps "<service>-<stack>" short enough for what is appended:
// a load balancer's name holds 32 characters.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
const baseNameLimit = 24

// maxName leaves room for "-" and a stack's name of one letter.
const maxName = baseNameLimit - 2

// BaseName starts the physical names of a stack's resources.
func (c *Config) BaseName(stack string) string { return c.Service.Name + "-" + stack }

// validate records every problem with the values themselves.
func (c *Config) validate(l *check.List, stack string) {
	if c.Environment == "" {
		l.Addf(at("environment"), "is required, %q or %q", Development, Production)
	} else {
		check.OneOf(l, at("environment"), c.Environment, Development, Production)
	}
	if c.Image != "" && !digestPattern.MatchString(c.Image) {
		l.Addf(at("image"), "is %q, want a digest (sha256: and 64 hexadecimal digits), because a tag can be moved: "+
			"`aws ecr describe-images` shows a tag's digest", c.Image)
	}
	c.validateAWS(l)
	c.Owner.validate(l, at("owner"))
	c.Network.validate(l, at("network"))
	c.Registry.validate(l, at("registry"))
	c.Ingress.validate(l, at("ingress"), c)
	c.Service.validate(l, at("service"), c)
	c.Secrets.validate(l, at("secrets"))
	c.Deployment.validate(l, at("deployment"), c.Service.DesiredCount)
	c.Notifications.Page.validate(l, at("notifications").Field("page"))
	c.Notifications.Ticket.validate(l, at("notifications").Field("ticket"))
	if name := c.BaseName(stack); c.Service.Name != "" && len(name) > baseNameLimit {
		l.Addf(at("service").Field("name"), "gives the name %q of %d characters with the stack's name, want at most %d in all",
			name, len(name), baseNameLimit)
	}
}

func (c *Config) validateAWS(l *check.List) {
	p := at("aws")
	switch {
	case c.AWS.Region == "":
		l.Addf(p.Field("region"), `is required, for example "eu-west-1"`)
	case strings.HasPrefix(c.AWS.Region, "cn-") || strings.HasPrefix(c.AWS.Region, "us-gov-"):
		l.Addf(p.Field("region"), "is %q, want a region of the commercial partition: China and GovCloud are not supported", c.AWS.Region)
	case !regionPattern.MatchString(c.AWS.Region):
		l.Addf(p.Field("region"), `is %q, want a region such as "eu-west-1"`, c.AWS.Region)
	}
	if c.Environment == Production && len(c.AWS.AccountIDs) == 0 {
		l.Addf(p.Field("accountIds"), "is required in production, so that a wrong login cannot deploy to another account")
	}
	for i, id := range c.AWS.AccountIDs {
		if !accountPattern.MatchString(id) {
			l.Addf(p.Field("accountIds").Index(i), "is %q, want the twelve digits of an account, in quotes", id)
		}
	}
}

func (o Owner) validate(l *check.List, p check.Path) {
	for field, v := range map[string]string{"team": o.Team, "costCenter": o.CostCenter, "repository": o.Repository} {
		switch {
		case strings.TrimSpace(v) == "":
			l.Addf(p.Field(field), "is required: it becomes a tag of every resource")
		case !tagPattern.MatchString(v):
			l.Addf(p.Field(field), "is %q, want up to 256 letters, digits, spaces and _.:/=+-@, which is what a tag may hold", v)
		}
	}
}

func (n Network) validate(l *check.List, p check.Path) {
	check.OneOf(l, p.Field("mode"), n.Mode, NetworkCreate, NetworkAdopt, NetworkDefault)
	check.OneOf(l, p.Field("nat"), n.NAT, NATNone, NATSingle, NATPerZone)
	if n.Mode == NetworkCreate {
		n.validateCreate(l, p)
	}
	if n.Mode == NetworkAdopt {
		n.validateAdopt(l, p)
		return
	}
	for field, set := range map[string]bool{
		"vpcId": n.VPCID != "", "publicSubnetIds": len(n.PublicSubnetIDs) > 0, "privateSubnetIds": len(n.PrivateSubnetIDs) > 0,
	} {
		if set {
			l.Addf(p.Field(field), "is set with mode %q, want mode %q or no %s", n.Mode, NetworkAdopt, field)
		}
	}
}

func (n Network) validateCreate(l *check.List, p check.Path) {
	l.InRange(p.Field("zones"), n.Zones, 2, 3)
	logDays(l, p.Field("flowLogDays"), n.FlowLogDays, true)
	prefix, err := netip.ParsePrefix(n.CIDR)
	switch {
	case err != nil || !prefix.Addr().Is4():
		l.Addf(p.Field("cidr"), `is %q, want an IPv4 range such as "10.0.0.0/16"`, n.CIDR)
	case prefix.Bits() < 16 || prefix.Bits() > 24:
		// A /24 leaves three zones a public and a private /27 each, the least
		// that a load balancer accepts.
		// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
		l.Addf(p.Field("cidr"), "is %q, want /16 (the most that a VPC holds) to /24 (the least that leaves every subnet a /27)", n.CIDR)
	case prefix.Masked() != prefix:
		l.Addf(p.Field("cidr"), "is %q, want the range's first address: %q", n.CIDR, prefix.Masked())
	case !prefix.Addr().IsPrivate():
		l.Addf(p.Field("cidr"), "is %q, want a private range: in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16", n.CIDR)
	}
}

func (n Network) validateAdopt(l *check.List, p check.Path) {
	switch {
	case n.VPCID == "":
		l.Addf(p.Field("vpcId"), "is required with mode %q: the id of the VPC", n.Mode)
	case !vpcPattern.MatchString(n.VPCID):
		l.Addf(p.Field("vpcId"), `is %q, want a VPC's id, such as "vpc-0123456789abcdef0"`, n.VPCID)
	}
	for field, ids := range map[string][]string{"publicSubnetIds": n.PublicSubnetIDs, "privateSubnetIds": n.PrivateSubnetIDs} {
		at := p.Field(field)
		if len(ids) < 2 {
			l.Addf(at, "has %d, want 2 or more, in different zones", len(ids))
		}
		for i, id := range ids {
			switch {
			case !subnetPattern.MatchString(id):
				l.Addf(at.Index(i), `is %q, want a subnet's id, such as "subnet-0123456789abcdef0"`, id)
			case slices.Index(ids, id) < i:
				l.Addf(at.Index(i), "is %q a second time, want each subnet once", id)
			}
		}
	}
}

func (r Registry) validate(l *check.List, p check.Path) {
	l.InRange(p.Field("keepReleases"), r.KeepReleases, 1, 1000)
	if !regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$`).MatchString(r.ReleaseTagPrefix) {
		l.Addf(p.Field("releaseTagPrefix"), `is %q, want the start of a tag, such as "release-"`, r.ReleaseTagPrefix)
	}
}

func (i Ingress) validate(l *check.List, p check.Path, c *Config) {
	i.validateCertificate(l, p, c)
	for k, cidr := range i.AllowedCIDRs {
		prefix, err := netip.ParsePrefix(cidr)
		switch {
		case err != nil || !prefix.Addr().Is4():
			l.Addf(p.Field("allowedCidrs").Index(k), `is %q, want an IPv4 range such as "203.0.113.0/24"`, cidr)
		case prefix.Masked() != prefix:
			l.Addf(p.Field("allowedCidrs").Index(k), "is %q, want the range's first address: %q", cidr, prefix.Masked())
		}
	}
	if n := len(i.AllowedCIDRs); n == 0 || n > maxAllowedCIDRs {
		l.Addf(p.Field("allowedCidrs"), "has %d ranges, want 1 to %d", n, maxAllowedCIDRs)
	}
	l.InRange(p.Field("deregistrationDelaySeconds"), i.DeregistrationDelaySeconds, 1, 3600)
	l.InRange(p.Field("idleTimeoutSeconds"), i.IdleTimeoutSeconds, 1, 4000)
	if i.AccessLogDays != 0 {
		l.InRange(p.Field("accessLogDays"), i.AccessLogDays, 1, 3650)
	}
	i.HealthCheck.validate(l, p.Field("healthCheck"))
}

// maxAllowedCIDRs is what a security group holds: 60 rules, two for each range.
// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
const maxAllowedCIDRs = 30

func (i Ingress) validateCertificate(l *check.List, p check.Path, c *Config) {
	at := p.Field("certificateArn")
	if i.CertificateARN == "" {
		if c.Environment == Production && !i.AllowPlainHTTP {
			l.Addf(at, "is required in production; to serve plain HTTP on purpose set %s: true", p.Field("allowPlainHttp"))
		}
		return
	}
	m := certPattern.FindStringSubmatch(i.CertificateARN)
	switch {
	case m == nil:
		l.Addf(at, `is %q, want the ARN of an ACM certificate, "arn:aws:acm:<region>:<account>:certificate/<id>"`, i.CertificateARN)
	case m[1] != c.AWS.Region:
		l.Addf(at, "is in %s, want one in the stack's region %s: a load balancer uses certificates of its own region only", m[1], c.AWS.Region)
	}
	if i.AllowPlainHTTP {
		l.Addf(p.Field("allowPlainHttp"), "is true with a certificate, want only one of them: with a certificate, HTTP redirects to HTTPS")
	}
}

func (h HealthCheck) validate(l *check.List, p check.Path) {
	if !strings.HasPrefix(h.Path, "/") || strings.ContainsAny(h.Path, " \t\n") || len(h.Path) > 1024 {
		l.Addf(p.Field("path"), `is %q, want a path such as "/healthz"`, h.Path)
	}
	l.InRange(p.Field("intervalSeconds"), h.IntervalSeconds, 5, 300)
	l.InRange(p.Field("timeoutSeconds"), h.TimeoutSeconds, 2, 120)
	if h.TimeoutSeconds >= h.IntervalSeconds {
		l.Addf(p.Field("timeoutSeconds"), "is %d, want less than intervalSeconds (%d)", h.TimeoutSeconds, h.IntervalSeconds)
	}
	l.InRange(p.Field("healthyThreshold"), h.HealthyThreshold, 2, 10)
	l.InRange(p.Field("unhealthyThreshold"), h.UnhealthyThreshold, 2, 10)
}

func (s Secrets) validate(l *check.List, p check.Path) {
	for i, name := range s.Create {
		switch {
		case !entryPattern.MatchString(name):
			l.Addf(p.Field("create").Index(i), `is %q, want a-z, 0-9, "-" and "/", such as "database-url"`, name)
		case slices.Index(s.Create, name) < i:
			l.Addf(p.Field("create").Index(i), "is %q a second time, want each entry once", name)
		}
	}
	if s.RecoveryDays != 0 && (s.RecoveryDays < 7 || s.RecoveryDays > 30) {
		l.Addf(p.Field("recoveryDays"), "is %d, want 7 to 30, or 0 to delete at once", s.RecoveryDays)
	}
}

var entryPattern = regexp.MustCompile(`^[a-z][a-z0-9]*([-/][a-z0-9]+)*$`)

func (d Deployment) validate(l *check.List, p check.Path, desired int) {
	check.OneOf(l, p.Field("strategy"), d.Strategy, Rolling)
	l.InRange(p.Field("minimumHealthyPercent"), d.MinimumHealthyPercent, 0, 100)
	l.InRange(p.Field("maximumPercent"), d.MaximumPercent, 100, 200)
	switch {
	case d.MinimumHealthyPercent > d.MaximumPercent:
		l.Addf(p.Field("minimumHealthyPercent"), "is %d, want at most maximumPercent (%d)", d.MinimumHealthyPercent, d.MaximumPercent)
	case !canReplace(desired, d.MinimumHealthyPercent, d.MaximumPercent):
		l.Addf(p.Field("maximumPercent"), "is %d: with %d task(s) and minimumHealthyPercent %d no task could ever be replaced, want more room, such as 200",
			d.MaximumPercent, desired, d.MinimumHealthyPercent)
	}
}

// canReplace tells whether a rolling deployment can start a new task before or
// after it stops an old one. ECS rounds the lower limit up and the upper down.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
func canReplace(desired, minimum, maximum int) bool {
	lower := (desired*minimum + 99) / 100
	upper := desired * maximum / 100
	return upper > desired || lower < desired
}

func (t Targets) validate(l *check.List, p check.Path) {
	for i, e := range t.Emails {
		switch {
		case !emailPattern.MatchString(e):
			l.Addf(p.Field("emails").Index(i), `is %q, want an address such as "oncall@example.com"`, e)
		case slices.Index(t.Emails, e) < i:
			l.Addf(p.Field("emails").Index(i), "is %q a second time, want each address once", e)
		}
	}
	for i, u := range t.HTTPS {
		switch {
		case !httpsPattern.MatchString(u):
			l.Addf(p.Field("https").Index(i), `is not an https URL, want one such as "https://events.example.com/sns/key"`)
		case slices.Index(t.HTTPS, u) < i:
			l.Addf(p.Field("https").Index(i), "stands there a second time, want each URL once")
		}
	}
}

var (
	emailPattern = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	httpsPattern = regexp.MustCompile(`^https://[^\s/]+\S*$`)
)

// retentionDays are the only retentions that CloudWatch Logs accepts.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
var retentionDays = []int{
	1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
}

// logDays checks a log retention. Zero means no logs where that is allowed;
// keeping logs for ever is not, because their price has no end either.
func logDays(l *check.List, p check.Path, days int, zero bool) {
	if slices.Contains(retentionDays, days) || zero && days == 0 {
		return
	}
	accepted := make([]string, len(retentionDays))
	for i, d := range retentionDays {
		accepted[i] = fmt.Sprint(d)
	}
	if zero {
		accepted = append([]string{"0 (no logs)"}, accepted...)
	}
	l.Addf(p, "is %d, want one of CloudWatch's retentions: %s", days, strings.Join(accepted, ", "))
}

func (s Service) validate(l *check.List, p check.Path, c *Config) {
	switch {
	case s.Name == "":
		l.Addf(p.Field("name"), `is required, for example "orders"`)
	case len(s.Name) < 2 || len(s.Name) > maxName || !namePattern.MatchString(s.Name):
		l.Addf(p.Field("name"), `is %q, want 2 to %d of a-z, 0-9 and single "-" that start with a letter, such as "orders"`, s.Name, maxName)
	}
	l.InRange(p.Field("port"), s.Port, 1, 65535)
	if err := service.CheckSize(s.CPU, s.MemoryMiB); err != nil {
		for _, e := range check.All(err) {
			l.Addf(p.Field(map[check.Path]string{"CPU": "cpu", "MemoryMiB": "memoryMiB"}[e.Path]), "%s", e.Detail)
		}
	}
	check.OneOf(l, p.Field("architecture"), s.Architecture, ARM64, X8664)
	check.OneOf(l, p.Field("capacity"), s.Capacity, OnDemand, Spot)
	l.InRange(p.Field("desiredCount"), s.DesiredCount, 1, 1000)
	if m := userPattern.FindStringSubmatch(s.User); m == nil || strings.Trim(m[1], "0") == "" {
		l.Addf(p.Field("user"), `is %q, want a numeric user that is not root, such as "65532:65532"`, s.User)
	}
	s.validateVariables(l, p, c)
	l.InRange(p.Field("healthGraceSeconds"), s.HealthGraceSeconds, 0, 3600)
	l.InRange(p.Field("stopTimeoutSeconds"), s.StopTimeoutSeconds, 2, 120)
	if s.StopTimeoutSeconds < c.Ingress.DeregistrationDelaySeconds {
		l.Addf(p.Field("stopTimeoutSeconds"), "is %d, want at least %s (%d): the task would be killed while it still serves requests",
			s.StopTimeoutSeconds, at("ingress").Field("deregistrationDelaySeconds"), c.Ingress.DeregistrationDelaySeconds)
	}
	logDays(l, p.Field("logDays"), s.LogDays, false)
	for i, port := range s.EgressPorts {
		l.InRange(p.Field("egressPorts").Index(i), port, 1, 65535)
		if port == 443 || slices.Index(s.EgressPorts, port) < i {
			l.Addf(p.Field("egressPorts").Index(i), "is %d, which is allowed already, want other ports", port)
		}
	}
}

func (s Service) validateVariables(l *check.List, p check.Path, c *Config) {
	for name, value := range s.Environment {
		at := p.Field("environment").Key(name)
		switch err := service.CheckVariable(name); {
		case err != nil:
			l.Addf(at, "%v", err)
		case service.LooksSecret(name):
			l.Addf(at, "looks like a secret, which everybody who may read the task definition would see: "+
				"want it under %s, its value in Secrets Manager", p.Field("secrets"))
		case strings.Contains(value, "\x00"):
			l.Addf(at, "holds a zero byte, want text")
		}
		if _, twice := s.Secrets[name]; twice {
			l.Addf(at, "is also under %s, want it in one of them", p.Field("secrets"))
		}
	}
	for name, ref := range s.Secrets {
		at := p.Field("secrets").Key(name)
		if err := service.CheckVariable(name); err != nil {
			l.Addf(at, "%v", err)
		}
		if !secretARN.MatchString(ref) && !slices.Contains(c.Secrets.Create, ref) {
			entries := "which is empty"
			if len(c.Secrets.Create) > 0 {
				entries = "which has " + strings.Join(c.Secrets.Create, ", ")
			}
			l.Addf(at, "is %q, want an entry of evenkeel:secrets.create (%s) or the full ARN of a secret", ref, entries)
		}
	}
}

// secretARN is a secret's full ARN, with the six random characters at its end
// (IAM could not be exact without them), and optionally a JSON key, a version
// stage and a version id, as ECS writes them.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
var secretARN = regexp.MustCompile(`^arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}(:[^:]*:[^:]*:[^:]*)?$`)
