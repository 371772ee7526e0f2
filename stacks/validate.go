package stacks

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"evenkeel/components/service"
	"evenkeel/internal/check"
)

// at is the path of a top-level key.
func at(key string) check.Path { return check.Path(Namespace + ":" + key) }

// BaseName starts the physical names of a stack's resources.
func (c *Config) BaseName(stack string) string { return c.Service.Name + "-" + stack }

// validate records every problem with the values: what the fields' rules
// refuse, and what contradicts another value.
func (c *Config) validate(l *check.List, stack string) {
	checkFields(l, at, reflect.ValueOf(*c), reflect.ValueOf(Defaults(c.Environment)))
	if c.Environment == Production && len(c.AWS.AccountIDs) == 0 {
		l.Addf(at("aws").Field("accountIds"), "is required in production, so that a wrong login cannot deploy to another account")
	}
	c.validateImage(l, at("image"), stack)
	c.Network.validate(l, at("network"))
	c.Ingress.validate(l, at("ingress"), c)
	c.Service.validate(l, at("service"), c)
	c.Deployment.validate(l, at("deployment"), c)
	c.Autoscaling.validate(l, at("autoscaling"), c)
	c.Objectives.validate(l, at("objectives"), c)
	c.Notifications.validate(l, at("notifications"), c)
	c.Pipeline.validate(l, at("pipeline"), stack, c)
	if name := c.BaseName(stack); c.Service.Name != "" && len(name) > baseNameLimit {
		l.Addf(at("service").Field("name"), "gives the name %q of %d characters with the stack's name, want at most %d in all",
			name, len(name), baseNameLimit)
	}
}

// validateImage refuses a tag, with the command that prints its digest.
func (c *Config) validateImage(l *check.List, p check.Path, stack string) {
	if !isTag(c.Image) {
		return
	}
	m := tagPattern.FindStringSubmatch(c.Image)
	show := fmt.Sprintf("docker buildx imagetools inspect --format '{{.Manifest.Digest}}' %s", c.Image)
	if !strings.Contains(m[1], "/") {
		show = fmt.Sprintf("aws ecr describe-images --region %s --repository-name %s --image-ids imageTag=%s --query 'imageDetails[0].imageDigest' --output text",
			c.AWS.Region, c.BaseName(stack), m[2])
	}
	l.Addf(p, "is %q, a tag, want %s. Its digest: %s", c.Image, wantDigest, show)
}

func (n Network) validate(l *check.List, p check.Path) {
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

func (n Network) validateAdopt(l *check.List, p check.Path) {
	if n.VPCID == "" {
		l.Addf(p.Field("vpcId"), "is required with mode %q: the id of the VPC", n.Mode)
	}
	for field, ids := range map[string][]string{"publicSubnetIds": n.PublicSubnetIDs, "privateSubnetIds": n.PrivateSubnetIDs} {
		if len(ids) < 2 {
			l.Addf(p.Field(field), "has %d, want 2 or more, in different zones", len(ids))
		}
	}
}

func (i Ingress) validate(l *check.List, p check.Path, c *Config) {
	cert, plain := p.Field("certificateArn"), p.Field("allowPlainHttp")
	if i.CertificateARN == "" {
		if c.Environment == Production && !i.AllowPlainHTTP {
			l.Addf(cert, "is required in production; to serve plain HTTP on purpose set %s: true", plain)
		}
	} else {
		if m := certPattern.FindStringSubmatch(i.CertificateARN); m != nil && m[1] != c.AWS.Region {
			l.Addf(cert, "is in %s, want one in the stack's region %s: a load balancer uses certificates of its own region only", m[1], c.AWS.Region)
		}
		if i.AllowPlainHTTP {
			l.Addf(plain, "is true with a certificate, want only one of them: with a certificate, HTTP redirects to HTTPS")
		}
	}
	if h := i.HealthCheck; h.TimeoutSeconds >= h.IntervalSeconds {
		l.Addf(p.Field("healthCheck").Field("timeoutSeconds"), "is %d, want less than intervalSeconds (%d)", h.TimeoutSeconds, h.IntervalSeconds)
	}
}

func (a Autoscaling) validate(l *check.List, p check.Path, c *Config) {
	if a.MinimumTasks > a.MaximumTasks {
		l.Addf(p.Field("minimumTasks"), "is %d, want at most maximumTasks (%d)", a.MinimumTasks, a.MaximumTasks)
	}
	if a.MaximumTasks > a.MinimumTasks && a.CPUPercent == 0 && a.MemoryPercent == 0 && a.RequestsPerTask == 0 {
		l.Addf(p.Field("maximumTasks"), "is %d, more than minimumTasks (%d), with nothing to look at: want cpuPercent, memoryPercent or requestsPerTask",
			a.MaximumTasks, a.MinimumTasks)
	}
	asleep, wakes := "", false
	for name, s := range a.Schedules {
		s.validate(l, p.Field("schedules").Key(name), name, c)
		if s.MaximumTasks == 0 && (asleep == "" || name < asleep) {
			asleep = name
		}
		wakes = wakes || s.MinimumTasks > 0
	}
	if asleep != "" && !wakes {
		l.Addf(p.Field("schedules").Key(asleep).Field("maximumTasks"),
			"is 0, and no schedule has minimumTasks of 1 or more: nothing would ever start a task again")
	}
}

func (s Schedule) validate(l *check.List, p check.Path, name string, c *Config) {
	if s.MinimumTasks > s.MaximumTasks {
		l.Addf(p.Field("minimumTasks"), "is %d, want at most maximumTasks (%d)", s.MinimumTasks, s.MaximumTasks)
	}
	if s.MaximumTasks == 0 && !c.Service.ContainerInsights {
		l.Addf(p.Field("maximumTasks"), "is 0 without %s, want both: only ECS's own count tells a service that sleeps from one that is down",
			at("service").Field("containerInsights"))
	}
	for other, o := range c.Autoscaling.Schedules {
		if other < name && o.At == s.At && o.TimeZone == s.TimeZone {
			l.Addf(p.Field("at"), "is %q in %s, as in schedule %q, want another time: which of them wins is chance", s.At, s.TimeZone, other)
		}
	}
}

func (o Objectives) validate(l *check.List, p check.Path, c *Config) {
	within := p.Field("latency").Field("withinMilliseconds")
	if idle := c.Ingress.IdleTimeoutSeconds * 1000; o.Latency.WithinMilliseconds >= idle {
		l.Addf(within, "is %d, want less than %s (%d s): the load balancer gives up on a slower request",
			o.Latency.WithinMilliseconds, at("ingress").Field("idleTimeoutSeconds"), c.Ingress.IdleTimeoutSeconds)
	}
	if o.SlowestMilliseconds < o.Latency.WithinMilliseconds {
		l.Addf(p.Field("slowestMilliseconds"), "is %d, want at least latency.withinMilliseconds (%d): a good answer would page",
			o.SlowestMilliseconds, o.Latency.WithinMilliseconds)
	}
}

// repositoryPage is a repository that has a page: "<host>/<owner>/<name>".
var repositoryPage = regexp.MustCompile(`^[a-z0-9-]+(\.[a-z0-9-]+)+(/[A-Za-z0-9_.-]+)+$`)

func (n Notifications) validate(l *check.List, p check.Path, c *Config) {
	if n.RunbookURL == "" && c.Owner.Repository != "" && !repositoryPage.MatchString(c.Owner.Repository) {
		l.Addf(p.Field("runbookUrl"), "is required, because %s (%q) is not like \"github.com/example/orders\": alarms must link runbooks",
			at("owner").Field("repository"), c.Owner.Repository)
	}
	if c.Environment == Production && len(n.Page.Emails)+len(n.Page.HTTPS) == 0 {
		l.Addf(p.Field("page"), "has nobody, want an address under emails or an endpoint under https: in production an outage must reach somebody")
	}
	if (n.Chat.Workspace == "") != (n.Chat.Channel == "") {
		l.Addf(p.Field("chat"), "is half set, want both workspace and channel, or neither")
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

func (s Service) validate(l *check.List, p check.Path, c *Config) {
	for _, e := range check.All(service.CheckSize(s.CPU, s.MemoryMiB)) {
		if e.Path == "MemoryMiB" { // a CPU size that Fargate lacks breaks the field's own rule
			l.Addf(p.Field("memoryMiB"), "%s", e.Detail)
		}
	}
	s.validateVariables(l, p, c)
	if s.StopTimeoutSeconds < c.Ingress.DeregistrationDelaySeconds {
		l.Addf(p.Field("stopTimeoutSeconds"), "is %d, want at least %s (%d): the task would be killed while it still serves requests",
			s.StopTimeoutSeconds, at("ingress").Field("deregistrationDelaySeconds"), c.Ingress.DeregistrationDelaySeconds)
	}
	if i := slices.Index(s.EgressPorts, 443); i >= 0 {
		l.Addf(p.Field("egressPorts").Index(i), "is 443, which is allowed already, want other ports")
	}
}

func (s Service) validateVariables(l *check.List, p check.Path, c *Config) {
	for name := range s.Environment {
		if _, twice := s.Secrets[name]; twice {
			l.Addf(p.Field("environment").Key(name), "is also under %s, want it in one of them", p.Field("secrets"))
		}
	}
	for name, ref := range s.Secrets {
		if secretARN.MatchString(ref) || slices.Contains(c.Secrets.Create, ref) {
			continue
		}
		entries := "which is empty"
		if len(c.Secrets.Create) > 0 {
			entries = "which has " + strings.Join(c.Secrets.Create, ", ")
		}
		l.Addf(p.Field("secrets").Key(name), "is %q, want an entry of evenkeel:secrets.create (%s) or the full ARN of a secret", ref, entries)
	}
}
