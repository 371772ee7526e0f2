package service

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"evenkeel/internal/check"
)

// Timing of the container's own health check. A start period keeps failures
// of a starting container from counting.
const (
	healthIntervalSeconds    = 10
	healthTimeoutSeconds     = 5
	healthRetries            = 3
	healthStartPeriodSeconds = 15
)

// logBuffer is how much output is kept in memory until CloudWatch has taken
// it. What exceeds it is dropped: without non-blocking mode, a full buffer
// would stop the container instead. ECS's own default is 10m; bursts of a busy
// API are larger, and the memory is only used when CloudWatch is slow.
// https://aws.amazon.com/blogs/containers/preventing-log-loss-with-non-blocking-mode-in-the-awslogs-container-log-driver/
const logBuffer = "25m"

// mount is a writable path in the container.
type mount struct{ volume, path string }

// mounts are the writable paths, and thereby the task's volumes.
func mounts(exec bool) []mount {
	out := []mount{{"tmp", "/tmp"}}
	if exec {
		// What the agent behind ECS Exec writes to.
		// https://github.com/aws/containers-roadmap/issues/1359
		out = append(out,
			mount{"exec-agent", "/managed-agents"},
			mount{"exec-state", "/var/lib/amazon/ssm"},
			mount{"exec-logs", "/var/log/amazon/ssm"},
		)
	}
	return out
}

// container is everything that the container definition depends on.
type container struct {
	name, image, user string
	port, stopTimeout int
	command           []string
	healthCommand     []string
	environment       map[string]string
	secrets           map[string]string
	logGroup, region  string
	exec              bool
}

var digestPattern = regexp.MustCompile(`.@sha256:[0-9a-f]{64}$`)

// The types below are ECS's, with what this product uses of them:
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
//
// The provider compares the text that it sent with what AWS returns, and a
// difference replaces the task definition and with it every task. So the text
// has AWS's own form: fields and list entries sorted by name, lists that AWS
// returns even when they are empty present and empty (environment,
// mountPoints, systemControls, volumesFrom, capabilities.add), lists that it
// leaves out when they are empty left out (secrets, command), and the values
// that it fills in written out (hostPort, protocol, essential).
type (
	containerDefinition struct {
		Command                []string         `json:"command,omitempty"`
		Environment            []variable       `json:"environment"`
		Essential              bool             `json:"essential"`
		HealthCheck            *healthCheck     `json:"healthCheck,omitempty"`
		Image                  string           `json:"image"`
		LinuxParameters        linuxParameters  `json:"linuxParameters"`
		LogConfiguration       logConfiguration `json:"logConfiguration"`
		MountPoints            []mountPoint     `json:"mountPoints"`
		Name                   string           `json:"name"`
		PortMappings           []portMapping    `json:"portMappings"`
		ReadonlyRootFilesystem bool             `json:"readonlyRootFilesystem"`
		Secrets                []secretVariable `json:"secrets,omitempty"`
		StopTimeout            int              `json:"stopTimeout"`
		SystemControls         []struct{}       `json:"systemControls"`
		User                   string           `json:"user"`
		VolumesFrom            []struct{}       `json:"volumesFrom"`
	}
	variable struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	}
	secretVariable struct {
		Name      string `json:"name"`
		ValueFrom string `json:"valueFrom"`
	}
	healthCheck struct {
		Command     []string `json:"command"`
		Interval    int      `json:"interval"`
		Retries     int      `json:"retries"`
		StartPeriod int      `json:"startPeriod"`
		Timeout     int      `json:"timeout"`
	}
	linuxParameters struct {
		Capabilities       capabilities `json:"capabilities"`
		InitProcessEnabled bool         `json:"initProcessEnabled"`
	}
	capabilities struct {
		Add  []string `json:"add"`
		Drop []string `json:"drop"`
	}
	logConfiguration struct {
		LogDriver string            `json:"logDriver"`
		Options   map[string]string `json:"options"`
	}
	mountPoint struct {
		ContainerPath string `json:"containerPath"`
		ReadOnly      bool   `json:"readOnly"`
		SourceVolume  string `json:"sourceVolume"`
	}
	portMapping struct {
		ContainerPort int    `json:"containerPort"`
		HostPort      int    `json:"hostPort"`
		Protocol      string `json:"protocol"`
	}
)

// containerDefinitions renders the task's only container. It refuses an image
// without a digest, because a tag can be moved to another image after the
// deployment was checked.
func containerDefinitions(c container) (string, error) {
	if !digestPattern.MatchString(c.image) {
		return "", &check.Error{Path: "Image", Detail: fmt.Sprintf(
			"is %q, want a reference by digest, such as <repository>@sha256:<64 hexadecimal digits>", c.image)}
	}
	def := containerDefinition{
		Command:     c.command,
		Environment: []variable{},
		Essential:   true,
		HealthCheck: healthCheckOf(c.healthCommand),
		Image:       c.image,
		LinuxParameters: linuxParameters{
			Capabilities:       capabilities{Add: []string{}, Drop: []string{"ALL"}},
			InitProcessEnabled: true,
		},
		LogConfiguration: logConfiguration{LogDriver: "awslogs", Options: map[string]string{
			"awslogs-group":         c.logGroup,
			"awslogs-region":        c.region,
			"awslogs-stream-prefix": c.name,
			"max-buffer-size":       logBuffer,
			"mode":                  "non-blocking",
		}},
		Name: c.name,
		// awsvpc networking knows no other host port than the container's.
		PortMappings:           []portMapping{{ContainerPort: c.port, HostPort: c.port, Protocol: "tcp"}},
		ReadonlyRootFilesystem: true,
		StopTimeout:            c.stopTimeout,
		SystemControls:         []struct{}{},
		User:                   c.user,
		VolumesFrom:            []struct{}{},
	}
	for _, name := range slices.Sorted(maps.Keys(c.environment)) {
		def.Environment = append(def.Environment, variable{Name: name, Value: c.environment[name]})
	}
	for _, name := range slices.Sorted(maps.Keys(c.secrets)) {
		def.Secrets = append(def.Secrets, secretVariable{Name: name, ValueFrom: c.secrets[name]})
	}
	for _, m := range mounts(c.exec) {
		def.MountPoints = append(def.MountPoints, mountPoint{ContainerPath: m.path, SourceVolume: m.volume})
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false) // a "&" in a variable stays readable in previews
	if err := enc.Encode([]containerDefinition{def}); err != nil {
		return "", fmt.Errorf("render container definition: %w", err)
	}
	return string(bytes.TrimSuffix(b.Bytes(), []byte("\n"))), nil
}

// healthCheckOf completes a command with the word that ECS wants in front.
func healthCheckOf(command []string) *healthCheck {
	if len(command) == 0 {
		return nil
	}
	if command[0] != "CMD" && command[0] != "CMD-SHELL" {
		command = append([]string{"CMD"}, command...)
	}
	return &healthCheck{
		Command: command, Interval: healthIntervalSeconds, Retries: healthRetries,
		StartPeriod: healthStartPeriodSeconds, Timeout: healthTimeoutSeconds,
	}
}
