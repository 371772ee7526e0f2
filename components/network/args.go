package network

import (
	"regexp"
	"slices"

	"evenkeel/internal/check"
	"evenkeel/internal/naming"
)

// Mode says where the network comes from.
type Mode string

// The modes.
const (
	// Create creates a VPC.
	Create Mode = "create"
	// Adopt uses an existing VPC and the subnets that are named.
	Adopt Mode = "adopt"
	// Default uses the account's default VPC and its public subnets.
	Default Mode = "default"
)

// NAT says how tasks in private subnets reach the internet.
type NAT string

// The NAT choices.
const (
	// NATNone has no NAT gateway: tasks run in public subnets, with public
	// addresses.
	NATNone NAT = "none"
	// NATSingle has one NAT gateway. When its zone fails, no task reaches out.
	NATSingle NAT = "single"
	// NATPerZone has one NAT gateway a zone.
	NATPerZone NAT = "perZone"
)

// What a zero value in CreateArgs means.
const (
	DefaultCIDR  = "10.0.0.0/16"
	DefaultZones = 2
	DefaultNAT   = NATSingle
)

const (
	// A load balancer needs two zones, and the range is split for three.
	minZones, maxZones = 2, 3
	// zoneBits splits the range into four: one part a zone, and one to spare.
	zoneBits = 2
	// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html
	largestPrefix = 16
	// Half of a quarter of a /24 is a /27, the least that a load balancer
	// accepts for a subnet.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer
	smallestPrefix = 24
	minSubnets     = 2
)

// Args configures the component. All of it decides what exists, so all of it is
// plain and checked before anything is registered.
type Args struct {
	// Name is the base of the physical names, for example "orders-dev": 2 to 24
	// of a-z, 0-9 and single dashes, starting with a letter. Required. Changing
	// it replaces the flow logs' group.
	Name string
	// Region is where the network is, for example "eu-west-1". Required.
	Region string
	// Mode says where the network comes from. Required. Changing it replaces
	// everything that runs in the network.
	Mode Mode
	// Create describes the VPC to create. Nil with Mode Create means all
	// defaults; refused with any other mode.
	Create *CreateArgs
	// Adopt names the VPC to adopt. Required with Mode Adopt, refused with any
	// other.
	Adopt *AdoptArgs
}

// CreateArgs describes a VPC to create.
type CreateArgs struct {
	// CIDR is the VPC's address range, /16 to /24. Empty means DefaultCIDR.
	// Changing it replaces the VPC.
	CIDR string
	// Zones is how many availability zones it spans, 2 or 3. Zero means
	// DefaultZones.
	Zones int
	// NAT says how tasks reach the internet. Empty means DefaultNAT.
	NAT NAT
	// FlowLogs records every connection, accepted or not. Nil records none.
	FlowLogs *FlowLogsArgs
}

// FlowLogsArgs configures flow logs.
type FlowLogsArgs struct {
	// RetentionDays is how long a record is kept: one of CloudWatch's own
	// retentions. Required.
	RetentionDays int
}

// AdoptArgs names an existing VPC.
type AdoptArgs struct {
	// VPCID is the VPC's id. Required. Changing it replaces everything that
	// runs in the network.
	VPCID string
	// PublicSubnetIDs are subnets with a route to an internet gateway, in two
	// zones or more. Required.
	PublicSubnetIDs []string
	// PrivateSubnetIDs are subnets for tasks, in two zones or more, which reach
	// the image registry without a public address. Required.
	PrivateSubnetIDs []string
}

var (
	vpcPattern    = regexp.MustCompile(`^vpc-[0-9a-f]{8,17}$`)
	subnetPattern = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
)

// Validate reports every problem with the arguments at once, or nil.
func (a *Args) Validate() error {
	var l check.List
	naming.CheckBase(&l, "Name", a.Name)
	l.Region("Region", a.Region)
	check.OneOf(&l, "Mode", a.Mode, Create, Adopt, Default)
	if a.Create != nil {
		if a.Mode != Create {
			l.Addf("Create", "is set with Mode %q, want Mode %q or no Create", a.Mode, Create)
		}
		d := a.Create.withDefaults()
		d.validate(&l, "Create")
	}
	switch {
	case a.Adopt == nil && a.Mode == Adopt:
		l.Addf("Adopt", "is required with Mode %q", Adopt)
	case a.Adopt != nil:
		if a.Mode != Adopt {
			l.Addf("Adopt", "is set with Mode %q, want Mode %q or no Adopt", a.Mode, Adopt)
		}
		a.Adopt.validate(&l, "Adopt")
	}
	return l.Err()
}

func (c *CreateArgs) validate(l *check.List, p check.Path) {
	prefix, ok := l.IPv4Range(p.Field("CIDR"), c.CIDR, DefaultCIDR)
	if ok && (prefix.Bits() < largestPrefix || prefix.Bits() > smallestPrefix) {
		l.Addf(p.Field("CIDR"), "is %q, want /%d (the most that a VPC holds) to /%d (the least that leaves every subnet a /27)",
			c.CIDR, largestPrefix, smallestPrefix)
	}
	l.InRange(p.Field("Zones"), c.Zones, minZones, maxZones)
	check.OneOf(l, p.Field("NAT"), c.NAT, NATNone, NATSingle, NATPerZone)
	if c.FlowLogs != nil {
		l.LogRetention(p.Field("FlowLogs.RetentionDays"), c.FlowLogs.RetentionDays)
	}
}

func (a *AdoptArgs) validate(l *check.List, p check.Path) {
	if !vpcPattern.MatchString(a.VPCID) {
		l.Addf(p.Field("VPCID"), `is %q, want the id of the VPC to adopt, such as "vpc-0123456789abcdef0"`, a.VPCID)
	}
	validateSubnets(l, p.Field("PublicSubnetIDs"), a.PublicSubnetIDs)
	validateSubnets(l, p.Field("PrivateSubnetIDs"), a.PrivateSubnetIDs)
}

func validateSubnets(l *check.List, p check.Path, ids []string) {
	if len(ids) < minSubnets {
		l.Addf(p, "has %d, want %d or more, in different zones", len(ids), minSubnets)
	}
	for i, id := range ids {
		switch {
		case !subnetPattern.MatchString(id):
			l.Addf(p.Index(i), `is %q, want a subnet's id, such as "subnet-0123456789abcdef0"`, id)
		case slices.Index(ids, id) < i:
			l.Addf(p.Index(i), "is %q a second time, want each subnet once", id)
		}
	}
}

func (c *CreateArgs) withDefaults() CreateArgs {
	if c == nil {
		c = &CreateArgs{}
	}
	d := *c
	if d.CIDR == "" {
		d.CIDR = DefaultCIDR
	}
	if d.Zones == 0 {
		d.Zones = DefaultZones
	}
	if d.NAT == "" {
		d.NAT = DefaultNAT
	}
	return d
}
