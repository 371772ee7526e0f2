package network_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/network"
	"evenkeel/internal/pulumitest"
)

const (
	vpcType        = "awsx:ec2:Vpc"
	groupType      = "aws:ec2/defaultSecurityGroup:DefaultSecurityGroup"
	endpointType   = "aws:ec2/vpcEndpoint:VpcEndpoint"
	logGroupType   = "aws:cloudwatch/logGroup:LogGroup"
	roleType       = "aws:iam/role:Role"
	rolePolicyType = "aws:iam/rolePolicy:RolePolicy"
	flowLogType    = "aws:ec2/flowLog:FlowLog"

	identityToken = "aws:index/getCallerIdentity:getCallerIdentity"
	vpcToken      = "aws:ec2/getVpc:getVpc"
	subnetsToken  = "aws:ec2/getSubnets:getSubnets"

	vpcRef = "${awsx:ec2:Vpc::network-vpc."
)

// minimal creates a VPC with all defaults.
func minimal() *network.Args {
	return &network.Args{Name: "orders-dev", Region: "eu-west-1", Mode: network.Create}
}

// full creates a VPC and sets everything to something else than its default.
func full() *network.Args {
	return &network.Args{
		Name: "orders-prod", Region: "eu-central-1", Mode: network.Create,
		Create: &network.CreateArgs{
			CIDR: "172.16.0.0/20", Zones: 3, NAT: network.NATPerZone, FlowLogs: &network.FlowLogsArgs{RetentionDays: 14},
		},
	}
}

func adopting() *network.Args {
	return &network.Args{
		Name: "orders-prod", Region: "eu-west-1", Mode: network.Adopt,
		Adopt: &network.AdoptArgs{
			VPCID:            "vpc-0123456789abcdef0",
			PublicSubnetIDs:  []string{"subnet-00000001", "subnet-00000002"},
			PrivateSubnetIDs: []string{"subnet-00000003", "subnet-00000004"},
		},
	}
}

func defaulting() *network.Args {
	return &network.Args{Name: "orders-dev", Region: "eu-west-1", Mode: network.Default}
}

func program(args *network.Args) pulumi.RunFunc {
	return pulumitest.Instances(network.New, args, "network")
}

// account answers every data source that the component asks.
func account(o ...pulumitest.Option) []pulumitest.Option {
	return append([]pulumitest.Option{
		pulumitest.WithInvoke(identityToken, map[string]any{"accountId": "111122223333"}),
		pulumitest.WithInvoke(vpcToken, map[string]any{"id": "vpc-default"}),
		pulumitest.WithInvoke(subnetsToken, map[string]any{"ids": []any{"subnet-b", "subnet-c", "subnet-a"}}),
	}, o...)
}

func run(t *testing.T, args *network.Args) []pulumitest.Registration {
	t.Helper()
	return pulumitest.MustRun(t, program(args), account()...)
}

func inputs(t *testing.T, args *network.Args, typeToken, name string) map[string]any {
	t.Helper()
	return pulumitest.Find(t, run(t, args), typeToken, name).Plain()
}

func TestChildrenAndTheirNames(t *testing.T) {
	for name, tc := range map[string]struct {
		args *network.Args
		want []string
	}{
		"minimal": {args: minimal(), want: []string{
			groupType + " network-default", endpointType + " network-s3", vpcType + " network-vpc",
		}},
		"full": {args: full(), want: []string{
			groupType + " network-default", endpointType + " network-s3", vpcType + " network-vpc",
			logGroupType + " network-flow-logs", roleType + " network-flow-logs",
			rolePolicyType + " network-flow-logs", flowLogType + " network-flow-logs",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			regs := run(t, tc.args)
			pulumitest.CheckComponent(t, regs, network.TypeToken, "network")
			assert.ElementsMatch(t, tc.want, pulumitest.Addresses(pulumitest.Children(regs, network.TypeToken)))
		})
	}
}

// What is adopted belongs to somebody else and must not become a resource of
// this stack, which could then change or delete it.
func TestAdoptedNetworksHaveNoChildren(t *testing.T) {
	for name, args := range map[string]*network.Args{"adopt": adopting(), "default": defaulting()} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, []string{network.TypeToken + " network", "pulumi:providers:aws main"}, pulumitest.Addresses(run(t, args)))
		})
	}
}

func TestTwoInstancesInOneStack(t *testing.T) {
	pulumitest.TwoInstances(t, network.New, full(), network.TypeToken, account()...)
}

func TestPreviewPlansTheSameChildren(t *testing.T) {
	for name, args := range map[string]*network.Args{"minimal": minimal(), "full": full(), "adopt": adopting(), "default": defaulting()} {
		t.Run(name, func(t *testing.T) {
			pulumitest.PreviewPlansTheSame(t, program(args), account()...)
		})
	}
}

func TestVPC(t *testing.T) {
	for name, tc := range map[string]struct {
		args *network.Args
		want map[string]any
	}{
		"minimal": {args: minimal(), want: map[string]any{
			"cidrBlock": "10.0.0.0/16", "numberOfAvailabilityZones": 2.0, "availabilityZoneCidrMask": 18.0,
			"natGateways": map[string]any{"strategy": "Single"}, "tags": map[string]any{"Name": "orders-dev"},
		}},
		"full": {args: full(), want: map[string]any{
			"cidrBlock": "172.16.0.0/20", "numberOfAvailabilityZones": 3.0, "availabilityZoneCidrMask": 22.0,
			"natGateways": map[string]any{"strategy": "OnePerAz"}, "tags": map[string]any{"Name": "orders-prod"},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			tc.want["subnetStrategy"] = "Auto"
			tc.want["subnetSpecs"] = []any{map[string]any{"type": "Public"}, map[string]any{"type": "Private"}}
			tc.want["enableDnsHostnames"], tc.want["enableDnsSupport"] = true, true
			assert.Equal(t, tc.want, inputs(t, tc.args, vpcType, "network-vpc"))
		})
	}
}

// A subnet's range is part of its identity. More zones or a NAT gateway must
// not move any, or everything in the network would be replaced.
func TestSubnetsStayWhereTheyAreWhenTheNetworkGrows(t *testing.T) {
	layout := func(zones int, nat network.NAT) map[string]any {
		args := minimal()
		args.Create = &network.CreateArgs{Zones: zones, NAT: nat}
		all := inputs(t, args, vpcType, "network-vpc")
		delete(all, "numberOfAvailabilityZones")
		delete(all, "natGateways")
		return all
	}
	want := layout(2, network.NATNone)
	assert.Equal(t, want, layout(3, network.NATNone))
	assert.Equal(t, want, layout(2, network.NATSingle))
	assert.Equal(t, want, layout(3, network.NATPerZone))
}

func TestTransformTakesPublicAddressesFromSubnetsOnly(t *testing.T) {
	transform := func(typ string) *pulumi.ResourceTransformResult {
		return network.WithoutPublicAddresses(t.Context(), &pulumi.ResourceTransformArgs{
			Type: typ, Props: pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/19"), "mapPublicIpOnLaunch": pulumi.Bool(true)},
		})
	}
	got := transform("aws:ec2/subnet:Subnet")
	require.NotNil(t, got)
	assert.Equal(t, pulumi.Map{"cidrBlock": pulumi.String("10.0.0.0/19"), "mapPublicIpOnLaunch": pulumi.Bool(false)}, got.Props)
	assert.Nil(t, transform("aws:ec2/natGateway:NatGateway"))
}

func TestDefaultSecurityGroupHasNoRules(t *testing.T) {
	assert.Equal(t, map[string]any{
		"vpcId": vpcRef + "vpcId}", "tags": map[string]any{"Name": "orders-dev-default-unused"},
	}, inputs(t, minimal(), groupType, "network-default"))
}

func TestS3Endpoint(t *testing.T) {
	regs := run(t, full())
	got := pulumitest.Find(t, regs, endpointType, "network-s3")
	plain := got.Plain()
	delete(plain, "routeTableIds") // the plugin makes the route tables, so there are none here
	assert.Equal(t, map[string]any{
		"vpcId": vpcRef + "vpcId}", "vpcEndpointType": "Gateway", "serviceName": "com.amazonaws.eu-central-1.s3",
		"tags": map[string]any{"Name": "orders-prod-s3"},
	}, plain)
}

// Route tables come from a plugin that the recorder does not run, so the way
// to their ids is tested with some of our own.
func TestRouteTableIDsAreThoseOfEveryTable(t *testing.T) {
	regs, err := pulumitest.Run(t, pulumitest.Program(func(ctx *pulumi.Context, opts ...pulumi.ResourceOption) error {
		owner := &struct{ pulumi.ResourceState }{}
		if err := ctx.RegisterComponentResource("evenkeel:test:Owner", "owner", owner, opts...); err != nil {
			return err
		}
		var tables ec2.RouteTableArray
		for _, name := range []string{"owner-a", "owner-b"} {
			table, err := ec2.NewRouteTable(ctx, name, &ec2.RouteTableArgs{VpcId: pulumi.String("vpc-1")}, pulumi.Parent(owner))
			if err != nil {
				return err
			}
			tables = append(tables, table)
		}
		_, err := ec2.NewVpcEndpoint(ctx, "owner-s3", &ec2.VpcEndpointArgs{
			VpcId: pulumi.String("vpc-1"), RouteTableIds: network.RouteTableIDs(tables.ToRouteTableArrayOutput()),
		}, pulumi.Parent(owner))
		return err
	}))
	require.NoError(t, err)
	assert.Equal(t, []any{
		"${aws:ec2/routeTable:RouteTable::owner-a.id}", "${aws:ec2/routeTable:RouteTable::owner-b.id}",
	}, pulumitest.Find(t, regs, endpointType, "owner-s3").Plain()["routeTableIds"])
}

// Protecting a network would only stop a stack from being deleted halfway.
func TestNothingIsProtected(t *testing.T) {
	pulumitest.ProtectsOnly(t, run(t, full()))
}

// outputs returns what other components see of the network.
func outputs(t *testing.T, args *network.Args) map[string]any {
	t.Helper()
	var assignPublicIP bool
	out := pulumitest.Outputs(t, network.New, "network", args, func(n *network.Network) pulumi.StringMap {
		assignPublicIP = n.AssignPublicIP
		return pulumi.StringMap{
			"vpc": n.VPCID, "public": pulumi.Sprintf("%v", n.PublicSubnetIDs), "private": pulumi.Sprintf("%v", n.PrivateSubnetIDs),
		}
	}, account()...)
	out["assign"] = assignPublicIP
	return out
}

func TestOutputs(t *testing.T) {
	const public = "[" + vpcRef + "publicSubnetIds[0]} " + vpcRef + "publicSubnetIds[1]}]"
	const private = "[" + vpcRef + "privateSubnetIds[0]} " + vpcRef + "privateSubnetIds[1]}]"
	withoutNAT := minimal()
	withoutNAT.Create = &network.CreateArgs{NAT: network.NATNone}
	const sorted = "[subnet-a subnet-b subnet-c]"

	for name, tc := range map[string]struct {
		args *network.Args
		want map[string]any
	}{
		"one NAT gateway":      {minimal(), map[string]any{"vpc": vpcRef + "vpcId}", "public": public, "private": private, "assign": false}},
		"NAT gateway per zone": {full(), map[string]any{"vpc": vpcRef + "vpcId}", "public": public, "private": private, "assign": false}},
		"no NAT gateway":       {withoutNAT, map[string]any{"vpc": vpcRef + "vpcId}", "public": public, "private": public, "assign": true}},
		"adopted": {adopting(), map[string]any{
			"vpc": "vpc-0123456789abcdef0", "public": "[subnet-00000001 subnet-00000002]",
			"private": "[subnet-00000003 subnet-00000004]", "assign": false,
		}},
		"default VPC, in a stable order": {defaulting(), map[string]any{
			"vpc": "vpc-default", "public": sorted, "private": sorted, "assign": true,
		}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, tc.want, outputs(t, tc.args)) })
	}
}

func TestDefaultVPCWithoutTwoSubnetsIsRefused(t *testing.T) {
	_, err := pulumitest.Run(t, program(defaulting()), account(
		pulumitest.WithInvoke(subnetsToken, map[string]any{"ids": []any{"subnet-a"}}))...)
	require.ErrorContains(t, err, "the default VPC vpc-default: found 1 default subnet(s), want 2 or more, in different zones")
}

// lookups is a mock that notes which provider each data source is asked of.
type lookups struct {
	fail  bool
	asked map[string]string
	args  map[string]resource.PropertyMap
}

func (l *lookups) NewResource(a pulumi.MockResourceArgs) (string, resource.PropertyMap, error) {
	return a.Name + "-id", a.Inputs, nil
}

func (l *lookups) Call(a pulumi.MockCallArgs) (resource.PropertyMap, error) {
	if l.fail {
		return nil, errors.New("no matching EC2 VPC found")
	}
	l.asked[a.Token], l.args[a.Token] = a.Provider, a.Args
	return resource.NewPropertyMapFromMap(map[string]any{
		"id": "vpc-default", "accountId": "111122223333", "ids": []any{"subnet-a", "subnet-b"},
	}), nil
}

// A data source without the component as its parent would ask whatever account
// and region the environment names.
func TestDataSourcesUseTheExplicitProvider(t *testing.T) {
	for name, tc := range map[string]struct {
		args *network.Args
		want []string
	}{
		"default VPC": {defaulting(), []string{vpcToken, subnetsToken}},
		"flow logs":   {full(), []string{identityToken}},
	} {
		t.Run(name, func(t *testing.T) {
			mocks := &lookups{asked: map[string]string{}, args: map[string]resource.PropertyMap{}}
			require.NoError(t, pulumi.RunErr(program(tc.args), pulumi.WithMocks("evenkeel", "test", mocks)))
			require.Len(t, mocks.asked, len(tc.want))
			for _, token := range tc.want {
				assert.Contains(t, mocks.asked[token], "pulumi:providers:aws::main::", token)
			}
		})
	}
}

func TestDefaultVPCIsAskedForByItsFlagAndItsSubnetsByTheirs(t *testing.T) {
	mocks := &lookups{asked: map[string]string{}, args: map[string]resource.PropertyMap{}}
	require.NoError(t, pulumi.RunErr(program(defaulting()), pulumi.WithMocks("evenkeel", "test", mocks)))
	assert.Equal(t, map[string]any{"default": true}, mocks.args[vpcToken].Mappable())
	assert.Equal(t, map[string]any{"filters": []any{
		map[string]any{"name": "vpc-id", "values": []any{"vpc-default"}},
		map[string]any{"name": "default-for-az", "values": []any{"true"}},
	}}, mocks.args[subnetsToken].Mappable(), "the other subnets of a default VPC may be private")
}

func TestMissingDefaultVPCSaysWhatToDo(t *testing.T) {
	err := pulumi.RunErr(program(defaulting()), pulumi.WithMocks("evenkeel", "test", &lookups{fail: true}))
	require.ErrorContains(t, err, "look up the default VPC (without one, create a VPC or adopt one by its id)")
	assert.True(t, strings.Contains(err.Error(), "no matching EC2 VPC found"), "the cause must be named: %v", err)
}
