package stacks

// Environment says what a stack is for. It chooses defaults and which
// combinations are refused.
type Environment string

// The environments.
const (
	// Development is for stacks that are cheap and easy to delete.
	Development Environment = "development"
	// Production is for stacks that are protected from deletion, keep access
	// logs and refuse plain HTTP unless told otherwise.
	Production Environment = "production"
)

func (Environment) choices() []string { return texts(Development, Production) }

// NetworkMode says where the network comes from.
type NetworkMode string

// The network modes.
const (
	// NetworkCreate is a VPC of the stack's own.
	NetworkCreate NetworkMode = "create"
	// NetworkAdopt is an existing VPC and those of its subnets that are named.
	NetworkAdopt NetworkMode = "adopt"
	// NetworkDefault is the account's default VPC with its public subnets.
	NetworkDefault NetworkMode = "default"
)

func (NetworkMode) choices() []string { return texts(NetworkCreate, NetworkAdopt, NetworkDefault) }

// NAT says how tasks in private subnets reach the internet.
type NAT string

// The NAT choices.
const (
	// NATNone is no NAT gateway: tasks run in public subnets, with public
	// addresses, closed to everything but the load balancer.
	NATNone NAT = "none"
	// NATSingle is one NAT gateway: when its zone fails, no task reaches out.
	NATSingle NAT = "single"
	// NATPerZone is one NAT gateway a zone.
	NATPerZone NAT = "perZone"
)

func (NAT) choices() []string { return texts(NATNone, NATSingle, NATPerZone) }

// Strategy says how a new version replaces the old one.
type Strategy string

// The strategies.
const (
	// Rolling is to replace tasks a few at a time, and to go back when new ones
	// fail.
	Rolling Strategy = "rolling"
	// BlueGreen is to start all new tasks beside the old ones, test them, and
	// move all traffic at once.
	BlueGreen Strategy = "blueGreen"
	// Canary is the same, but a small share of the traffic goes first.
	Canary Strategy = "canary"
	// Linear is the same, but the traffic moves in equal steps.
	Linear Strategy = "linear"
)

func (Strategy) choices() []string { return texts(Rolling, BlueGreen, Canary, Linear) }

// CodeDeploy tells whether CodeDeploy replaces tasks, and not ECS by itself.
func (s Strategy) CodeDeploy() bool { return s != Rolling }

// Architecture is a task's processor architecture.
type Architecture string

// The architectures that Fargate runs.
const (
	// ARM64 is AWS Graviton, about 20 % cheaper.
	ARM64 Architecture = "arm64"
	// X8664 is Intel or AMD.
	X8664 Architecture = "x86_64"
)

func (Architecture) choices() []string { return texts(ARM64, X8664) }

// Capacity is what tasks run on.
type Capacity string

// The capacity types.
const (
	// OnDemand is capacity that is never taken back.
	OnDemand Capacity = "onDemand"
	// Spot is capacity that is up to 70 % cheaper and can be taken back with
	// two minutes' notice.
	Spot Capacity = "spot"
)

func (Capacity) choices() []string { return texts(OnDemand, Spot) }

// choice is a text that is one of a few.
type choice interface{ choices() []string }

func texts[T ~string](values ...T) []string {
	out := make([]string, len(values))
	for i, v := range values {
		out[i] = string(v)
	}
	return out
}
