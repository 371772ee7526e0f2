package bootstrap_test

import (
	"bytes"
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
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/bootstrap"
	"evenkeel/internal/local/gateway"
	"evenkeel/internal/local/parts/motocmd"
	"evenkeel/internal/project"
)

const (
	account = "123456789012"
	region  = "eu-west-1"
)

// motoURL belongs to the one moto that the tests share; each starts it empty.
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

func startMoto() (stop func(), err error) {
	command := motocmd.Complete(strings.Fields(os.Getenv("EVENKEEL_MOTO")))
	if os.Getenv("EVENKEEL_MOTO") == "" {
		path, err := exec.LookPath("moto_server")
		if errors.Is(err, exec.ErrNotFound) {
			return func() {}, nil // emulated then decides
		}
		if err != nil {
			return nil, err
		}
		command = motocmd.Complete([]string{path})
	}
	dir, err := os.MkdirTemp("", "evenkeel-bootstrap")
	if err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(dir, "moto.log"))
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	port := l.Addr().(*net.TCPAddr).Port
	if err := l.Close(); err != nil {
		return nil, err
	}
	command = motocmd.On(command, port)
	c := exec.Command(command[0], command[1:]...)
	// Without MOTO_ACCOUNT_ID, which would make all accounts one.
	c.Env = slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "MOTO_") })
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

func waitFor(address string) error {
	for end := time.Now().Add(90 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if answer, err := http.Get(address); err == nil {
			return answer.Body.Close()
		}
	}
	return errors.New("moto does not answer at " + address)
}

// emulated is an empty AWS account behind the gateway, and in front of that
// what the test wants AWS to refuse.
type emulated struct {
	t      *testing.T
	url    string
	calls  string
	config aws.Config
	s3     *s3.Client
	kms    *kms.Client
	deny   func(*http.Request) bool
	// answer plays what moto does not; false leaves a call to moto.
	answer func(http.ResponseWriter, *http.Request) bool
}

func emulate(t *testing.T) *emulated {
	t.Helper()
	if motoURL == "" {
		const how = `no moto: install it (pip install "moto[server]==5.2.1") or set EVENKEEL_MOTO, for example to "python3 -m moto.server"`
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	answer, err := http.Post(motoURL+"/moto-api/reset", "", nil)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	upstream, err := url.Parse(motoURL)
	require.NoError(t, err)
	e := &emulated{t: t, calls: filepath.Join(t.TempDir(), "calls.jsonl")}
	g, err := gateway.New(gateway.Options{
		Upstream: upstream, CallsFile: e.calls, MotoLog: motoLog, AccountID: account, Token: "the token",
		Identity: gateway.Identity{ID: "one", Stack: "dev", PID: 1, MotoPID: 2},
	})
	require.NoError(t, err)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if e.deny != nil && e.deny(r) {
			refuse(w, r)
			return
		}
		if e.answer != nil && e.answer(w, r) {
			return
		}
		g.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		server.Close()
		require.NoError(t, g.Close())
	})
	e.url = server.URL
	e.config = e.as("AKIDEXAMPLE", "secret", "")
	e.s3, e.kms = s3.NewFromConfig(e.config), kms.NewFromConfig(e.config)
	return e
}

// as is a user's own configuration: the default chain, pointed at the emulator by
// AWS_ENDPOINT_URL.
func (e *emulated) as(id, secret, token string) aws.Config {
	e.t.Helper()
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": e.url, "AWS_ACCESS_KEY_ID": id, "AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": token,
		"AWS_PROFILE": "", "AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull,
	} {
		e.t.Setenv(name, value)
	}
	c, err := config.LoadDefaultConfig(context.Background(), config.WithRegion(region))
	require.NoError(e.t, err)
	return c
}

// other is a configuration for another account.
func (e *emulated) other() aws.Config {
	e.t.Helper()
	out, err := sts.NewFromConfig(e.config).AssumeRole(context.Background(), &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::222222222222:role/theirs"), RoleSessionName: aws.String("theirs"),
	})
	require.NoError(e.t, err)
	c := out.Credentials
	return e.as(aws.ToString(c.AccessKeyId), aws.ToString(c.SecretAccessKey), aws.ToString(c.SessionToken))
}

// refuse answers as AWS does when a right is missing.
func refuse(w http.ResponseWriter, r *http.Request) {
	const message = "User: arn:aws:sts::123456789012:user/moto is not authorized to perform this"
	if target := r.Header.Get("X-Amz-Target"); target != "" {
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		w.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(w, `{"__type":"AccessDeniedException","Message":%q}`, message)
		return
	}
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(http.StatusForbidden)
	if r.Method == http.MethodPost { // IAM
		fmt.Fprintf(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>%s</Message></Error></ErrorResponse>`, message)
		return
	}
	if r.Method != http.MethodHead {
		fmt.Fprintf(w, `<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>%s</Message></Error>`, message)
	}
}

// recorded returns the names of the calls since the last time, each once.
func (e *emulated) recorded() []string {
	e.t.Helper()
	calls, err := gateway.ReadCalls(e.calls)
	require.NoError(e.t, err)
	var out []string
	for _, c := range calls {
		out = append(out, c.Name())
	}
	return out
}

func options(t *testing.T) bootstrap.Options {
	t.Helper()
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), []byte("name: evenkeel\nruntime: go\n"), 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.dev.yaml"), []byte("config: {}\n"), 0o600))
	p, err := project.Find(dir)
	require.NoError(t, err)
	s, err := p.Stack("dev")
	require.NoError(t, err)
	return bootstrap.Options{
		Project: p, Stack: s, Region: region, AccountIDs: []string{account},
		Tags: map[string]string{"Team": "payments"}, Progress: &bytes.Buffer{},
		GitHub: bootstrap.GitHub{Environment: "dev", Branch: "main"},
	}
}
