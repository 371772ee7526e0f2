// Package tfprovider runs a Terraform provider binary that speaks plugin protocol 5
// and serves it as a protocol 6 provider, which is what the Pulumi bridge bridges.
package tfprovider

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/vendored/tfplugin5"
	"google.golang.org/grpc"
)

// EnvBinary names the environment variable with the path of the
// terraform-provider-aws binary to run.
const EnvBinary = "EVENKEEL_TERRAFORM_PROVIDER_AWS"

// protocol is the only Terraform plugin protocol version this package speaks.
const protocol = 5

// maxMessage bounds one answer of the provider: the AWS provider's schema is about
// 30 MB on the wire, eight times the 4 MB that gRPC allows by default.
const maxMessage = 256 << 20

// handshake is Terraform's own: a provider exits when started without it.
var handshake = plugin.HandshakeConfig{
	MagicCookieKey:   "TF_PLUGIN_MAGIC_COOKIE",
	MagicCookieValue: "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2",
}

// clientPlugin makes go-plugin hand out a raw protocol 5 client.
type clientPlugin struct{ plugin.NetRPCUnsupportedPlugin }

func (clientPlugin) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("tfprovider only calls providers, it does not serve them")
}

func (clientPlugin) GRPCClient(_ context.Context, _ *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return tfplugin5.NewProviderClient(conn), nil
}

// Launch starts the provider binary. The returned function ends the process; it may be
// called more than once. On Linux the process also ends when this one does, however
// that happens. Logs are off unless TF_LOG is set: the engine would show them to the
// user as diagnostics.
func Launch(binary string) (*Server, func(), error) {
	level := hclog.LevelFromString(os.Getenv("TF_LOG"))
	if level == hclog.NoLevel {
		level = hclog.Off
	}
	cmd := exec.Command(binary)
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: map[int]plugin.PluginSet{protocol: {"provider": clientPlugin{}}},
		Cmd:              cmd,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		AutoMTLS:         true,
		Managed:          true,
		Logger:           hclog.New(&hclog.LoggerOptions{Name: "terraform", Level: level, Output: os.Stderr}),
		GRPCDialOptions: []grpc.DialOption{
			grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)),
		},
	})
	var rpc plugin.ClientProtocol
	err := spawn(cmd, func() (err error) {
		rpc, err = client.Client()
		return err
	})
	if err != nil {
		client.Kill()
		return nil, nil, fmt.Errorf("start Terraform provider %s: %w", binary, err)
	}
	raw, err := rpc.Dispense("provider")
	if err != nil {
		client.Kill()
		return nil, nil, fmt.Errorf("connect to Terraform provider %s: %w", binary, err)
	}
	return &Server{client: raw.(tfplugin5.ProviderClient)}, client.Kill, nil
}
