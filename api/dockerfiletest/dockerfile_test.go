package dockerfiletest_test

import (
	"bytes"
	"go/version"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/linter"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const dockerfile = "../Dockerfile"

// parse returns the stages of a Dockerfile, and the findings of BuildKit's
// checks at the level of single instructions.
func parse(t *testing.T, text []byte) ([]instructions.Stage, []string) {
	t.Helper()
	result, err := parser.Parse(bytes.NewReader(text))
	require.NoError(t, err)
	var findings []string
	for _, w := range result.Warnings {
		findings = append(findings, w.Short)
	}
	stages, _, err := instructions.Parse(result.AST, linter.New(&linter.Config{
		Warn: func(rule, _, _, msg string, _ []parser.Range) { findings = append(findings, rule+": "+msg) },
	}))
	require.NoError(t, err)
	return stages, findings
}

func read(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile(dockerfile)
	require.NoError(t, err)
	return text
}

// all returns the instructions of one type in a stage.
func all[T instructions.Command](s instructions.Stage) []T {
	var found []T
	for _, c := range s.Commands {
		if typed, ok := c.(T); ok {
			found = append(found, typed)
		}
	}
	return found
}

// one returns the only instruction of its type in a stage.
func one[T instructions.Command](t *testing.T, s instructions.Stage) T {
	t.Helper()
	found := all[T](s)
	require.Len(t, found, 1, "instructions of type %T", *new(T))
	return found[0]
}

func TestBuildKitFindsNothingToWarnAbout(t *testing.T) {
	stages, findings := parse(t, read(t))
	assert.Empty(t, findings)
	assert.Len(t, stages, 2)
}

func TestTheCheckerSeesWarnings(t *testing.T) {
	_, findings := parse(t, []byte("FROM scratch as Build\nMAINTAINER somebody\n"))
	assert.NotEmpty(t, findings)
}

func TestEveryBaseImageIsPinned(t *testing.T) {
	stages, _ := parse(t, read(t))
	pinned := regexp.MustCompile(`^[a-z0-9./-]+:[a-z0-9.-]+@sha256:[0-9a-f]{64}$`)
	for _, s := range stages {
		assert.Regexp(t, pinned, s.BaseName)
		for _, c := range all[*instructions.CopyCommand](s) {
			assert.Contains(t, []string{"", "build"}, c.From, "COPY --from an image that nothing pins")
		}
		for _, c := range all[*instructions.AddCommand](s) {
			assert.Fail(t, "ADD can download what nothing pins", "%v", c)
		}
	}
}

// The comment says how to verify the digests: those that are used.
func TestCommentNamesTheDigestsThatAreUsed(t *testing.T) {
	text := read(t)
	stages, _ := parse(t, text)
	for _, s := range stages {
		tagged, digest, _ := strings.Cut(s.BaseName, "@")
		name := tagged[:strings.LastIndexByte(tagged, ':')]
		assert.Contains(t, string(text), "#   docker buildx imagetools inspect "+name+"@"+digest+"\n")
		assert.Contains(t, string(text), "#   docker buildx imagetools inspect --format '{{.Manifest.Digest}}' "+tagged+"\n")
	}
}

// GOTOOLCHAIN=local: the image's Go has to do.
func TestBaseImageHasTheGoThatTheModuleNeeds(t *testing.T) {
	stages, _ := parse(t, read(t))
	tagged, _, _ := strings.Cut(stages[0].BaseName, "@")
	module, err := os.ReadFile("../../go.mod")
	require.NoError(t, err)
	for line := range strings.Lines(string(module)) {
		if needed, ok := strings.CutPrefix(line, "go "); ok {
			has := "go" + strings.TrimPrefix(tagged, "golang:")
			require.True(t, version.IsValid(has), has)
			assert.GreaterOrEqual(t, version.Compare(has, "go"+strings.TrimSpace(needed)), 0, "%s, go.mod needs %s", tagged, needed)
			return
		}
	}
	assert.Fail(t, "go.mod names no version")
}

func TestBuildStage(t *testing.T) {
	stages, _ := parse(t, read(t))
	build := stages[0]
	assert.Equal(t, "build", build.Name)
	assert.Equal(t, "$BUILDPLATFORM", build.Platform, "an emulated build takes minutes")

	args := map[string]bool{}
	for _, a := range all[*instructions.ArgCommand](build) {
		for _, kv := range a.Args {
			args[kv.Key] = true
		}
	}
	assert.Equal(t, map[string]bool{"TARGETOS": true, "TARGETARCH": true, "VERSION": true}, args)

	compile := strings.Join(all[*instructions.RunCommand](build)[0].CmdLine, " ")
	for _, want := range []string{
		"CGO_ENABLED=0", `GOOS="$TARGETOS"`, `GOARCH="$TARGETARCH"`, "GOPROXY=off", "-trimpath",
		"-X evenkeel/api/internal/buildinfo.version=$VERSION", "-o /out/api ./api",
	} {
		assert.Contains(t, compile, want)
	}
}

func TestFinalStage(t *testing.T) {
	stages, _ := parse(t, read(t))
	final := stages[len(stages)-1]

	assert.True(t, strings.HasPrefix(final.BaseName, "gcr.io/distroless/static:nonroot@"),
		"%s: want an image without shell and package manager", final.BaseName)
	assert.Empty(t, final.Platform, "the target's platform is the default")
	assert.Empty(t, all[*instructions.RunCommand](final), "there is no shell to run anything, and nothing to run")

	assert.Equal(t, "65532:65532", one[*instructions.UserCommand](t, final).User)
	assert.Equal(t, []string{"/tmp"}, one[*instructions.VolumeCommand](t, final).Volumes)
	assert.Equal(t, "SIGTERM", one[*instructions.StopSignalCommand](t, final).Signal)

	files := one[*instructions.CopyCommand](t, final)
	assert.Equal(t, "build", files.From)
	assert.Equal(t, []string{"/out/"}, files.SourcePaths)
	assert.Equal(t, "/", files.DestPath)

	cmd := one[*instructions.CmdCommand](t, final)
	assert.False(t, cmd.PrependShell, "CMD needs its JSON form")
	assert.Equal(t, []string{"/api", "serve"}, []string(cmd.CmdLine))
	assert.Empty(t, all[*instructions.EntrypointCommand](final), "the task definition's command replaces CMD as a whole")

	env, port := one[*instructions.EnvCommand](t, final).Env, one[*instructions.ExposeCommand](t, final).Ports
	require.Len(t, env, 1)
	assert.Equal(t, "PORT", env[0].Key)
	assert.Equal(t, []string{env[0].Value}, port)
	number, err := strconv.Atoi(env[0].Value)
	require.NoError(t, err)
	assert.Greater(t, number, 1023, "lower ports take a capability")
}

func TestHealthCheckIsTheBinaryItself(t *testing.T) {
	stages, _ := parse(t, read(t))
	h := one[*instructions.HealthCheckCommand](t, stages[len(stages)-1]).Health
	assert.Equal(t, []string{"CMD", "/api", "health"}, h.Test)
	assert.Equal(t, 10*time.Second, h.Interval)
	assert.Equal(t, 5*time.Second, h.Timeout)
	assert.Equal(t, 15*time.Second, h.StartPeriod)
	assert.Equal(t, 3, h.Retries)
}

func TestLabels(t *testing.T) {
	stages, _ := parse(t, read(t))
	labels := map[string]string{}
	for _, kv := range one[*instructions.LabelCommand](t, stages[len(stages)-1]).Labels {
		labels[strings.Trim(kv.Key, `"`)] = strings.Trim(kv.Value, `"`)
	}
	for _, key := range []string{"title", "description", "licenses", "version", "revision"} {
		assert.NotEmpty(t, labels["org.opencontainers.image."+key], key)
	}
	assert.Equal(t, "$VERSION", labels["org.opencontainers.image.version"])
}

// The volume's owner and mode are those of the directory when it is declared.
func TestVolumeIsDeclaredLast(t *testing.T) {
	stages, _ := parse(t, read(t))
	commands := stages[len(stages)-1].Commands
	assert.Equal(t, "VOLUME", commands[len(commands)-1].Name())
}
