package workload

import (
	"maps"
	"slices"
	"strconv"
)

// loopback is the only address that the API listens on.
const loopback = "127.0.0.1"

// machine are the variables that a process gets from the user's own
// environment: what programs need to run and to reach the network. A user's AWS
// profile is not among them.
var machine = []string{
	"PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR",
	"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
}

// quick are the defaults that make a local stop quick: no load balancer has to
// notice it. The task definition's own values, and the user's, take precedence.
var quick = map[string]string{"DRAIN_SECONDS": "0", "SHUTDOWN_SECONDS": "1"}

// Surroundings is what an API's environment is made of besides its definition.
type Surroundings struct {
	// Lookup reads the user's environment.
	Lookup func(string) (string, bool)
	// Secrets are the values of the secret variables that have one.
	Secrets map[string]string
	// AWS points AWS clients at the emulator.
	AWS map[string]string
	// Port is the port to listen on.
	Port int
}

// Environ is the environment that a deployed container would get, with what
// differs on this machine, as sorted "NAME=value".
func Environ(d *Definition, s Surroundings) []string {
	env := map[string]string{}
	for _, name := range machine {
		if v, ok := s.Lookup(name); ok {
			env[name] = v
		}
	}
	maps.Copy(env, quick)
	for name := range quick {
		if v, ok := s.Lookup(name); ok {
			env[name] = v
		}
	}
	maps.Copy(env, d.Environment)
	maps.Copy(env, s.Secrets)
	maps.Copy(env, s.AWS)
	env["LISTEN_HOST"], env["PORT"] = loopback, strconv.Itoa(s.Port)
	out := make([]string, 0, len(env))
	for _, name := range slices.Sorted(maps.Keys(env)) {
		out = append(out, name+"="+env[name])
	}
	return out
}
