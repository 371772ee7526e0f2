package parts

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestFitsMoto(t *testing.T) {
	tests := map[string]bool{
		"5.2.1": true, "5.2.0": true, "5.2.17": true, "5.2.2.dev0": true,
		"5.1.22": false, "5.3.0": false, "4.2.1": false, "5.2": false, "": false,
	}
	for version, want := range tests {
		t.Run(version, func(t *testing.T) { assert.Equal(t, want, fitsMoto(version)) })
	}
}

func TestShebang(t *testing.T) {
	m := newMachine(t)
	python := m.script("python3", "")
	tests := map[string]struct{ script, want string }{
		"interpreter":      {"#!" + python + "\nimport moto", python},
		"with option":      {"#! " + python + " -I\n", python},
		"env":              {"#!/usr/bin/env python3\n", python},
		"env with options": {"#!/usr/bin/env -S python3 -I\n", python},
		"env alone":        {"#!/usr/bin/env\n", ""},
		"long path":        {"#!/bin/sh\n'''exec' \"" + python + "\" \"$0\" \"$@\"\n' '''\n", python},
		"shell script":     {"#!/bin/sh\nexec python3 -m moto.server\n", ""},
		"other program":    {"#!" + filepath.Join(m.bin, "sh") + "\n", ""},
		"gone interpreter": {"#!/nowhere/python3\n", ""},
		"binary":           {"\x7fELF", ""},
		"empty":            {"", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "moto_server")
			m.write(file, tt.script)
			assert.Equal(t, tt.want, shebang(file))
		})
	}
	assert.Empty(t, shebang(filepath.Join(m.bin, "none")))
}

func TestInterpreters(t *testing.T) {
	t.Run("the one of moto_server first", func(t *testing.T) {
		m := newMachine(t)
		python := m.python("python3", "5.1.0", false)
		other := filepath.Join(m.root, "venv", "python")
		require.NoError(t, os.MkdirAll(filepath.Dir(other), 0o755))
		require.NoError(t, os.Rename(m.python("other", "5.2.3", false), other))
		m.script("moto_server", "")
		m.write(filepath.Join(m.bin, "moto_server"), "#!"+other+"\n")

		f := m.finder(Options{})
		assert.Equal(t, []string{other, python}, f.interpreters())
		p := f.inspectMoto(context.Background())
		assert.Equal(t, serverOf(other), p.Command)
		assert.Equal(t, "5.2.3", p.Version)
	})
	t.Run("behind a pyenv shim", func(t *testing.T) {
		m := newMachine(t)
		pyenv := filepath.Join(m.root, "pyenv")
		m.python("python", "", false)
		version := filepath.Join(pyenv, "versions", "3.11.7", "bin")
		require.NoError(t, os.MkdirAll(version, 0o755))
		require.NoError(t, os.Rename(m.python("python3", "5.2.1", false), filepath.Join(version, "python3")))
		m.write(filepath.Join(version, "moto_server"), "#!"+filepath.Join(version, "python3")+"\n")
		shims := filepath.Join(pyenv, "shims")
		require.NoError(t, os.MkdirAll(shims, 0o755))
		require.NoError(t, os.Rename(m.script("moto_server", "exec pyenv exec moto_server"), filepath.Join(shims, "moto_server")))
		t.Setenv("PATH", shims+string(os.PathListSeparator)+m.bin)

		p := m.finder(Options{}).inspectMoto(context.Background())

		assert.Equal(t, filepath.Join(version, "python3"), p.Path, p.Why)
	})
}

// serverOf is the command of the moto that a Python interpreter has.
func serverOf(python string) []string {
	return []string{python, "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"}
}

func TestMotoFromEnvironment(t *testing.T) {
	m := newMachine(t)
	good := m.python("python3", "5.2.1", false)
	old := m.python("python3.9", "4.1.0", false)
	server := m.script("my server", "")
	tests := map[string]struct {
		value   string
		command []string
		why     string
	}{
		"interpreter":          {value: good, command: serverOf(good)},
		"interpreter on PATH":  {value: "python3", command: serverOf(good)},
		"old moto":             {value: old, why: "EVENKEEL_MOTO: " + old + " has moto 4.1.0, want 5.2.1"},
		"command line":         {value: "python3 -m moto.server", command: serverOf(good)},
		"with a port":          {value: "python3 serve.py --on=:{port}", command: []string{good, "serve.py", "--on=:{port}"}},
		"program with a space": {value: server, command: []string{server, "-H", "127.0.0.1", "-p", "{port}"}},
		"no such program":      {value: "/nowhere/moto_server", why: "EVENKEEL_MOTO: "},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Setenv("EVENKEEL_MOTO", tt.value)
			p := m.finder(Options{}).inspectMoto(context.Background())
			assert.Equal(t, tt.command, p.Command)
			assert.Equal(t, tt.command != nil, p.Found)
			if tt.why != "" {
				assert.Contains(t, p.Why, tt.why)
			}
		})
	}
}

func TestInstallMoto(t *testing.T) {
	t.Run("in a virtual environment", func(t *testing.T) {
		m := newMachine(t)
		m.python("python3", "4.0.0", true)
		f := m.finder(Options{})
		var p Part
		require.NoError(t, f.installMoto(context.Background(), &p))
		assert.Equal(t, f.venvPython(), p.Path)
		assert.Equal(t, SourceCache, p.Source)
		assert.Equal(t, "5.2.1", p.Version)
		assert.NoFileExists(t, filepath.Join(m.bin, "moto"), "the interpreter on PATH is left alone")
	})
	t.Run("as a container where pip finds nothing", func(t *testing.T) {
		m := newMachine(t)
		m.python("python3", "", false)
		pulled := filepath.Join(m.root, "pulled")
		docker := m.script("docker", `case "$1" in
pull) echo "$2" >"`+pulled+`" ;;
image) test -f "`+pulled+`" ;;
esac`)
		var p Part
		require.NoError(t, m.finder(Options{}).installMoto(context.Background(), &p))
		assert.Equal(t, SourceDocker, p.Source)
		image, err := os.ReadFile(pulled)
		require.NoError(t, err)
		assert.Equal(t, motoImage, strings.TrimSpace(string(image)))
		assert.Equal(t, []string{
			docker, "run", "--rm", "--init", "-p", "127.0.0.1:{port}:5000", "-e", "MOTO_ACCOUNT_ID", "-e", "MOTO_IAM_LOAD_MANAGED_POLICIES",
			"motoserver/moto:5.2.1", "-H", "0.0.0.0", "-p", "5000",
		}, p.Command)
	})
	t.Run("never over a wrong EVENKEEL_MOTO", func(t *testing.T) {
		m := newMachine(t)
		m.python("python3", "", true)
		t.Setenv("EVENKEEL_MOTO", "/nowhere/moto_server")
		f := m.finder(Options{})
		p := f.inspectMoto(context.Background())
		err := f.installMoto(context.Background(), &p)
		require.ErrorContains(t, err, "moto 5.2.1")
		assert.Empty(t, m.log.steps)
	})
}
