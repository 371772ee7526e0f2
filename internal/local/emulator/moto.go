package emulator

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"time"

	"evenkeel/internal/local/parts/motocmd"
)

// moto is the child process.
type moto struct {
	process Process
	port    int
	url     *url.URL
	// container says that the server is none of this process's children.
	container bool
	// ended is closed when the process has ended, whyEnded is set before.
	ended     chan struct{}
	whyEnded  error
	stopWatch func()
}

// portTries is how many ports moto is tried on. That another program takes one
// in the moment before moto does is rare; twice running it is something else.
const portTries = 3

// startMoto runs moto on a free port and returns when it answers. The error
// has the end of its log.
func startMoto(ctx context.Context, o ServeOptions) (*moto, error) {
	for try := 1; ; try++ {
		port, err := freePort()
		if err != nil {
			return nil, fmt.Errorf("start moto: %w", err)
		}
		m, err := launchMoto(o, port)
		if err != nil {
			return nil, fmt.Errorf("start moto: %w", err)
		}
		if err = m.waitReady(ctx); err == nil {
			return m, nil
		}
		m.stop()
		if try < portTries && taken(port) {
			fmt.Fprintf(os.Stderr, "start moto: another program has taken port %d meanwhile: trying another port\n", port)
			continue
		}
		return nil, fmt.Errorf("start moto (%s): %w%s", strings.Join(o.MotoCommand, " "), err, tail(filepath.Join(o.Dir, MotoLogFile)))
	}
}

// taken tells whether a process has the port.
func taken(port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return errors.Is(err, syscall.EADDRINUSE)
	}
	_ = l.Close() // nobody has it, and nobody gets it by this
	return false
}

// freePort asks the system for a port that nobody has. Another process may
// take it before moto does, see startMoto.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	address, ok := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil || !ok {
		return 0, errors.Join(err, errors.New("no free port on 127.0.0.1"))
	}
	return address.Port, nil
}

func launchMoto(o ServeOptions, port int) (*moto, error) {
	log, err := os.OpenFile(filepath.Join(o.Dir, MotoLogFile), os.O_CREATE|os.O_TRUNC|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	argv := motocmd.On(o.MotoCommand, port)
	c := exec.Command(argv[0], argv[1:]...)
	c.Dir, c.Stdout, c.Stderr = o.Dir, log, log
	c.Env = motoEnvironment(os.Environ(), o.AccountID)
	c.SysProcAttr = childAttributes()

	m := &moto{ended: make(chan struct{}), port: port, container: isContainer(argv[0]), url: &url.URL{Scheme: "http", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}}
	started := make(chan error)
	go func() {
		// Linux ends the child with the thread that started it, so that thread
		// must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.Start()
		started <- err
		if err == nil {
			m.whyEnded = c.Wait()
			if m.whyEnded == nil {
				m.whyEnded = errors.New("exit status 0")
			}
			close(m.ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	// A process that ended at once has no start time; waitReady will tell.
	m.process, _ = processOf(c.Process.Pid)
	m.stopWatch, err = watch(c.Process.Pid)
	if err != nil {
		m.stopWatch = func() {}
		m.stop()
		return nil, err
	}
	return m, nil
}

// motoEnvironment is the user's environment without anything that leads to
// their AWS account or changes what moto does.
func motoEnvironment(user []string, account string) []string {
	env := withoutAWS(user)
	return append(env,
		"MOTO_IAM_LOAD_MANAGED_POLICIES=true",
		"MOTO_ACCOUNT_ID="+account,
		"AWS_CONFIG_FILE="+os.DevNull,
		"AWS_SHARED_CREDENTIALS_FILE="+os.DevNull,
		"AWS_EC2_METADATA_DISABLED=true",
		// Moto's own botocore clients only ever speak to moto.
		"AWS_ACCESS_KEY_ID=emulator", "AWS_SECRET_ACCESS_KEY=emulator",
		"PYTHONUNBUFFERED=1",
	)
}

func withoutAWS(env []string) []string {
	var out []string
	for _, v := range env {
		name, _, _ := strings.Cut(v, "=")
		if strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "MOTO_") || name == "INITIAL_NO_AUTH_ACTION_COUNT" {
			continue
		}
		out = append(out, v)
	}
	return out
}

// motoTimeout bounds moto's start: 1 to 3 s when its files are cached, far more
// on a cold disk with busy cores.
const motoTimeout = 90 * time.Second

func (m *moto) waitReady(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, motoTimeout)
	defer cancel()
	begin := time.Now()
	for {
		if m.listens(begin) && m.answers(ctx) {
			return nil
		}
		select {
		case <-m.ended:
			return fmt.Errorf("it ended at once (%w)", m.whyEnded)
		case <-ctx.Done():
			return fmt.Errorf("it does not answer: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// strangerGrace is how long an answer from a process that is not moto's is held
// against it. A moto that finds its port taken ends sooner; one that goes on has
// its server elsewhere, such as in a container that a script started.
const strangerGrace = 20 * time.Second

// listener is who listens on a port: anybody, a process of a group, or another.
type listener int

const (
	unknown listener = iota
	nobody
	theGroup
	aStranger
)

// listens tells whether it is moto that would answer, so that nobody else is
// asked. begin is when it was started.
func (m *moto) listens(begin time.Time) bool {
	if m.container {
		return true
	}
	switch listening(m.process.PID, m.port) {
	case unknown, theGroup:
		return true
	case aStranger:
		return time.Since(begin) > strangerGrace
	case nobody:
	}
	return false
}

func isContainer(program string) bool {
	switch filepath.Base(program) {
	case "docker", "podman", "nerdctl":
		return true
	}
	return false
}

func (m *moto) answers(ctx context.Context) bool {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, m.url.String()+"/moto-api/data.json", nil)
	if err != nil {
		return false
	}
	answer, err := client.Do(r)
	if err != nil {
		return false
	}
	return answer.Body.Close() == nil && answer.StatusCode == http.StatusOK
}

// stop ends moto and what it may have started, and waits for it.
func (m *moto) stop() {
	m.stopWatch()
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGKILL} {
		select {
		case <-m.ended:
			return
		default:
		}
		// The group cannot have another owner while its leader was not waited for.
		_ = syscall.Kill(-m.process.PID, s)
		select {
		case <-m.ended:
			return
		case <-time.After(3 * time.Second):
		}
	}
}

// tail returns the end of a log to put behind an error; empty if there is none.
func tail(file string) string {
	b, err := os.ReadFile(file)
	if err != nil || len(strings.TrimSpace(string(b))) == 0 {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	if len(lines) > 15 {
		lines = lines[len(lines)-15:]
	}
	return "\nthe end of " + file + ":\n  " + strings.Join(lines, "\n  ")
}
