package workload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"evenkeel/internal/local/emulator"
)

// Options says what to start.
type Options struct {
	// Executable is the program that has Command below its "local" command.
	Executable string
	// Dir is the stack's folder.
	Dir string
	// Package is what was built, Program the result.
	Package *Package
	Program string
	// Definition is what the stack says about it.
	Definition *Definition
	// Environ is the API's whole environment, Port the port in it.
	Environ []string
	Port    int
	// Emulator is the process that the API must not outlive.
	Emulator emulator.Process
}

// startLimit is how long an API may take until it is healthy. Only a test
// changes it.
var startLimit = 30 * time.Second

// Start starts the API in the background and returns when its health check
// answers 200. Otherwise nothing is left running, and the error has the end of
// the log. Whoever calls it has stopped an earlier one.
func Start(ctx context.Context, o Options) (*Instance, error) {
	i := Instance{
		ID: uuid.NewString(), Package: o.Package.Name, TaskDefinition: o.Definition.TaskDefinition,
		HealthPath: o.Definition.HealthPath, URL: "http://" + net.JoinHostPort(loopback, strconv.Itoa(o.Port)),
	}
	options, err := json.Marshal(ServeOptions{
		Instance: i, Dir: o.Dir, Program: o.Program, WorkDir: o.Package.Dir, Args: o.Definition.Command, Emulator: o.Emulator,
	})
	if err != nil {
		return nil, fmt.Errorf("start the API: %w", err)
	}
	log, err := newLog(filepath.Join(o.Dir, LogFile))
	if err != nil {
		return nil, fmt.Errorf("start the API: %w", err)
	}
	defer log.Close()
	c := exec.Command(o.Executable, append(append([]string{}, command...), "--options", string(options))...)
	c.Dir, c.Stdout, c.Stderr, c.Env = o.Dir, log, log, o.Environ
	// Its own session: Ctrl-C in the terminal is for the command in front.
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start the API: %w", err)
	}
	ended := make(chan struct{})
	go func() {
		_ = c.Wait() // the log and api.json say more
		close(ended)
	}()
	out, err := waitHealthy(ctx, o, i.ID, ended)
	if err != nil {
		_ = c.Process.Signal(syscall.SIGTERM) // it may have ended by itself
		<-ended
		return nil, fmt.Errorf("start the API (%s): %w%s", o.Package.Name, err, logTail(filepath.Join(o.Dir, LogFile)))
	}
	return out, nil
}

// newLog begins a new log. The last one is kept, because it may say why the
// API had to be started again.
func newLog(file string) (*os.File, error) {
	if err := os.Rename(file, file+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_WRONLY|os.O_APPEND, 0o600)
}

// client speaks to loopback addresses only, so it never asks for a proxy.
var client = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 2 * time.Second}

func waitHealthy(ctx context.Context, o Options, id string, ended <-chan struct{}) (*Instance, error) {
	limit := time.After(startLimit)
	answer := "nothing"
	for {
		i, err := Find(o.Dir)
		if err != nil {
			return nil, err
		}
		if i != nil && i.ID == id && i.Running() {
			status := health(ctx, i.URL+o.Definition.HealthPath)
			// A stranger may answer on the port of an API that could not get it.
			if status == http.StatusOK && i.Running() {
				return i, nil
			}
			if status != 0 {
				answer = strconv.Itoa(status)
			}
		}
		select {
		case <-ended:
			return nil, errors.New(howEnded(o.Dir, id) + " before its health check " + o.Definition.HealthPath + " answered 200")
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-limit:
			return nil, fmt.Errorf("its health check %s answered %s after %s, want 200; it was stopped", o.Definition.HealthPath, answer, startLimit)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func howEnded(dir, id string) string {
	if i, err := Find(dir); err == nil && i != nil && i.ID == id && i.Ended != "" {
		return "it ended (" + i.Ended + ")"
	}
	return "it did not start"
}

// health returns the status that a URL answers with, 0 when it does not.
func health(ctx context.Context, url string) int {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0
	}
	defer answer.Body.Close()
	return answer.StatusCode
}

// logTail is the end of a log to put behind an error; empty if there is none.
func logTail(file string) string {
	raw, err := os.ReadFile(file)
	text := strings.TrimSpace(string(raw))
	if err != nil || text == "" {
		return ", without a word in its log"
	}
	var b strings.Builder
	r := Renderer{}
	for _, line := range strings.Split(lastLines(text, 12), "\n") {
		b.WriteString("\n  " + r.Line(line))
	}
	return "\nthe end of its log:" + b.String()
}

// ChoosePort returns the wanted port of 127.0.0.1 if it can be listened on, else
// a free one and the reason. Another process may take it before the API does;
// the API then says so in its log.
func ChoosePort(want int) (port int, why string, err error) {
	port, err = tryPort(want)
	if err == nil {
		return port, "", nil
	}
	why = "is in use by another process"
	if errors.Is(err, syscall.EACCES) {
		why = "is only for a privileged user"
	}
	if port, err = tryPort(0); err != nil {
		return 0, "", fmt.Errorf("find a free port on %s: %w", loopback, err)
	}
	return port, fmt.Sprintf("port %d %s", want, why), nil
}

func tryPort(port int) (int, error) {
	l, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(port)))
	if err != nil {
		return 0, err
	}
	address, ok := l.Addr().(*net.TCPAddr)
	if err := l.Close(); err != nil || !ok {
		return 0, errors.Join(err, errors.New("no port"))
	}
	return address.Port, nil
}
