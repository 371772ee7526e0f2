// Package server is the API's HTTP server: its routes, its limits, its start
// and its end.
package server

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"evenkeel/api/internal/config"
	"evenkeel/api/internal/faults"
	"evenkeel/api/internal/telemetry"
)

// Limits of a connection. The idle timeout is configuration.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 30 * time.Second
	// From the end of the headers: it covers reading the body as well.
	writeTimeout = 60 * time.Second
	maxHeader    = 32 << 10
)

// Server is the API. New makes one.
type Server struct {
	cfg    config.Config
	origin telemetry.Origin
	log    *slog.Logger
	faults *faults.Switch
	life   *lifecycle
}

// New makes a server that has not started. exit ends the process; only a drill
// calls it.
func New(cfg config.Config, origin telemetry.Origin, log *slog.Logger, exit func(code int)) *Server {
	s := &Server{
		cfg: cfg, origin: origin, log: log,
		life: &lifecycle{drain: cfg.Drain, shutdown: cfg.Shutdown, log: log},
	}
	if cfg.Faults {
		s.faults = faults.New(cfg.FaultsToken, log, exit)
	}
	return s
}

// Run serves until the process has been drained after the first of the
// signals. It returns nil when every request got its answer.
func (s *Server) Run(ctx context.Context, signals <-chan os.Signal) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.cfg.Address())
	if err != nil {
		return fmt.Errorf("listen on %s: %w", s.cfg.Address(), err)
	}
	srv := &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       s.cfg.Idle,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(ln) }()
	s.log.Info("listening", slog.String(telemetry.FieldAddress, ln.Addr().String()), slog.Bool(telemetry.FieldFaults, s.cfg.Faults))
	return s.life.run(signals, ended, srv)
}
