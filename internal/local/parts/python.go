package parts

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"evenkeel/internal/local/parts/motocmd"
)

// interpreters lists the Python interpreters that may have moto, the one that
// moto_server runs under first.
func (f *finder) interpreters() []string {
	var list []string
	var pyenv string
	if server, err := exec.LookPath("moto_server"); err == nil {
		if python := shebang(server); python != "" {
			list = append(list, python)
		} else if dir := filepath.Dir(server); filepath.Base(dir) == "shims" {
			pyenv = filepath.Dir(dir)
		}
	}
	for _, name := range []string{"python3", "python"} {
		if path, err := exec.LookPath(name); err == nil {
			list = append(list, path)
		}
	}
	if isExecutable(f.venvPython()) {
		list = append(list, f.venvPython())
	}
	if pyenv != "" {
		servers, _ := filepath.Glob(filepath.Join(pyenv, "versions", "*", "bin", "moto_server"))
		slices.Reverse(servers)
		for _, server := range servers {
			if python := shebang(server); python != "" {
				list = append(list, python)
			}
		}
	}
	return list
}

func isPython(path string) bool {
	return strings.HasPrefix(strings.TrimSuffix(filepath.Base(path), ".exe"), "python")
}

// shebang is the Python interpreter that a script runs under, empty when it
// is no Python script. It knows `#!/path/python`, `#!/usr/bin/env python` and
// pip's form for long paths, `#!/bin/sh` followed by `”'exec' "/path/python"`.
func shebang(script string) string {
	file, err := os.Open(script)
	if err != nil {
		return ""
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	if !lines.Scan() {
		return ""
	}
	words := strings.Fields(strings.TrimPrefix(lines.Text(), "#!"))
	if !strings.HasPrefix(lines.Text(), "#!") || len(words) == 0 {
		return ""
	}
	interpreter := words[0]
	switch filepath.Base(interpreter) {
	case "env":
		i := slices.IndexFunc(words[1:], func(w string) bool { return !strings.HasPrefix(w, "-") })
		if i < 0 {
			return ""
		}
		interpreter = words[1+i]
	case "sh":
		if !lines.Scan() {
			return ""
		}
		rest, ok := strings.CutPrefix(lines.Text(), `'''exec' `)
		if !ok {
			return ""
		}
		interpreter = strings.Trim(strings.TrimSuffix(rest, ` "$0" "$@"`), `"`)
	}
	path, err := exec.LookPath(interpreter)
	if err != nil || !isPython(path) {
		return ""
	}
	return path
}

// probe prints what a Python interpreter has of moto. It imports nothing, as
// importing moto takes seconds.
const probe = `
import importlib.metadata as m, importlib.util as u, json, sys
try: version = m.version("moto")
except m.PackageNotFoundError: version = ""
print(json.dumps({"executable": sys.executable, "version": version,
  "server": all(u.find_spec(n) for n in ("moto", "flask", "flask_cors", "werkzeug"))}))
`

// motoIn asks an interpreter for its moto. The command uses the interpreter
// behind a shim, so that it does not depend on the folder it is started in.
func (f *finder) motoIn(ctx context.Context, python string) (Part, error) {
	out, err := command{
		argv: []string{python, "-c", probe}, dir: f.root,
		env: childEnviron(pythonVariables), limit: 20 * time.Second,
	}.run(ctx)
	if err != nil {
		return Part{}, err
	}
	var got struct {
		Executable, Version string
		Server              bool
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		return Part{}, fmt.Errorf("%s: answered %q", python, out)
	}
	switch {
	case got.Version == "":
		return Part{}, fmt.Errorf("%s has no moto", python)
	case !fitsMoto(got.Version):
		return Part{}, fmt.Errorf("%s has moto %s, want %s or another patch release of it", python, got.Version, MotoVersion)
	case !got.Server:
		return Part{}, fmt.Errorf("%s has moto %s without its server: pip install 'moto[server]==%s'", python, got.Version, got.Version)
	}
	return Part{
		Name: motoName, Version: got.Version, Found: true, Path: got.Executable, Source: SourcePath,
		Command: motocmd.Complete([]string{got.Executable, "-m", "moto.server"}),
	}, nil
}

func (f *finder) venvPython() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(f.cache.venv(), "Scripts", "python.exe")
	}
	return filepath.Join(f.cache.venv(), "bin", "python")
}
