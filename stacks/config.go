package stacks

// Namespace is the project's name, which is the namespace of its
// configuration keys in Pulumi.<stack>.yaml.
const Namespace = "evenkeel"

// Environment says what a stack is for. It chooses defaults and which
// combinations are refused.
type Environment string

// The environments.
const (
	// Development stacks are cheap and easy to delete.
	Development Environment = "development"
	// Production stacks are protected from deletion, keep access logs and
	// refuse plain HTTP unless told otherwise.
	Production Environment = "production"
)

// NetworkMode says where the network comes from.
type NetworkMode string

// The network modes.
const (
	// NetworkCreate creates a VPC for this stack.
	NetworkCreate NetworkMode = "create"
	// NetworkAdopt uses an existing VPC and the subnets that are named.
	NetworkAdopt NetworkMode = "adopt"
	// NetworkDefault uses the account's default VPC and its public subnets.
	NetworkDefault NetworkMode = "default"
)

// NAT says how tasks in private subnets reach the internet.
type NAT string

// The NAT choices.
const (
	// NATNone has no NAT gateway: tasks run in public subnets, with public
	// addresses, closed to everything but the load balancer.
	NATNone NAT = "none"
	// NATSingle has one NAT gateway: when its zone fails, no task reaches out.
	NATSingle NAT = "single"
	// NATPerZone has one NAT gateway a zone.
	NATPerZone NAT = "perZone"
)

// Strategy says how a new version replaces the old one.
type Strategy string

// Rolling replaces tasks a few at a time and rolls back when new ones fail.
const Rolling Strategy = "rolling"

// Architecture is a task's processor architecture.
type Architecture string

// The architectures that Fargate runs.
const (
	ARM64 Architecture = "arm64"
	X8664 Architecture = "x86_64"
)

// Capacity is what tasks run on.
type Capacity string

// The capacity types.
const (
	// OnDemand capacity is never taken back.
	OnDemand Capacity = "onDemand"
	// Spot capacity is up to 70 % cheaper and can be taken back with two
	// minutes' notice.
	Spot Capacity = "spot"
)

// Config is the configuration of a stack: each field is one key
// "evenkeel:<name>" of Pulumi.<stack>.yaml.
type Config struct {
	// Environment is "development" or "production". Required.
	Environment Environment `json:"environment"`
	// Image is the digest of the image to run, "sha256:…" in the stack's own
	// repository, or a full "host/repository@sha256:…". Unset runs no task.
	Image string `json:"image"`
	// AWS says where the stack lives.
	AWS AWS `json:"aws"`
	// Owner says whose stack it is; its fields become default tags.
	Owner Owner `json:"owner"`
	// Network is the VPC.
	Network Network `json:"network"`
	// Registry is the image repository.
	Registry Registry `json:"registry"`
	// Ingress is the load balancer.
	Ingress Ingress `json:"ingress"`
	// Service is the API itself.
	Service Service `json:"service"`
	// Secrets are the secrets that the stack creates, without their values.
	Secrets Secrets `json:"secrets"`
	// Deployment says how new versions replace old ones.
	Deployment Deployment `json:"deployment"`
	// Notifications says who hears of trouble.
	Notifications Notifications `json:"notifications"`
}

// AWS says where a stack lives.
type AWS struct {
	// Region is the AWS region, for example "eu-west-1". Required. The
	// partitions of China and GovCloud are not supported.
	Region string `json:"region"`
	// AccountIDs are the accounts that the stack may be deployed to, as
	// quoted strings of twelve digits. Required in production.
	AccountIDs []string `json:"accountIds"`
}

// Owner says whose stack it is. All fields are required and become tags.
type Owner struct {
	// Team is who is paged and asked.
	Team string `json:"team"`
	// CostCenter is who pays.
	CostCenter string `json:"costCenter"`
	// Repository is where the code is, for example "github.com/acme/orders".
	Repository string `json:"repository"`
}

// Network is the VPC.
type Network struct {
	// Mode is "create", "adopt" or "default". Default "create".
	Mode NetworkMode `json:"mode"`
	// CIDR is the address range of a created VPC, /16 to /24. Default
	// 10.0.0.0/16.
	CIDR string `json:"cidr"`
	// Zones is how many availability zones a created VPC spans, 2 or 3.
	// Default 2.
	Zones int `json:"zones"`
	// NAT is "none", "single" or "perZone". Default "none" in development,
	// "perZone" in production.
	NAT NAT `json:"nat"`
	// FlowLogDays keeps the flow logs of a created VPC this many days. 0 keeps
	// none. Default 0 in development, 14 in production.
	FlowLogDays int `json:"flowLogDays"`
	// VPCID, PublicSubnetIDs and PrivateSubnetIDs name an adopted VPC.
	// Required with mode "adopt", refused otherwise.
	VPCID            string   `json:"vpcId"`
	PublicSubnetIDs  []string `json:"publicSubnetIds"`
	PrivateSubnetIDs []string `json:"privateSubnetIds"`
}

// Registry is the image repository.
type Registry struct {
	// KeepReleases is how many release images survive, 1 to 1000. Default 30.
	KeepReleases int `json:"keepReleases"`
	// ReleaseTagPrefix starts the tags of release images. Default "release-".
	ReleaseTagPrefix string `json:"releaseTagPrefix"`
}

// Ingress is the load balancer.
type Ingress struct {
	// CertificateARN is the ACM certificate for HTTPS, in the stack's region.
	// Unset serves plain HTTP, which production refuses without AllowPlainHTTP.
	CertificateARN string `json:"certificateArn"`
	// AllowPlainHTTP says that a production stack without a certificate is
	// meant. Refused together with a certificate. Default false.
	AllowPlainHTTP bool `json:"allowPlainHttp"`
	// AllowedCIDRs are the IPv4 ranges that may reach the load balancer, at
	// most 30. Default 0.0.0.0/0.
	AllowedCIDRs []string `json:"allowedCidrs"`
	// HealthCheck is the load balancer's check of each task.
	HealthCheck HealthCheck `json:"healthCheck"`
	// DeregistrationDelaySeconds is how long a leaving task may finish its
	// requests, 1 to 3600. Default 30.
	DeregistrationDelaySeconds int `json:"deregistrationDelaySeconds"`
	// IdleTimeoutSeconds closes connections without traffic, 1 to 4000.
	// Default 60. The API's keep-alive must be longer.
	IdleTimeoutSeconds int `json:"idleTimeoutSeconds"`
	// DeletionProtection refuses to delete the load balancer. Default true in
	// production.
	DeletionProtection bool `json:"deletionProtection"`
	// AccessLogDays keeps access logs this many days. 0 keeps none. Default 0
	// in development, 90 in production.
	AccessLogDays int `json:"accessLogDays"`
}

// HealthCheck is the load balancer's check of a task.
type HealthCheck struct {
	// Path answers 200 when the task can serve. Default "/healthz".
	Path string `json:"path"`
	// IntervalSeconds is the time between checks, 5 to 300. Default 10.
	IntervalSeconds int `json:"intervalSeconds"`
	// TimeoutSeconds is how long an answer may take, 2 to 120, less than the
	// interval. Default 5.
	TimeoutSeconds int `json:"timeoutSeconds"`
	// HealthyThreshold and UnhealthyThreshold are how many checks in a row
	// change the verdict, 2 to 10. Defaults 2 and 3.
	HealthyThreshold   int `json:"healthyThreshold"`
	UnhealthyThreshold int `json:"unhealthyThreshold"`
}

// Service is the API itself.
type Service struct {
	// Name is the service's name, 2 to 22 of a-z, 0-9 and single "-". Required.
	// The names of most resources start with "<name>-<stack>", which may have 24
	// characters.
	Name string `json:"name"`
	// Port is where the container listens, 1 to 65535. Default 8080.
	Port int `json:"port"`
	// CPU is the task's CPU units (1024 = one vCPU), MemoryMiB its memory:
	// one of Fargate's pairs. Default 256 and 512 in development, 512 and 1024
	// in production.
	CPU       int `json:"cpu"`
	MemoryMiB int `json:"memoryMiB"`
	// Architecture is "arm64" (20 % cheaper) or "x86_64". Default "arm64".
	Architecture Architecture `json:"architecture"`
	// Capacity is "onDemand" or "spot". Default "onDemand".
	Capacity Capacity `json:"capacity"`
	// DesiredCount is how many tasks run, 1 to 1000. Default 1 in development,
	// 2 in production. None runs while no image is set.
	DesiredCount int `json:"desiredCount"`
	// Command replaces the image's command. Default unset.
	Command []string `json:"command"`
	// User is the numeric "uid" or "uid:gid" that the container runs as, never
	// root. Default "65532:65532".
	User string `json:"user"`
	// Environment holds plain variables. A name that looks like a secret is
	// refused.
	Environment map[string]string `json:"environment"`
	// Secrets maps a variable to an entry of evenkeel:secrets, or to the ARN
	// of a secret that exists.
	Secrets map[string]string `json:"secrets"`
	// HealthCommand is run in the container to tell whether it is healthy, for
	// example ["/api", "health"]. Default unset: only the load balancer checks.
	HealthCommand []string `json:"healthCommand"`
	// HealthGraceSeconds is how long a starting task may fail its checks, 0 to
	// 3600. Default 60.
	HealthGraceSeconds int `json:"healthGraceSeconds"`
	// StopTimeoutSeconds is the time between SIGTERM and SIGKILL, 2 to 120
	// (Fargate's limit), at least the deregistration delay. Default 45.
	StopTimeoutSeconds int `json:"stopTimeoutSeconds"`
	// LogDays keeps the API's logs this many days. Default 7 in development,
	// 30 in production.
	LogDays int `json:"logDays"`
	// EgressPorts are TCP ports, besides HTTPS, that tasks may connect to
	// anywhere, for example 5432 for a database. Default none.
	EgressPorts []int `json:"egressPorts"`
	// Exec allows `aws ecs execute-command` into tasks. Default false.
	Exec bool `json:"exec"`
	// ContainerInsights sends task-level metrics to CloudWatch, at a price.
	// Default true in production.
	ContainerInsights bool `json:"containerInsights"`
}

// Secrets are the secrets that the stack creates. Their values are set by
// hand or by another program, never by Pulumi.
type Secrets struct {
	// Create names the entries, each "<service>-<stack>/<entry>" in Secrets
	// Manager. Default none.
	Create []string `json:"create"`
	// RecoveryDays is how long a deleted secret can be restored, 7 to 30, or 0
	// to delete at once. Default 0 in development, 30 in production.
	RecoveryDays int `json:"recoveryDays"`
}

// Deployment says how new versions replace old ones.
type Deployment struct {
	// Strategy is "rolling". Default "rolling".
	Strategy Strategy `json:"strategy"`
	// MinimumHealthyPercent of the desired tasks keep running during a
	// deployment, 0 to 100. Default 100.
	MinimumHealthyPercent int `json:"minimumHealthyPercent"`
	// MaximumPercent of the desired tasks may run during a deployment, 100 to
	// 200. Default 200.
	MaximumPercent int `json:"maximumPercent"`
}

// Notifications says who hears of trouble.
type Notifications struct {
	// Page reaches whoever is on call, at any hour.
	Page Targets `json:"page"`
	// Ticket reaches the team, in working hours.
	Ticket Targets `json:"ticket"`
}

// Targets are subscribers of a topic.
type Targets struct {
	// Emails are addresses; each has to confirm AWS's first mail.
	Emails []string `json:"emails"`
	// HTTPS are endpoints, such as a PagerDuty integration's.
	HTTPS []string `json:"https"`
}

// Defaults is the configuration of a stack that sets nothing but its
// environment.
func Defaults(env Environment) Config {
	production := env == Production
	pick := func(dev, prod int) int {
		if production {
			return prod
		}
		return dev
	}
	nat := NATNone
	if production {
		nat = NATPerZone
	}
	return Config{
		Environment: env,
		Network: Network{
			Mode: NetworkCreate, CIDR: "10.0.0.0/16", Zones: 2, NAT: nat, FlowLogDays: pick(0, 14),
		},
		Registry: Registry{KeepReleases: 30, ReleaseTagPrefix: "release-"},
		Ingress: Ingress{
			AllowedCIDRs: []string{"0.0.0.0/0"},
			HealthCheck: HealthCheck{
				Path: "/healthz", IntervalSeconds: 10, TimeoutSeconds: 5, HealthyThreshold: 2, UnhealthyThreshold: 3,
			},
			DeregistrationDelaySeconds: 30, IdleTimeoutSeconds: 60,
			DeletionProtection: production, AccessLogDays: pick(0, 90),
		},
		Service: Service{
			Port: 8080, CPU: pick(256, 512), MemoryMiB: pick(512, 1024), Architecture: ARM64, Capacity: OnDemand,
			DesiredCount: pick(1, 2), User: "65532:65532", HealthGraceSeconds: 60, StopTimeoutSeconds: 45,
			LogDays: pick(7, 30), ContainerInsights: production,
		},
		Secrets:    Secrets{RecoveryDays: pick(0, 30)},
		Deployment: Deployment{Strategy: Rolling, MinimumHealthyPercent: 100, MaximumPercent: 200},
	}
}
