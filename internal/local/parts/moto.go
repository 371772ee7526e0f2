package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"evenkeel/internal/local/parts/motocmd"
)

const (
	motoName     = "moto"
	motoVariable = "EVENKEEL_MOTO"
	motoImage    = "motoserver/moto:" + MotoVersion
	pipLimit     = 10 * time.Minute
	dockerLimit  = 10 * time.Minute
)

// fitsMoto is true for every patch release of MotoVersion's minor version.
func fitsMoto(version string) bool {
	got, want := strings.Split(version, "."), strings.Split(MotoVersion, ".")
	return len(got) >= 3 && slices.Equal(got[:2], want[:2])
}

func (f *finder) inspectMoto(ctx context.Context) Part {
	if p, named := f.motoFromEnv(ctx); named {
		return p
	}
	var tried []string
	seen := map[string]bool{}
	for _, python := range f.interpreters() {
		if seen[python] {
			continue
		}
		seen[python] = true
		p, err := f.motoIn(ctx, python)
		if err == nil {
			if python == f.venvPython() {
				p.Source = SourceCache
			}
			return p
		}
		tried = append(tried, err.Error())
	}
	if len(tried) == 0 {
		tried = []string{"PATH: no moto_server, python3 or python"}
	}
	p, err := f.motoImageHere(ctx)
	if err == nil {
		return p
	}
	return absent(motoName, MotoVersion, append(tried, err.Error()))
}

// motoFromEnv takes the command in EVENKEEL_MOTO: the path of a program, or a
// command line whose words have no spaces. An interpreter is asked for its
// moto; any other program is taken at its word, and gets moto's own options for
// host and port unless "{port}" is in it.
func (f *finder) motoFromEnv(ctx context.Context) (p Part, named bool) {
	value := strings.TrimSpace(os.Getenv(motoVariable))
	if value == "" {
		return Part{}, false
	}
	argv := strings.Fields(value)
	if isExecutable(value) {
		argv = []string{value}
	}
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return absent(motoName, MotoVersion, []string{fmt.Sprintf("%s: %v", motoVariable, err)}), true
	}
	if len(argv) == 1 && isPython(path) {
		p, err := f.motoIn(ctx, path)
		if err != nil {
			return absent(motoName, MotoVersion, []string{fmt.Sprintf("%s: %v", motoVariable, err)}), true
		}
		p.Source = SourceEnv
		return p, true
	}
	argv[0] = path
	return Part{
		Name: motoName, Version: "unknown", Found: true, Path: path, Command: motocmd.Complete(argv),
		Source: SourceEnv, Detail: motoVariable,
	}, true
}

// motoImageHere is the container image where it has been pulled already.
//
// The docker command stays in the foreground, passes on SIGTERM and ends with
// its container, which --rm then removes; --init is there because a process 1
// without a handler ignores the signal. Killed instead, the command leaves the
// container running: `docker ps --filter ancestor=IMAGE` shows it. The container
// sees only the variables that are named, with the values that the command is
// started with. No test runs this with a Docker engine.
func (f *finder) motoImageHere(ctx context.Context) (Part, error) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		return Part{}, errors.New("docker: not on PATH")
	}
	if err := f.docker(ctx, 5*time.Second, docker, "image", "inspect", motoImage); err != nil {
		return Part{}, err
	}
	return Part{
		Name: motoName, Version: MotoVersion, Found: true, Source: SourceDocker, Detail: motoImage,
		Command: []string{
			docker, "run", "--rm", "--init", "-p", "127.0.0.1:" + motocmd.Port + ":5000",
			"-e", "MOTO_ACCOUNT_ID", "-e", "MOTO_IAM_LOAD_MANAGED_POLICIES",
			motoImage, "-H", "0.0.0.0", "-p", "5000",
		},
	}, nil
}

func (f *finder) docker(ctx context.Context, limit time.Duration, argv ...string) error {
	_, err := command{argv: argv, env: childEnviron(dockerVariables), limit: limit}.run(ctx)
	return err
}

func (f *finder) installMoto(ctx context.Context, p *Part) error {
	if p.Found {
		return nil
	}
	tried := []string{p.Why}
	if os.Getenv(motoVariable) == "" {
		for _, get := range []struct {
			source Source
			run    func(context.Context) error
		}{{SourceDownload, f.makeVenv}, {SourceDocker, f.pullMoto}} {
			err := get.run(ctx)
			if err == nil {
				if *p = f.inspectMoto(ctx); p.Found {
					return nil
				}
				err = errors.New(p.Why)
			}
			if hard(ctx, err) {
				return err
			}
			tried = append(tried, fmt.Sprintf("%s: %v", get.source, err))
		}
	}
	return &missingPart{Missing{
		Part: motoName + " " + MotoVersion, Tried: tried,
		Supply: f.supply(motoName),
	}}
}

// makeVenv installs moto in a virtual environment of the cache. The finished
// environment is moved into place: only its pip scripts mind, and moto is
// run as a module.
func (f *finder) makeVenv(ctx context.Context) (err error) {
	if f.net.offline {
		return errOffline
	}
	python, err := exec.LookPath("python3")
	if err != nil {
		if python, err = exec.LookPath("python"); err != nil {
			return errors.New("virtual environment: no python3 or python on PATH")
		}
	}
	const step = "installing moto " + MotoVersion + " in a Python environment of the cache, about a minute, once"
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "installed")) }()
	dir, remove, err := f.cache.scratch("venv")
	if err != nil {
		return err
	}
	defer remove()
	made := cache{dir: dir}
	steps := [][]string{
		{python, "-m", "venv", made.venv()},
		{
			(&finder{cache: made}).venvPython(), "-m", "pip", "install", "--no-input", "--disable-pip-version-check",
			"--timeout", "10", "--retries", "1", "moto[server]==" + MotoVersion,
		},
	}
	for _, argv := range steps {
		if _, err := (command{argv: argv, dir: dir, env: childEnviron(pythonVariables), limit: pipLimit}).run(ctx); err != nil {
			return f.cache.trouble(err)
		}
	}
	return f.cache.place(made.venv(), f.cache.venv())
}

func (f *finder) pullMoto(ctx context.Context) (err error) {
	docker, err := exec.LookPath("docker")
	if err != nil {
		return errors.New("not on PATH")
	}
	if err := f.docker(ctx, 5*time.Second, docker, "info", "--format", "{{.ServerVersion}}"); err != nil {
		return err
	}
	if f.net.offline {
		return errOffline
	}
	const step = "pulling the image " + motoImage
	f.progress.Step(step)
	defer func() { f.progress.Done(step, outcome(err, "pulled")) }()
	return f.docker(ctx, dockerLimit, docker, "pull", motoImage)
}
