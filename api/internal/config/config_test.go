package config_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/config"
)

func from(env map[string]string) func(string) (string, bool) {
	return func(name string) (string, bool) {
		s, ok := env[name]
		return s, ok
	}
}

func TestDefaults(t *testing.T) {
	cfg, err := config.Load(from(map[string]string{"PORT": ""}))
	require.NoError(t, err)
	assert.Equal(t, config.Config{
		Port: 8080, Environment: "production", LogLevel: slog.LevelInfo,
		Drain: 35 * time.Second, Shutdown: 7 * time.Second, StopTimeout: 45 * time.Second, Idle: 75 * time.Second,
	}, cfg)
}

func TestEveryVariable(t *testing.T) {
	cfg, err := config.Load(from(map[string]string{
		"LISTEN_HOST": "::1", "PORT": "1", "ENVIRONMENT": "development", "LOG_LEVEL": "error", "DRAIN_SECONDS": "0",
		"SHUTDOWN_SECONDS": "1", "STOP_TIMEOUT_SECONDS": "2", "IDLE_SECONDS": "4100", "FAULTS": "on",
		"FAULTS_TOKEN": "0123456789abcdef", "DEPLOYMENT": "blue", "ECS_CONTAINER_METADATA_URI_V4": "http://169.254.170.2/v4/1",
	}))
	require.NoError(t, err)
	assert.Equal(t, config.Config{
		Host: "::1", Port: 1, Environment: "development", LogLevel: slog.LevelError, Shutdown: time.Second,
		StopTimeout: 2 * time.Second, Idle: 4100 * time.Second, Faults: true, FaultsToken: "0123456789abcdef",
		Deployment: "blue", MetadataURI: "http://169.254.170.2/v4/1",
	}, cfg)
	assert.Equal(t, "[::1]:1", cfg.Address())
}

func TestMistakes(t *testing.T) {
	for name, c := range map[string]struct {
		env  map[string]string
		want []string
	}{
		"port": {map[string]string{"PORT": "0"}, []string{`PORT: is "0", want a whole number from 1 to 65535`}},
		"host": {map[string]string{"LISTEN_HOST": "localhost"}, []string{`LISTEN_HOST: is "localhost", want an IP address, or nothing for every address`}},
		"idle timeout below the load balancer's": {
			map[string]string{"IDLE_SECONDS": "60"},
			[]string{`IDLE_SECONDS: is "60", want a whole number from 61 to 4100`},
		},
		"drain beyond the stop timeout": {
			map[string]string{"DRAIN_SECONDS": "38"},
			[]string{"DRAIN_SECONDS: is 38, with SHUTDOWN_SECONDS (7) not less than STOP_TIMEOUT_SECONDS (45), after which the process is killed"},
		},
		"drain is not held against a bad stop timeout": {
			map[string]string{"STOP_TIMEOUT_SECONDS": "500", "DRAIN_SECONDS": "100"},
			[]string{`STOP_TIMEOUT_SECONDS: is "500", want a whole number from 2 to 120`},
		},
		"faults in production": {
			map[string]string{"FAULTS": "on", "FAULTS_TOKEN": "0123456789abcdef", "ENVIRONMENT": "production"},
			[]string{"FAULTS: is on, want off unless ENVIRONMENT is development (it is production, its default)"},
		},
		"faults where nobody says what it is": {
			map[string]string{"FAULTS": "on", "FAULTS_TOKEN": "0123456789abcdef"},
			[]string{"FAULTS: is on, want off unless ENVIRONMENT is development (it is production, its default)"},
		},
		"faults for everybody": {
			map[string]string{"FAULTS": "on", "FAULTS_TOKEN": "short", "ENVIRONMENT": "development"},
			[]string{"FAULTS_TOKEN: has 5 characters, want at least 16 while FAULTS is on"},
		},
		"all at once": {
			map[string]string{"PORT": "http", "ENVIRONMENT": "prod", "LOG_LEVEL": "INFO", "FAULTS": "yes", "ECS_CONTAINER_METADATA_URI_V4": "file:///etc/passwd"},
			[]string{
				`PORT: is "http", want a whole number from 1 to 65535`,
				`ENVIRONMENT: is "prod", want development or production`,
				`LOG_LEVEL: is "INFO", want debug or info or warn or error`,
				`FAULTS: is "yes", want off or on`,
				`ECS_CONTAINER_METADATA_URI_V4: is "file:///etc/passwd", want an http address`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			cfg, err := config.Load(from(c.env))
			var all *config.Error
			require.ErrorAs(t, err, &all)
			assert.Equal(t, c.want, all.Problems)
			assert.Zero(t, cfg)
		})
	}
}

func TestLoopback(t *testing.T) {
	for host, want := range map[string]string{
		"": "127.0.0.1:80", "0.0.0.0": "127.0.0.1:80", "::": "127.0.0.1:80", "127.0.0.2": "127.0.0.2:80", "::1": "[::1]:80",
	} {
		assert.Equal(t, want, config.Config{Host: host, Port: 80}.Loopback(), host)
	}
}
