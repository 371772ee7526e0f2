package parts_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/parts"
	"evenkeel/internal/local/parts/motocmd"
)

type logged struct{ t *testing.T }

func (l logged) Step(name string)         { l.t.Log(name) }
func (l logged) Done(name, detail string) { l.t.Logf("%s: %s", name, detail) }

// steps keeps what was announced.
type steps []string

func (s *steps) Step(name string)  { *s = append(*s, name) }
func (*steps) Done(string, string) {}

// TestThisMachine prepares the local engine of this checkout. The first run
// may download or build for minutes.
func TestThisMachine(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: may build for minutes")
	}
	ctx := context.Background()
	s, err := parts.Find(ctx, parts.Options{Root: root, Progress: logged{t}})
	if err != nil && os.Getenv("CI") == "" {
		t.Skipf("this machine can't run the local engine: %v", err)
	}
	require.NoError(t, err)

	t.Run("has nothing to do the second time", func(t *testing.T) {
		var done steps
		again, err := parts.Find(ctx, parts.Options{Root: root, Progress: &done})
		require.NoError(t, err)
		assert.Empty(t, done, "everything that takes more than a moment is a step")
		for i, p := range again.Parts() {
			assert.Equal(t, s.Parts()[i].Path, p.Path, p.Name)
		}
	})
	t.Run("Pulumi finds the plugin", func(t *testing.T) {
		home := t.TempDir()
		t.Setenv("HOME", home)
		cmd, err := s.PulumiCommand()
		require.NoError(t, err)
		out, _, _, err := cmd.Run(ctx, t.TempDir(), nil, nil, nil, nil, "version")
		require.NoError(t, err)
		assert.Equal(t, "v"+s.Pulumi.Version+"\n", out)
		out, _, _, err = cmd.Run(ctx, t.TempDir(), nil, nil, nil, nil, "plugin", "ls", "--json")
		require.NoError(t, err)
		assert.Contains(t, out, `"version": "`+parts.AWSPluginVersion+`"`)
		assert.NoDirExists(t, filepath.Join(home, ".pulumi"), "the user's Pulumi home is left alone")
	})
	t.Run("moto answers", func(t *testing.T) { assertMotoAnswers(t, s) })
}

func assertMotoAnswers(t *testing.T, s *parts.Set) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	port := l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	argv := motocmd.On(s.Moto.Command, port)
	cmd := exec.Command(argv[0], argv[1:]...)
	require.NoError(t, cmd.Start())
	defer func() {
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		_ = cmd.Wait()
	}()
	require.Eventually(t, func() bool {
		resp, err := http.Get("http://127.0.0.1:" + strconv.Itoa(port) + "/moto-api/")
		if err != nil {
			return false
		}
		defer resp.Body.Close()
		return resp.StatusCode == http.StatusOK
	}, 30*time.Second, 100*time.Millisecond)
}
