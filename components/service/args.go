package service

import (
	"regexp"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// Defaults of Args, and values to use where nothing speaks for others.
const (
	DefaultUser                    = "65532:65532"
	DefaultStopTimeoutSeconds      = 45
	DefaultLogRetentionDays        = 30
	DefaultMaximumPercent          = 200
	DefaultMinimumHealthyPercent   = 100
	DefaultHealthCheckGraceSeconds = 60
)

// maxStopTimeout is Fargate's limit.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const maxStopTimeout = 120

// Limits of this product: ECS accepts more, but no service means more.
const (
	minStopTimeout      = 2
	maxHealthCheckGrace = 3600
	highestPercent      = 200
)

// Architectures are Fargate's CPU architectures.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RuntimePlatform.html
const (
	ARM64 = "ARM64"
	X8664 = "X86_64"
)

// Args configures the component.
//
// A pulumi Input flows into a resource property and may be unknown during a
// preview. A plain Go value decides which resources exist or what they are
// called, or is checked by Validate.
type Args struct {
	// Name is the name of the cluster, the task definition and, with a prefix,
	// the log groups, for example "orders-dev": 2 to 24 of a-z, 0-9 and single
	// dashes, starting with a letter. Required. Changing it replaces them all.
	Name string
	// ServiceName is the name of the service in its cluster and of the
	// container, for example "orders". Same form as Name. Default Name.
	// Changing it replaces the service, with an interruption.
	ServiceName string
	// Region is where everything is, for example "eu-west-1". Required.
	Region string
	// AccountID is the account that may use the roles. Required.
	AccountID pulumi.StringInput

	// CPU, in CPU units (1024 is one vCPU), and MemoryMiB are the size of a
	// task. Required; see CheckSize for the pairs that exist.
	CPU, MemoryMiB int
	// Architecture is ARM64 or X8664, as the image was built. Required.
	Architecture string
	// Image is the image's full reference, with its digest:
	// "<repository>@sha256:<64 hexadecimal digits>". Required.
	Image pulumi.StringInput
	// Port is where the container serves HTTP, 1 to 65535. Required. Without
	// capabilities a process may be unable to listen below 1024.
	Port int
	// Command replaces the image's command. Nil keeps it.
	Command []string
	// User is the numeric user, and optionally group, that the container runs
	// as; not root. Default DefaultUser.
	User string
	// Environment holds the plain variables. A name that LooksSecret, or that
	// CheckVariable refuses, is an error.
	Environment map[string]string
	// Secrets maps a variable to the ARN of a secret in Secrets Manager, which
	// may end in ":<JSON key>:<version stage>:<version id>". ECS reads values
	// when a task starts; a changed value reaches new tasks only.
	Secrets map[string]pulumi.StringInput
	// SecretsKeyARN is the KMS key of the account that encrypts the secrets.
	// Nil when they use AWS's own key, or when there are none.
	SecretsKeyARN pulumi.StringInput

	// DesiredCount is how many tasks run. Zero is for a service without an
	// image yet: everything exists, nothing runs.
	DesiredCount int
	// Scaled leaves the number of tasks to autoscaling from the service's
	// creation on: DesiredCount is then only where it starts.
	Scaled bool
	// CodeDeploy leaves to CodeDeploy what replaces tasks. From the service's
	// first image on Pulumi then ignores what only a deployment changes, and
	// RollbackAlarms, MinimumHealthyPercent and MaximumPercent are refused: the
	// deployment group has the alarms, and the new version always runs beside
	// the old one. Changing it replaces the service, with an interruption.
	CodeDeploy bool
	// Serving says that an image was deployed already. Without it, and with
	// CodeDeploy, whatever ECS does not let anybody but a deployment change
	// replaces the service: no task runs that this could interrupt.
	Serving bool
	// RollbackAlarms are names of alarms that end a deployment, and take the
	// service back to the version before, while they are in the state ALARM. ECS
	// ignores all of them in a deployment that starts while one is.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
	RollbackAlarms []string
	// Spot runs tasks on Fargate Spot: cheaper, but AWS takes them away at two
	// minutes' notice, all at once if need be.
	Spot bool
	// MinimumHealthyPercent of the desired tasks keep running during a
	// deployment, 0 to 100. At zero AWS may stop every task before it starts
	// new ones; DefaultMinimumHealthyPercent never goes below the desired count.
	MinimumHealthyPercent int
	// MaximumPercent of the desired tasks may run during a deployment, 100 to
	// 200. Default DefaultMaximumPercent. With 100, ECS does not rebalance
	// tasks across Availability Zones either.
	MaximumPercent int
	// StopTimeoutSeconds is the time between SIGTERM and SIGKILL, 2 to 120.
	// Default DefaultStopTimeoutSeconds. It should exceed the target group's
	// deregistration delay plus what the application needs to drain.
	StopTimeoutSeconds int
	// HealthCheckCommand is run in the container every ten seconds; three
	// failures in a row replace the task. Arguments as for exec, for example
	// {"/api", "health"}; a first element "CMD-SHELL" has a shell run the
	// second one. Nil leaves checking to the load balancer.
	HealthCheckCommand []string
	// HealthCheckGraceSeconds is how long a starting task may fail its checks,
	// 0 to 3600. Zero gives no time; see DefaultHealthCheckGraceSeconds.
	HealthCheckGraceSeconds int

	// LogRetentionDays keeps logs this many days: one of CloudWatch's own
	// retentions. Default DefaultLogRetentionDays.
	LogRetentionDays int
	// ContainerInsights sends metrics of the cluster and its tasks to
	// CloudWatch, which bills them as custom metrics.
	ContainerInsights bool
	// Exec lets those whom IAM allows open a shell in a task; see the package
	// comment.
	Exec bool

	// VPCID and SubnetIDs are where tasks run. Required.
	VPCID     pulumi.StringInput
	SubnetIDs pulumi.StringArrayInput
	// AssignPublicIP gives each task a public address. Subnets without a NAT
	// gateway need it, because a task could not pull its image otherwise. It
	// opens nothing: only the load balancer reaches tasks.
	AssignPublicIP bool
	// EgressPorts are further TCP ports, 1 to 65535, that tasks may connect to
	// anywhere, for example a database outside private networks.
	EgressPorts []int
	// IngressSecurityGroupID is the load balancer's security group. Required.
	IngressSecurityGroupID pulumi.StringInput
	// TargetGroupARN is where tasks register, by IP address. Required.
	TargetGroupARN pulumi.StringInput
	// RepositoryARN is the only ECR repository that images are pulled from.
	// Required.
	RepositoryARN pulumi.StringInput
	// After lists what must exist before the service, such as the listener:
	// ECS refuses a target group that no listener uses.
	After []pulumi.Resource
}

var userPattern = regexp.MustCompile(`^([0-9]+)(:[0-9]+)?$`)

// Validate reports every problem with the plain arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	d := a.withDefaults()
	naming.CheckBase(&l, "Name", a.Name)
	if a.ServiceName != "" {
		naming.CheckBase(&l, "ServiceName", a.ServiceName)
	}
	l.Region("Region", a.Region)
	a.checkInputs(&l)
	d.checkContainer(&l)
	d.checkVariables(&l)
	d.checkDeployment(&l)
	l.LogRetention("LogRetentionDays", d.LogRetentionDays)
	for i, p := range a.EgressPorts {
		at := check.Path("EgressPorts").Index(i)
		l.InRange(at, p, 1, 65535)
		if p == httpsPort {
			l.Addf(at, "is %d, which is always allowed, want other ports", p)
		} else if slices.Index(a.EgressPorts, p) < i {
			l.Addf(at, "is %d a second time, want each port once", p)
		}
	}
	return l.Err()
}

func (a *Args) checkInputs(l *check.List) {
	for field, missing := range map[check.Path]bool{
		"AccountID":              a.AccountID == nil,
		"Image":                  a.Image == nil,
		"VPCID":                  a.VPCID == nil,
		"SubnetIDs":              a.SubnetIDs == nil,
		"IngressSecurityGroupID": a.IngressSecurityGroupID == nil,
		"TargetGroupARN":         a.TargetGroupARN == nil,
		"RepositoryARN":          a.RepositoryARN == nil,
	} {
		if missing {
			l.Addf(field, "is required")
		}
	}
	for i, r := range a.After {
		if r == nil {
			l.Addf(check.Path("After").Index(i), "is nil, want a resource")
		}
	}
}

func (a *Args) checkContainer(l *check.List) {
	l.Merge("", CheckSize(a.CPU, a.MemoryMiB))
	check.OneOf(l, "Architecture", a.Architecture, ARM64, X8664)
	l.InRange("Port", a.Port, 1, 65535)
	if m := userPattern.FindStringSubmatch(a.User); m == nil || strings.Trim(m[1], "0") == "" {
		l.Addf("User", "is %q, want a numeric user that is not root, such as %q", a.User, DefaultUser)
	}
	l.InRange("StopTimeoutSeconds", a.StopTimeoutSeconds, minStopTimeout, maxStopTimeout)
	if slices.Equal(a.HealthCheckCommand, []string{"CMD"}) || slices.Equal(a.HealthCheckCommand, []string{"CMD-SHELL"}) {
		l.Addf("HealthCheckCommand", "is only %q, want a command after it", a.HealthCheckCommand[0])
	}
}

func (a *Args) checkVariables(l *check.List) {
	for name := range a.Environment {
		at := check.Path("Environment").Key(name)
		if err := CheckVariable(name); err != nil {
			l.Addf(at, "%v", err)
		}
		if LooksSecret(name) {
			l.Addf(at, "looks like a secret, which everybody who may read the task definition would see, want it in Secrets")
		}
		if _, twice := a.Secrets[name]; twice {
			l.Addf(at, "is also in Secrets, want it in one of them")
		}
	}
	for name, ref := range a.Secrets {
		at := check.Path("Secrets").Key(name)
		if err := CheckVariable(name); err != nil {
			l.Addf(at, "%v", err)
		}
		if ref == nil {
			l.Addf(at, "is nil, want the ARN of a secret")
		}
	}
}

func (a *Args) checkDeployment(l *check.List) {
	if a.DesiredCount < 0 {
		l.Addf("DesiredCount", "is %d, want 0 or more", a.DesiredCount)
	}
	l.InRange("HealthCheckGraceSeconds", a.HealthCheckGraceSeconds, 0, maxHealthCheckGrace)
	if a.CodeDeploy {
		a.checkCodeDeploy(l)
		return
	}
	l.InRange("MinimumHealthyPercent", a.MinimumHealthyPercent, 0, 100)
	l.InRange("MaximumPercent", a.MaximumPercent, 100, highestPercent)
	// ECS rounds the lower limit up and the upper limit down.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
	lowest, highest := (a.DesiredCount*a.MinimumHealthyPercent+99)/100, a.DesiredCount*a.MaximumPercent/100
	if a.DesiredCount > 0 && lowest >= a.DesiredCount && highest <= a.DesiredCount {
		l.Addf("MaximumPercent", "is %d: with MinimumHealthyPercent %d and DesiredCount %d no task could ever be replaced, want more room, such as %d",
			a.MaximumPercent, a.MinimumHealthyPercent, a.DesiredCount, DefaultMaximumPercent)
	}
}

// checkCodeDeploy refuses what would have no effect.
func (a *Args) checkCodeDeploy(l *check.List) {
	if len(a.RollbackAlarms) > 0 {
		l.Addf("RollbackAlarms", "has %d with CodeDeploy, want them in its deployment group: ECS looks at none", len(a.RollbackAlarms))
	}
	if a.MinimumHealthyPercent != DefaultMinimumHealthyPercent {
		l.Addf("MinimumHealthyPercent", "is %d with CodeDeploy, want %d: the old version runs on as it is", a.MinimumHealthyPercent, DefaultMinimumHealthyPercent)
	}
	if a.MaximumPercent != DefaultMaximumPercent {
		l.Addf("MaximumPercent", "is %d with CodeDeploy, want %d: the new version runs beside the old one", a.MaximumPercent, DefaultMaximumPercent)
	}
}

func (a *Args) withDefaults() Args {
	d := *a
	if d.ServiceName == "" {
		d.ServiceName = d.Name
	}
	if d.User == "" {
		d.User = DefaultUser
	}
	if d.StopTimeoutSeconds == 0 {
		d.StopTimeoutSeconds = DefaultStopTimeoutSeconds
	}
	if d.LogRetentionDays == 0 {
		d.LogRetentionDays = DefaultLogRetentionDays
	}
	if d.MaximumPercent == 0 {
		d.MaximumPercent = DefaultMaximumPercent
	}
	return d
}
