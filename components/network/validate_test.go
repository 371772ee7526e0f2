package network_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/network"
	"evenkeel/internal/pulumitest"
)

type refusal struct {
	change func(*network.Args)
	want   string
}

func TestValidate(t *testing.T) {
	const name = `want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`
	refused(t, full, map[string]refusal{
		"no name":        {func(a *network.Args) { a.Name = "" }, `Name: is required`},
		"trailing dash":  {func(a *network.Args) { a.Name = "orders-" }, `Name: is "orders-", ` + name},
		"no region":      {func(a *network.Args) { a.Region = "" }, `Region: is required`},
		"not a region":   {func(a *network.Args) { a.Region = "Ireland" }, `Region: is "Ireland", want a region such as "eu-west-1"`},
		"not a range":    {func(a *network.Args) { a.Create.CIDR = "10.0.0.0" }, `Create.CIDR: is "10.0.0.0", want an IPv4 range such as "10.0.0.0/16"`},
		"IPv6 range":     {func(a *network.Args) { a.Create.CIDR = "fd00::/16" }, `Create.CIDR: is "fd00::/16", want an IPv4 range such as "10.0.0.0/16"`},
		"range too big":  {func(a *network.Args) { a.Create.CIDR = "10.0.0.0/15" }, `Create.CIDR: is "10.0.0.0/15", want /16 (the most that a VPC holds) to /24 (the least that leaves every subnet a /27)`},
		"range too tiny": {func(a *network.Args) { a.Create.CIDR = "10.0.0.0/25" }, `Create.CIDR: is "10.0.0.0/25", want /16 (the most that a VPC holds) to /24 (the least that leaves every subnet a /27)`},
		"not the first":  {func(a *network.Args) { a.Create.CIDR = "10.0.1.0/16" }, `Create.CIDR: is "10.0.1.0/16", want the range's first address: "10.0.0.0/16"`},
		"one zone":       {func(a *network.Args) { a.Create.Zones = 1 }, `Create.Zones: is 1, want 2 to 3`},
		"four zones":     {func(a *network.Args) { a.Create.Zones = 4 }, `Create.Zones: is 4, want 2 to 3`},
		"unknown NAT":    {func(a *network.Args) { a.Create.NAT = "many" }, `Create.NAT: is "many", want "none", "single" or "perZone"`},
		"log days": {
			func(a *network.Args) { a.Create.FlowLogs.RetentionDays = 15 },
			`Create.FlowLogs.RetentionDays: is 15, want one of CloudWatch's retentions: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653`,
		},
		"no mode": {
			func(a *network.Args) { a.Mode, a.Create = "", nil },
			`Mode: is "", want "create", "adopt" or "default"`,
		},
		"two modes": {
			func(a *network.Args) { a.Adopt = adopting().Adopt },
			`Adopt: is set with Mode "create", want Mode "adopt" or no Adopt`,
		},
		"other mode's arguments": {
			func(a *network.Args) { a.Mode = network.Default },
			`Create: is set with Mode "default", want Mode "create" or no Create`,
		},
		"all at once, sorted": {
			func(a *network.Args) { a.Region, a.Name, a.Create.Zones = "", "", 9 },
			"Create.Zones: is 9, want 2 to 3\nName: is required\nRegion: is required",
		},
	})
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate())
}

func TestValidateAdopt(t *testing.T) {
	refused(t, adopting, map[string]refusal{
		"nothing to adopt": {func(a *network.Args) { a.Adopt = nil }, `Adopt: is required with Mode "adopt"`},
		"not a VPC": {
			func(a *network.Args) { a.Adopt.VPCID = "main" },
			`Adopt.VPCID: is "main", want the id of the VPC to adopt, such as "vpc-0123456789abcdef0"`,
		},
		"one public subnet": {
			func(a *network.Args) { a.Adopt.PublicSubnetIDs = a.Adopt.PublicSubnetIDs[:1] },
			`Adopt.PublicSubnetIDs: has 1, want 2 or more, in different zones`,
		},
		"no private subnets": {
			func(a *network.Args) { a.Adopt.PrivateSubnetIDs = nil },
			`Adopt.PrivateSubnetIDs: has 0, want 2 or more, in different zones`,
		},
		"not a subnet": {
			func(a *network.Args) { a.Adopt.PrivateSubnetIDs[1] = "private" },
			`Adopt.PrivateSubnetIDs[1]: is "private", want a subnet's id, such as "subnet-0123456789abcdef0"`,
		},
		"twice": {
			func(a *network.Args) { a.Adopt.PublicSubnetIDs[1] = "subnet-00000001" },
			`Adopt.PublicSubnetIDs[1]: is "subnet-00000001" a second time, want each subnet once`,
		},
	})
	assert.NoError(t, adopting().Validate())
	assert.NoError(t, defaulting().Validate())
}

// refused asserts that each change makes args be refused with exactly its
// message, before anything is registered.
func refused(t *testing.T, valid func() *network.Args, cases map[string]refusal) {
	t.Helper()
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			args := valid()
			tc.change(args)
			pulumitest.Refused(t, network.New, args, tc.want, account()...)
		})
	}
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, program(nil), "network: args is nil")
}
