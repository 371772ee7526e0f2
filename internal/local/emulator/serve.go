package emulator

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"evenkeel/internal/local/gateway"
)

// ServeOptions is what Start hands to the background process.
type ServeOptions struct {
	ID          string   `json:"id"`
	Dir         string   `json:"dir"`
	Stack       string   `json:"stack"`
	AccountID   string   `json:"accountId"`
	MotoCommand []string `json:"motoCommand"`
	Parts       string   `json:"parts"`
}

// command is the path of Command below the program's root command.
var command = []string{"local", "serve-emulator"}

// Command is the subcommand that Start runs in the background. The program
// must have it below its "local" command.
func Command() *cobra.Command {
	var options string
	c := &cobra.Command{
		Use: command[1], Short: "Run moto and the gateway in front of it, until told to stop", Hidden: true, Args: cobra.NoArgs,
		SilenceUsage: true,
		RunE: func(c *cobra.Command, _ []string) error {
			var o ServeOptions
			if err := json.Unmarshal([]byte(options), &o); err != nil {
				return fmt.Errorf("--options: %w", err)
			}
			return Serve(c.Context(), o)
		},
	}
	c.Flags().StringVar(&options, "options", "", "JSON, as the program writes it for itself")
	return c
}

// Serve runs moto and the gateway until ctx ends, SIGTERM or SIGINT comes, a
// shutdown is asked for, or moto ends, which is an error.
func Serve(ctx context.Context, o ServeOptions) error {
	if len(o.MotoCommand) == 0 || o.Dir == "" || o.ID == "" {
		return errors.New("serve emulator: id, dir and motoCommand must be set")
	}
	ctx, cancel := signal.NotifyContext(ctx, syscall.SIGTERM, syscall.SIGINT)
	defer cancel()
	m, err := startMoto(ctx, o)
	if err != nil {
		return err
	}
	defer m.stop()
	self, err := processOf(os.Getpid())
	if err != nil {
		return fmt.Errorf("serve emulator: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("serve emulator: %w", err)
	}
	i := &Instance{
		Format: Format, Parts: o.Parts, ID: o.ID, Stack: o.Stack, AccountID: o.AccountID, URL: "http://" + listener.Addr().String(),
		Started: time.Now().UTC(), Gateway: self, Moto: m.process, Token: rand.Text(), dir: o.Dir,
	}
	return i.serve(ctx, cancel, m, listener)
}

func (i *Instance) serve(ctx context.Context, cancel func(), m *moto, l net.Listener) (err error) {
	g, err := gateway.New(gateway.Options{
		Upstream: m.url, CallsFile: filepath.Join(i.dir, CallsFile), MotoLog: filepath.Join(i.dir, MotoLogFile),
		AccountID: i.AccountID, Token: i.Token, OnShutdown: cancel,
		Identity: gateway.Identity{ID: i.ID, Stack: i.Stack, PID: i.Gateway.PID, MotoPID: i.Moto.PID, Since: i.Started},
	})
	if err != nil {
		return errors.Join(err, l.Close())
	}
	server := &http.Server{Handler: g, ReadHeaderTimeout: 10 * time.Second}
	served := make(chan error, 1)
	go func() { served <- server.Serve(l) }()
	defer func() {
		// Calls on their way get a moment; waiters of AWS SDKs would go on for minutes.
		stop, done := context.WithTimeout(context.Background(), 2*time.Second)
		defer done()
		if server.Shutdown(stop) != nil {
			err = errors.Join(err, server.Close())
		}
		err = errors.Join(err, g.Close())
	}()
	if err := i.write(); err != nil {
		return fmt.Errorf("serve emulator: %w", err)
	}
	defer func() { err = errors.Join(err, i.erase()) }()
	select {
	case <-ctx.Done():
		return nil
	case <-m.ended:
		return fmt.Errorf("moto ended (%w)%s", m.whyEnded, tail(filepath.Join(i.dir, MotoLogFile)))
	case err := <-served:
		return fmt.Errorf("serve emulator: %w", err)
	}
}
