// Package config reads the API's configuration from environment variables,
// strictly: every mistake is reported, all of them at once.
package config

import (
	"fmt"
	"log/slog"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// The environments.
const (
	Development = "development"
	Production  = "production"
)

// Bounds and defaults.
const (
	defaultPort = 8080

	// The load balancer stops sending new requests to a leaving task within its
	// deregistration delay, 30 s in this platform's configuration. The task goes
	// on serving a little longer, because both start at about the same time.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/load-balancer-connection-draining.html
	defaultDrain = 35
	// A connection on which no request ever came keeps http.Server.Shutdown
	// waiting for 5 s.
	defaultShutdown = 7
	// What the platform gives a container between SIGTERM and SIGKILL by default.
	defaultStopTimeout = 45
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
	maxStopTimeout = 120

	// A load balancer that reuses a connection just when the server closes it
	// answers 502, so the server keeps idle connections longer: the platform's
	// load balancer drops them after 60 s.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html#http-502-issues
	defaultIdle = 75
	minIdle     = 61
	// The largest idle timeout of an Application Load Balancer is 4,000 s.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html
	maxIdle = 4100

	minToken = 16
)

// Config is the API's configuration.
type Config struct {
	// Host is the IP address to listen on (LISTEN_HOST); empty means every address.
	Host string
	// Port is the TCP port to listen on (PORT), 1 to 65535, default 8080.
	Port int
	// Environment is "development" or "production" (ENVIRONMENT). The default
	// is production, so that what is forbidden there is never on by omission.
	Environment string
	// LogLevel is the least level that is logged (LOG_LEVEL): debug, info, warn
	// or error, default info. Good answers of the health endpoints are debug.
	LogLevel slog.Level
	// Drain is how long requests are still accepted after SIGTERM
	// (DRAIN_SECONDS), default 35 s.
	Drain time.Duration
	// Shutdown is how long requests in flight may then take to end
	// (SHUTDOWN_SECONDS), 1 to 60, default 7 s.
	Shutdown time.Duration
	// StopTimeout is when the platform sends SIGKILL (STOP_TIMEOUT_SECONDS), 2
	// to 120, default 45 s. Drain and Shutdown together must be less.
	StopTimeout time.Duration
	// Idle is how long a connection without requests stays open
	// (IDLE_SECONDS), 61 to 4100, default 75 s. It must exceed the load
	// balancer's idle timeout.
	Idle time.Duration
	// Faults turns the fault switch on (FAULTS): on or off, default off. It is
	// refused in production, and needs FaultsToken.
	Faults bool
	// FaultsToken is the bearer token of the fault switch (FAULTS_TOKEN), at
	// least 16 characters.
	FaultsToken string
	// Deployment names the deployment in the logs (DEPLOYMENT). Without it, ECS
	// is asked.
	Deployment string
	// MetadataURI is where ECS answers questions about the task
	// (ECS_CONTAINER_METADATA_URI_V4, which ECS sets). Empty elsewhere.
	MetadataURI string
}

// Address is what to listen on.
func (c Config) Address() string { return net.JoinHostPort(c.Host, strconv.Itoa(c.Port)) }

// Loopback is where the server answers on its own machine.
func (c Config) Loopback() string {
	host := c.Host
	if ip, err := netip.ParseAddr(host); err != nil || ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return net.JoinHostPort(host, strconv.Itoa(c.Port))
}

// Error is every problem of a configuration, one a variable.
type Error struct {
	// Problems are sentences such as `PORT: is "x", want 1 to 65535`.
	Problems []string
}

func (e *Error) Error() string { return strings.Join(e.Problems, "; ") }

// Load reads the configuration. An empty variable counts as unset. The error
// is an *Error with every problem.
func Load(lookup func(string) (string, bool)) (Config, error) {
	r := reader{lookup: lookup}
	c := Config{
		Host:        r.host("LISTEN_HOST"),
		Port:        r.number("PORT", defaultPort, 1, 65535),
		Environment: r.choice("ENVIRONMENT", Production, Development, Production),
		LogLevel:    r.level("LOG_LEVEL"),
		Drain:       r.seconds("DRAIN_SECONDS", defaultDrain, 0, maxStopTimeout-2),
		Shutdown:    r.seconds("SHUTDOWN_SECONDS", defaultShutdown, 1, 60),
		StopTimeout: r.seconds("STOP_TIMEOUT_SECONDS", defaultStopTimeout, 2, maxStopTimeout),
		Idle:        r.seconds("IDLE_SECONDS", defaultIdle, minIdle, maxIdle),
		Faults:      r.choice("FAULTS", "off", "off", "on") == "on",
		FaultsToken: r.text("FAULTS_TOKEN"),
		Deployment:  r.text("DEPLOYMENT"),
		MetadataURI: r.uri("ECS_CONTAINER_METADATA_URI_V4"),
	}
	c.check(&r)
	if len(r.problems) > 0 {
		return Config{}, &Error{Problems: r.problems}
	}
	return c, nil
}

// check holds variables against each other.
func (c Config) check(r *reader) {
	if !r.bad["DRAIN_SECONDS"] && !r.bad["SHUTDOWN_SECONDS"] && !r.bad["STOP_TIMEOUT_SECONDS"] &&
		c.Drain+c.Shutdown >= c.StopTimeout {
		r.addf("DRAIN_SECONDS", "is %d, with SHUTDOWN_SECONDS (%d) not less than STOP_TIMEOUT_SECONDS (%d), after which the process is killed",
			int(c.Drain.Seconds()), int(c.Shutdown.Seconds()), int(c.StopTimeout.Seconds()))
	}
	if c.Faults && c.Environment == Production && !r.bad["ENVIRONMENT"] {
		r.addf("FAULTS", "is on, want off unless ENVIRONMENT is %s (it is %s, its default)", Development, Production)
	}
	if c.Faults && len(c.FaultsToken) < minToken {
		// The value is a secret: only its length may be told.
		r.addf("FAULTS_TOKEN", "has %d characters, want at least %d while FAULTS is on", len(c.FaultsToken), minToken)
	}
}

type reader struct {
	lookup   func(string) (string, bool)
	problems []string
	bad      map[string]bool
}

func (r *reader) addf(name, format string, args ...any) {
	if r.bad == nil {
		r.bad = map[string]bool{}
	}
	r.bad[name] = true
	r.problems = append(r.problems, name+": "+fmt.Sprintf(format, args...))
}

func (r *reader) text(name string) string {
	s, _ := r.lookup(name)
	return s
}

func (r *reader) number(name string, unset, least, most int) int {
	s := r.text(name)
	if s == "" {
		return unset
	}
	n, err := strconv.Atoi(s)
	if err != nil || n < least || n > most {
		r.addf(name, "is %q, want a whole number from %d to %d", s, least, most)
		return unset
	}
	return n
}

func (r *reader) seconds(name string, unset, least, most int) time.Duration {
	return time.Duration(r.number(name, unset, least, most)) * time.Second
}

func (r *reader) choice(name, unset string, choices ...string) string {
	s := r.text(name)
	if s == "" {
		return unset
	}
	for _, c := range choices {
		if s == c {
			return s
		}
	}
	r.addf(name, "is %q, want %s", s, strings.Join(choices, " or "))
	return unset
}

func (r *reader) level(name string) slog.Level {
	levels := map[string]slog.Level{
		"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError,
	}
	return levels[r.choice(name, "info", "debug", "info", "warn", "error")]
}

func (r *reader) host(name string) string {
	s := r.text(name)
	if s == "" {
		return ""
	}
	if _, err := netip.ParseAddr(s); err != nil {
		r.addf(name, "is %q, want an IP address, or nothing for every address", s)
	}
	return s
}

func (r *reader) uri(name string) string {
	s := r.text(name)
	if s == "" {
		return ""
	}
	if u, err := url.Parse(s); err != nil || u.Scheme != "http" || u.Host == "" {
		r.addf(name, "is %q, want an http address", s)
	}
	return s
}
