package gateway_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
	"evenkeel/internal/local/parts/motocmd"
)

const account = "123456789012"

// motoURL and motoLog belong to the one moto that the tests of this package
// share; they tell their resources apart by name.
var motoURL, motoLog string

func TestMain(m *testing.M) {
	stop, err := startMoto()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	stop()
	os.Exit(code)
}

func motoCommand() []string {
	if given := strings.Fields(os.Getenv("EVENKEEL_MOTO")); len(given) > 0 {
		return motocmd.Complete(given)
	}
	path, err := exec.LookPath("moto_server")
	if err != nil {
		return nil
	}
	return motocmd.Complete([]string{path})
}

// startMoto leaves motoURL empty when there is no moto; needMoto then decides.
func startMoto() (stop func(), err error) {
	command := motoCommand()
	if command == nil {
		return func() {}, nil
	}
	dir, err := os.MkdirTemp("", "evenkeel-gateway")
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "moto.log"))
	if err != nil {
		return nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	command = motocmd.On(command, port)
	c := exec.Command(command[0], command[1:]...)
	c.Env = append(os.Environ(), "MOTO_IAM_LOAD_MANAGED_POLICIES=true", "MOTO_ACCOUNT_ID="+account)
	c.Stdout, c.Stderr, c.Dir = log, log, dir
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := c.Start(); err != nil {
		return nil, err
	}
	motoURL, motoLog = "http://127.0.0.1:"+strconv.Itoa(port), log.Name()
	return func() {
		_ = syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		_ = c.Wait()
		_ = os.RemoveAll(dir)
	}, waitFor(motoURL + "/moto-api/data.json")
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(port)
}

func waitFor(address string) error {
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if answer, err := http.Get(address); err == nil {
			return answer.Body.Close()
		}
	}
	return errors.New("moto does not answer at " + address)
}

// emulated is a gateway in front of moto, or of a server that plays moto.
type emulated struct {
	*gateway.Gateway
	url, calls string
}

// overMoto puts a new gateway in front of the shared moto. Without a moto the
// test is skipped, and fails in CI.
func overMoto(t *testing.T) emulated {
	t.Helper()
	if motoURL == "" {
		const how = `no moto: install it (pip install "moto[server]==5.2.1") or set EVENKEEL_MOTO, for example to "python3 -m moto.server"`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return over(t, motoURL, motoLog)
}

func over(t *testing.T, upstream, log string) emulated {
	t.Helper()
	return overAt(t, upstream, log, nil)
}

// overAt is over with a clock, by which deployments are played.
func overAt(t *testing.T, upstream, log string, now func() time.Time) emulated {
	t.Helper()
	u, err := url.Parse(upstream)
	require.NoError(t, err)
	calls := filepath.Join(t.TempDir(), "calls.jsonl")
	g, err := gateway.New(gateway.Options{
		Upstream: u, CallsFile: calls, MotoLog: log, AccountID: account, Token: "the token", Now: now,
		Identity: gateway.Identity{ID: "one", Stack: "dev", PID: 1, MotoPID: 2},
	})
	require.NoError(t, err)
	server := httptest.NewServer(g)
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, g.Close())
	})
	return emulated{g, server.URL, calls}
}

// config is what an AWS client needs to reach the gateway. Retries are left as
// they are by default, as refused calls must not trigger them.
func (e emulated) config() aws.Config {
	return aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(e.url),
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
}

// last returns the newest recorded call of an operation.
func (e emulated) last(t *testing.T, name string) gateway.Call {
	t.Helper()
	calls, err := gateway.ReadCalls(e.calls)
	require.NoError(t, err)
	for i := len(calls) - 1; i >= 0; i-- {
		if calls[i].Name() == name {
			return calls[i]
		}
	}
	require.Failf(t, "call not recorded", "%s is not among %d calls", name, len(calls))
	return gateway.Call{}
}

// unique makes a name that no other test on the shared moto has.
func unique(t *testing.T) string {
	t.Helper()
	name := strings.ToLower(strings.NewReplacer("/", "-", "_", "-").Replace(t.Name()))
	return name[:min(len(name), 30)] + fmt.Sprintf("-%d", time.Now().UnixNano()%1_000_000)
}

// quick bounds a call that must not be retried.
func quick(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	t.Cleanup(cancel)
	return ctx
}
