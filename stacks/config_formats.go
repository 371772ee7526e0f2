package stacks

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"evenkeel/components/autoscaling"
	"evenkeel/components/pipelineidentity"
	"evenkeel/components/service"
	"evenkeel/internal/check"
	"evenkeel/internal/signals"
)

// format is what a text may be.
type format struct {
	// pattern is what a text must match, and refused what it must not match all
	// the same. Both mean the same to Go and to ECMA-262, whose patterns a
	// schema has.
	pattern, refused *regexp.Regexp
	// maxLength is the most characters, when set.
	maxLength int
	// want words what is accepted, for the problem `is "<text>", want <want>`.
	want string
	// refusedWant does the same for a text that is refused; detail, when set, is
	// the whole problem.
	refusedWant, detail string
	// secret texts appear in no problem.
	secret bool
	// above and most, when most is set, bound a number: more than above, at most
	// most.
	above, most float64
	// explain, when set, decides instead: it says what is wrong with a text, or
	// "". The patterns then accept all that it accepts, and may accept more.
	explain func(text string) string
}

func (f *format) check(l *check.List, p check.Path, text string) {
	if problem := f.problem(text); problem != "" {
		l.Addf(p, "%s", problem)
	}
}

func (f *format) problem(text string) string {
	if f.explain != nil {
		return f.explain(text)
	}
	refused := f.refused != nil && f.refused.MatchString(text)
	good := f.pattern == nil || f.pattern.MatchString(text)
	switch {
	case good && !refused && (f.maxLength == 0 || len([]rune(text)) <= f.maxLength):
		return ""
	case f.detail != "":
		return f.detail
	case refused && f.refusedWant != "":
		return fmt.Sprintf("is %q, want %s", text, f.refusedWant)
	}
	return fmt.Sprintf("is %q, want %s", text, f.want)
}

var (
	certPattern   = regexp.MustCompile(`^arn:aws:acm:([a-z0-9-]+):[0-9]{12}:certificate/[A-Za-z0-9-]+$`)
	digestPattern = regexp.MustCompile(`^([^@\s]+@)?sha256:[0-9a-f]{64}$`)
	// tagPattern is an image by tag: [[host/]repository:]tag.
	// https://pkg.go.dev/github.com/distribution/reference#pkg-overview
	tagPattern = regexp.MustCompile(`^(?:((?:[a-zA-Z0-9.-]+(?::[0-9]+)?/)?[a-z0-9][a-z0-9._/-]*):)?([A-Za-z0-9_][A-Za-z0-9_.-]{0,127})$`)
	// What follows is for editors: the service component decides. Of the names
	// that look like a secret's these are the most usual.
	variablePattern = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	reservedPattern = regexp.MustCompile(reserved)
	secretPattern   = regexp.MustCompile(reserved + `|^((DB|DATABASE|POSTGRES|MYSQL|REDIS|SMTP|API|APP|AUTH|JWT|CLIENT|SESSION|ADMIN|ROOT|USER)_)*` +
		`(PASSWORD|PASSWD|SECRET|TOKEN|CREDENTIALS|API_KEY|PRIVATE_KEY|SECRET_KEY)$`)
)

const (
	// baseNameLimit keeps "<service>-<stack>" short enough for what is appended:
	// a load balancer's name holds 32 characters.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html
	baseNameLimit = 24
	// maxName leaves room for "-" and a stack's name of one letter.
	maxName = baseNameLimit - 2

	// A VPC holds a /16 at most. A /24 leaves three zones a public and a private
	// /27 each, the least that a load balancer accepts.
	// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
	largestVPC, smallestVPC = 16, 24

	reserved = `^(AWS|ECS)_`

	entry = `[a-z][a-z0-9]*([-/][a-z0-9]+)*`
	// arn is a secret's full ARN, with the six random characters at its end (IAM
	// could not be exact without them), and optionally a JSON key, a version
	// stage and a version id, as ECS writes them.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
	arn = `arn:aws:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}(:[^:]*:[^:]*:[^:]*)?`
)

var secretARN = regexp.MustCompile(`^` + arn + `$`)

// formats are the formats that a field's tag can name.
var formats = map[string]*format{
	"digest": {
		pattern: digestPattern, want: wantDigest, explain: explainDigest,
	},
	"region": {
		// Commercial regions only: ARNs are written for the partition "aws".
		pattern: regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9]$`), want: `a region such as "eu-west-1"`,
		refused:     regexp.MustCompile(`^(cn|us-gov)-`),
		refusedWant: "a region of the commercial partition: China and GovCloud are not supported",
	},
	"account": {pattern: regexp.MustCompile(`^[0-9]{12}$`), want: "the twelve digits of an account, in quotes"},
	"tag": {
		pattern: regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,256}$`),
		want:    "up to 256 letters, digits, spaces and _.:/=+-@, which is what a tag may hold",
	},
	"vpc":    {pattern: regexp.MustCompile(`^vpc-[0-9a-f]{8,17}$`), want: `a VPC's id, such as "vpc-0123456789abcdef0"`},
	"subnet": {pattern: regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`), want: `a subnet's id, such as "subnet-0123456789abcdef0"`},
	"vpcRange": {
		pattern: regexp.MustCompile(`^(10\.` + octet + `|172\.` + numbers(16, 31) + `|192\.168)\.` + octet + `\.` + octet +
			`/` + numbers(largestVPC, smallestVPC) + `$`),
		want: fmt.Sprintf("a private IPv4 range, /%d to /%d", largestVPC, smallestVPC), explain: explainVPCRange,
	},
	"ipv4Range": {
		pattern: regexp.MustCompile(`^(` + octet + `\.){3}` + octet + `/` + numbers(0, 32) + `$`),
		want:    "an IPv4 range", explain: func(text string) string { return explainRange(text, "203.0.113.0/24") },
	},
	"tagPrefix":   {pattern: regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$`), want: `the start of a tag, such as "release-"`},
	"certificate": {pattern: certPattern, want: `the ARN of an ACM certificate, "arn:aws:acm:<region>:<account>:certificate/<id>"`},
	"path":        {pattern: regexp.MustCompile(`^/[^ \t\n]*$`), maxLength: 1024, want: `a path such as "/healthz"`},
	"serviceName": {
		pattern: regexp.MustCompile(`^[a-z][a-z0-9]+(-[a-z0-9]+)*$|^[a-z](-[a-z0-9]+)+$`), maxLength: maxName,
		want: fmt.Sprintf(`2 to %d of a-z, 0-9 and single "-" that start with a letter, such as "orders"`, maxName),
	},
	"user": {
		pattern: regexp.MustCompile(`^[0-9]{1,10}(:[0-9]{1,10})?$`), refused: regexp.MustCompile(`^0+(:|$)`),
		want: `a numeric user that is not root, such as "65532:65532"`,
	},
	"variable": {
		pattern: variablePattern, refused: reservedPattern, explain: explainVariable,
		want: `names of letters, digits and "_", not AWS_… or ECS_…`,
	},
	"plainVariable": {
		pattern: variablePattern, refused: secretPattern, explain: explainPlainVariable,
		want: `names of letters, digits and "_", not AWS_… or ECS_…, and none that looks like a secret's`,
	},
	"value": {refused: regexp.MustCompile(`\x00`), want: "text", detail: "holds a zero byte, want text"},
	"secretReference": {
		pattern: regexp.MustCompile(`^` + entry + `$|^` + arn + `$`), want: "an entry or an ARN",
		// Which entries there are is for Secrets to say.
		explain: func(string) string { return "" },
	},
	"entry":        {pattern: regexp.MustCompile(`^` + entry + `$`), want: `a-z, 0-9, "-" and "/", such as "database-url"`},
	"email":        {pattern: regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`), want: `an address such as "oncall@example.com"`},
	"scheduleName": {pattern: regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`), maxLength: 40, want: `a-z, 0-9 and single "-", such as "night"`},
	"schedule": {
		pattern: regexp.MustCompile(`^(cron|at)\(.+\)$`), want: `"cron(minute hour day month weekday year)" or "at(yyyy-mm-ddThh:mm:ss)"`,
		explain: autoscaling.ScheduleProblem,
	},
	"timeZone": {
		pattern: regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`), want: `a name such as "Europe/Berlin" or "UTC"`,
		explain: autoscaling.TimeZoneProblem,
	},
	"objective": {
		above: signals.MinimumObjective(), most: signals.MaximumObjective, explain: explainObjective,
		want: fmt.Sprintf("more than %.2f, at most %v", signals.MinimumObjective(), signals.MaximumObjective),
	},
	"githubOwner":       named(pipelineidentity.OwnerSyntax),
	"githubRepository":  named(pipelineidentity.RepositorySyntax),
	"githubId":          named(pipelineidentity.IDSyntax),
	"githubEnvironment": named(pipelineidentity.EnvironmentSyntax),
	"branch":            named(pipelineidentity.BranchSyntax),
	"githubProvider":    named(pipelineidentity.ProviderSyntax),
	"bucket": {
		// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
		pattern: regexp.MustCompile(`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`), refused: regexp.MustCompile(`\.\.|^[0-9.]+$|^xn--|-s3alias$`),
		want: `the name of an S3 bucket, such as "example-pulumi-state"`,
	},
	"kmsKey": {
		pattern: regexp.MustCompile(`^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/(mrk-)?[0-9a-f-]{32,36}$`),
		want:    `the ARN of a KMS key, "arn:aws:kms:<region>:<account>:key/<id>"`,
	},
	"slackWorkspace": {pattern: regexp.MustCompile(`^[0-9A-Z]{1,255}$`), want: `the id of a Slack workspace, such as "T07EA123LEP"`},
	"slackChannel":   {pattern: regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`), want: `the id of a Slack channel, such as "C07EZ1ABC23"`},
	"page": {
		pattern: regexp.MustCompile(`^https://[^\s/]+(/\S*)?[^\s/]$`), maxLength: 300,
		want: `an https URL without a slash at its end, such as "https://wiki.example.com/runbooks"`,
	},
	"https": {
		pattern: regexp.MustCompile(`^https://[^\s/]+\S*$`), secret: true, want: "an https URL",
		detail: `is not an https URL, want one such as "https://events.example.com/sns/key"`,
	},
}

// named is the format of one of GitHub's names.
func named(s pipelineidentity.Syntax) *format {
	return &format{pattern: s.Pattern, refused: s.Refused, maxLength: s.MaxLength, want: s.Want}
}

const octet = `(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])`

// numbers is a pattern of the numbers from lo to hi.
func numbers(lo, hi int) string {
	var out []string
	for n := lo; n <= hi; n++ {
		out = append(out, strconv.Itoa(n))
	}
	return "(" + strings.Join(out, "|") + ")"
}

const wantDigest = "a digest (sha256: and 64 hexadecimal digits), because a tag can be moved"

// explainDigest leaves a tag to Config.validateImage, which knows the repository.
func explainDigest(text string) string {
	if digestPattern.MatchString(text) || isTag(text) {
		return ""
	}
	return fmt.Sprintf("is %q, want %s", text, wantDigest)
}

func isTag(image string) bool {
	return tagPattern.MatchString(image) && !strings.HasPrefix(image, "sha256:")
}

func explainObjective(text string) string {
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return err.Error()
	}
	return signals.ObjectiveProblem(percent)
}

// explainRange says what is wrong with an IPv4 range.
func explainRange(text, example string) string {
	var l check.List
	l.IPv4Range("", text, example)
	return detail(l.Err())
}

func explainVPCRange(text string) string {
	if problem := explainRange(text, "10.0.0.0/16"); problem != "" {
		return problem
	}
	prefix, err := netip.ParsePrefix(text)
	switch {
	case err != nil:
		return err.Error()
	case prefix.Bits() < largestVPC || prefix.Bits() > smallestVPC:
		return fmt.Sprintf("is %q, want /%d (the most that a VPC holds) to /%d (the least that leaves every subnet a /27)",
			text, largestVPC, smallestVPC)
	case !prefix.Addr().IsPrivate():
		return fmt.Sprintf("is %q, want a private range: in 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16", text)
	}
	return ""
}

func explainVariable(name string) string {
	if err := service.CheckVariable(name); err != nil {
		return err.Error()
	}
	return ""
}

func explainPlainVariable(name string) string {
	if problem := explainVariable(name); problem != "" || !service.LooksSecret(name) {
		return problem
	}
	return fmt.Sprintf("looks like a secret, which everybody who may read the task definition would see: "+
		"want it under %s, its value in Secrets Manager", at("service").Field("secrets"))
}

// detail is what the first problem in err says, without its path.
func detail(err error) string {
	var problem *check.Error
	if errors.As(err, &problem) {
		return problem.Detail
	}
	return ""
}

// numberSet is the only numbers that a field accepts.
type numberSet struct {
	// name words whose numbers these are.
	name string
	// values lists them. Nil for a set that depends on another field: then that
	// field's own code checks.
	values func() []int
}

func (s *numberSet) check(l *check.List, p check.Path, n int, zero string) {
	if s.values == nil || slices.Contains(s.values(), n) {
		return
	}
	l.Addf(p, "is %d, want one of %s: %s", n, s.name, s.list(zero))
}

// list words the numbers. zero, when set, says what 0 means, and adds it.
func (s *numberSet) list(zero string) string {
	var out []string
	if zero != "" {
		out = append(out, "0 ("+zero+")")
	}
	for _, v := range s.values() {
		out = append(out, strconv.Itoa(v))
	}
	return strings.Join(out, ", ")
}

// numberSets are the sets that a field's tag can name. Each asks whoever knows
// the numbers, so that there is no second list of them.
var numberSets = map[string]*numberSet{
	"logRetention": {name: "CloudWatch's retentions", values: sync.OnceValue(func() []int {
		return accepted(1, 3660, func(days int) error {
			var l check.List
			l.LogRetention("", days)
			return l.Err()
		})
	})},
	"fargateCPU": {name: "Fargate's sizes", values: sync.OnceValue(func() []int {
		return accepted(256, 32768, func(cpu int) error {
			for _, e := range check.All(service.CheckSize(cpu, 0)) {
				if e.Path == "CPU" {
					return e
				}
			}
			return nil
		})
	})},
	"fargateMemory": {name: "those that go with the CPU size"},
}

// accepted lists the multiples of step, up to most, that ok has no error for.
func accepted(step, most int, ok func(int) error) []int {
	var out []int
	for n := step; n <= most; n += step {
		if ok(n) == nil {
			out = append(out, n)
		}
	}
	return out
}
