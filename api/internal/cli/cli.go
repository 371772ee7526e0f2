// Package cli is the command line of the API's binary.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"evenkeel/api/internal/buildinfo"
	"evenkeel/api/internal/config"
	"evenkeel/api/internal/ecs"
	"evenkeel/api/internal/health"
	"evenkeel/api/internal/server"
	"evenkeel/api/internal/telemetry"
)

// Exit codes.
const (
	exitGood  = 0
	exitBad   = 1
	exitUsage = 2
)

const usage = `usage: api [serve | health | version]

  serve    serve until SIGTERM (default)
  health   ask the running server over loopback whether it is alive: exit 0 or 1
  version  print the version

environment:
  LISTEN_HOST           IP address to listen on (every one)
  PORT                  TCP port (8080)
  ENVIRONMENT           development or production (production)
  LOG_LEVEL             debug, info, warn or error (info)
  DRAIN_SECONDS         how long SIGTERM leaves the service up (35): longer than
                        the load balancer's deregistration delay
  SHUTDOWN_SECONDS      how long requests under way then get (7)
  STOP_TIMEOUT_SECONDS  when SIGKILL follows SIGTERM (45)
  IDLE_SECONDS          how long idle connections stay open (75): longer than the
                        load balancer's idle timeout
  FAULTS                on or off (off): whether PUT /admin/faults makes the API
                        slow, wrong, large or dead for a drill; not in production
  FAULTS_TOKEN          the bearer token for that, 16 characters or more
  DEPLOYMENT            what logs call the deployment (the task definition)
  ECS_CONTAINER_METADATA_URI_V4  where to ask for the task (ECS sets it)
`

// Main runs the command and returns the process's exit code: 0 good, 1 not
// good, 2 bad usage or a configuration that cannot be served; of a health check
// 1 is all that Docker allows besides 0. Logs go to stdout, all else to stderr.
func Main(args []string, lookup func(string) (string, bool), stdout, stderr io.Writer) int {
	command := "serve"
	if len(args) > 0 {
		command = args[0]
	}
	if len(args) > 1 {
		fmt.Fprint(stderr, usage)
		return exitUsage
	}
	switch command {
	case "serve":
		return serve(lookup, stdout)
	case "health":
		return check(lookup, stderr)
	case "version":
		fmt.Fprintln(stdout, buildinfo.Version())
		return exitGood
	case "help", "-h", "--help":
		fmt.Fprint(stdout, usage)
		return exitGood
	}
	fmt.Fprintf(stderr, "there is no command %q\n%s", command, usage)
	return exitUsage
}

func check(lookup func(string) (string, bool), stderr io.Writer) int {
	cfg, err := config.Load(lookup)
	if err == nil {
		err = health.Check(context.Background(), cfg.Loopback())
	}
	if err != nil {
		fmt.Fprintln(stderr, err)
		return exitBad
	}
	return exitGood
}

func serve(lookup func(string) (string, bool), stdout io.Writer) int {
	// Before anything else: a signal during the start must not kill the process
	// without a word. Room for two, the second of which ends it at once.
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	defer signal.Stop(signals)

	origin := telemetry.Origin{Version: buildinfo.Version()}
	cfg, err := config.Load(lookup)
	if err != nil {
		log := telemetry.NewLogger(stdout, slog.LevelInfo, origin)
		problems := []string{err.Error()}
		if all := (*config.Error)(nil); errors.As(err, &all) {
			problems = all.Problems
		}
		log.Error("configuration refused", slog.String(telemetry.FieldError, err.Error()), slog.Any(telemetry.FieldProblems, problems))
		return exitUsage
	}
	ctx := context.Background()
	origin.Environment, origin.Deployment = cfg.Environment, cfg.Deployment
	var unknown error
	if cfg.MetadataURI != "" {
		var task ecs.Task
		if task, unknown = ecs.Ask(ctx, cfg.MetadataURI); unknown == nil {
			origin.Task, origin.Zone = task.ID, task.Zone
			if origin.Deployment == "" {
				origin.Deployment = task.Definition
			}
		}
	}
	log := telemetry.NewLogger(stdout, cfg.LogLevel, origin)
	if unknown != nil {
		log.Warn("logs do not name the task", slog.String(telemetry.FieldError, unknown.Error()))
	}
	if err := server.New(cfg, origin, log, os.Exit).Run(ctx, signals); err != nil {
		log.Error("stopped", slog.String(telemetry.FieldError, err.Error()))
		return exitBad
	}
	return exitGood
}
