package main_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// What the platform gives the container: components/service.
const containerID = 65532

// sandboxEnv makes the test binary enter the sandbox that it names, and become
// the command in its arguments.
const sandboxEnv = "API_TEST_SANDBOX"

// Numbers of the kernel that package syscall does not have: capability.h,
// prctl.h.
const (
	capSetPCAP, capSysAdmin   = 8, 21
	prCapBSetDrop             = 24
	prSetNoNewPrivs           = 38
	prCapAmbient              = 47
	prCapAmbientClearAll      = 4
	capabilityVersion         = 0x20080522
	exitSandboxRefused        = 97
	mountRestricted, readOnly = syscall.MS_NOSUID | syscall.MS_NODEV, syscall.MS_RDONLY
)

func TestMain(m *testing.M) {
	if root := os.Getenv(sandboxEnv); root != "" {
		err := enter(root, os.Args[1:])
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(exitSandboxRefused)
	}
	code := m.Run()
	if built.dir != "" {
		_ = os.RemoveAll(built.dir)
	}
	os.Exit(code)
}

// enter makes root, a folder with /api and /tmp, the whole file system, read-only but
// for an empty /tmp, gives every privilege up and becomes the command. It runs
// in namespaces of its own.
func enter(root string, argv []string) error {
	// Capabilities belong to a thread.
	runtime.LockOSThread()
	tmp := filepath.Join(root, "tmp")
	for _, step := range []struct {
		what string
		do   func() error
	}{
		{"keep mounts private", func() error { return syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, "") }},
		{"mount the root", func() error { return syscall.Mount(root, root, "", syscall.MS_BIND, "") }},
		{"mount /tmp", func() error { return syscall.Mount("tmpfs", tmp, "tmpfs", mountRestricted, "mode=1777,size=16m") }},
		{"make the root read-only", func() error {
			return syscall.Mount("", root, "", syscall.MS_BIND|syscall.MS_REMOUNT|readOnly|mountRestricted, "")
		}},
		{"enter the root", func() error { return syscall.Chdir(root) }},
		{"change the root", func() error { return syscall.PivotRoot(".", ".") }},
		{"leave the old root", func() error { return syscall.Unmount(".", syscall.MNT_DETACH) }},
		{"go to /", func() error { return syscall.Chdir("/") }},
		{"give privileges up", giveUp},
	} {
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	var env []string
	for _, v := range os.Environ() {
		if !bytes.HasPrefix([]byte(v), []byte(sandboxEnv+"=")) {
			env = append(env, v)
		}
	}
	return fmt.Errorf("start %s: %w", argv[0], syscall.Exec(argv[0], argv, env))
}

// giveUp drops every capability, for good, and becomes the container's user.
func giveUp() error {
	for c := uintptr(0); ; c++ {
		if err := prctl(prCapBSetDrop, c); errors.Is(err, syscall.EINVAL) {
			break // the kernel's last
		} else if err != nil {
			return fmt.Errorf("drop capability %d: %w", c, err)
		}
	}
	if os.Getuid() != containerID {
		if err := syscall.Setgroups(nil); err != nil {
			return fmt.Errorf("leave groups: %w", err)
		}
		if err := syscall.Setgid(containerID); err != nil {
			return fmt.Errorf("become group %d: %w", containerID, err)
		}
		if err := syscall.Setuid(containerID); err != nil {
			return fmt.Errorf("become user %d: %w", containerID, err)
		}
	}
	if err := prctl(prCapAmbient, prCapAmbientClearAll); err != nil {
		return fmt.Errorf("clear ambient capabilities: %w", err)
	}
	header := struct {
		version uint32
		pid     int32
	}{version: capabilityVersion}
	var none [6]uint32
	if _, _, errno := syscall.RawSyscall(syscall.SYS_CAPSET, uintptr(unsafe.Pointer(&header)), uintptr(unsafe.Pointer(&none)), 0); errno != 0 {
		return fmt.Errorf("clear capabilities: %w", errno)
	}
	return prctl(prSetNoNewPrivs, 1)
}

func prctl(option, argument uintptr) error {
	if _, _, errno := syscall.RawSyscall6(syscall.SYS_PRCTL, option, argument, 0, 0, 0, 0); errno != 0 {
		return errno
	}
	return nil
}

var built struct {
	once sync.Once
	dir  string
	err  error
}

// image builds the binary as its Dockerfile does, into a folder that holds all
// that the image holds besides its base.
func image(t *testing.T) string {
	t.Helper()
	built.once.Do(func() {
		if built.dir, built.err = os.MkdirTemp("", "api-image-"); built.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false",
			"-ldflags", "-s -w -X evenkeel/api/internal/buildinfo.version=1.2.3-test", "-o", filepath.Join(built.dir, "api"), ".")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			built.err = fmt.Errorf("build the binary: %w\n%s", err, out)
			return
		}
		// The container's user must get in, whatever the umask is.
		built.err = errors.Join(os.Mkdir(filepath.Join(built.dir, "tmp"), 0o700), os.Chmod(built.dir, 0o755))
	})
	require.NoError(t, built.err)
	return built.dir
}

// contained is a command that will run in the sandbox. It uses real user ids
// where the machine allows, else a user namespace in which the tester's own id
// is called that of the container.
func contained(t *testing.T, env []string, argv ...string) *exec.Cmd {
	t.Helper()
	attr := namespaces(t)
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self, argv...)
	cmd.Env = append([]string{sandboxEnv + "=" + image(t)}, env...)
	cmd.SysProcAttr = attr
	return cmd
}

var allowed struct {
	once sync.Once
	real bool
	err  error
}

// namespaces is how a process gets into namespaces of its own. Where the
// machine does not allow any, the test is skipped, but fails in CI: there the
// machine has to be mended.
func namespaces(t *testing.T) *syscall.SysProcAttr {
	t.Helper()
	allowed.once.Do(func() {
		first := try(realIDs())
		if allowed.real = first == nil; allowed.real {
			return
		}
		if second := try(mappedIDs()); second != nil {
			allowed.err = fmt.Errorf("as user %d: %w; in a user namespace: %w", os.Getuid(), first, second)
		}
	})
	if allowed.err != nil {
		const need = "the sandbox needs Linux namespaces (unshare -Urmp must work, or root with CAP_SYS_ADMIN)"
		if ci, _ := strconv.ParseBool(os.Getenv("CI")); ci {
			require.NoError(t, allowed.err, need)
		}
		t.Skipf("%s: %v", need, allowed.err)
	}
	if allowed.real {
		return realIDs()
	}
	return mappedIDs()
}

// try enters the namespaces and mounts something there, which some machines
// refuse although they give the namespaces.
func try(attr *syscall.SysProcAttr) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	root, err := os.MkdirTemp("", "api-sandbox-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(root)
	if err := errors.Join(os.Mkdir(filepath.Join(root, "tmp"), 0o700), os.Chmod(root, 0o755)); err != nil {
		return err
	}
	cmd := exec.Command(self, "/nothing")
	cmd.Env = []string{sandboxEnv + "=" + root}
	cmd.SysProcAttr = attr
	out, err := cmd.CombinedOutput()
	// It got as far as it should when only the command is missing.
	if bytes.Contains(out, []byte("start /nothing: no such file")) {
		return nil
	}
	return fmt.Errorf("%w (%s)", err, bytes.TrimSpace(out))
}

const newNamespaces = syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWIPC | syscall.CLONE_NEWUTS

func realIDs() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Cloneflags: newNamespaces, Pdeathsig: syscall.SIGKILL}
}

func mappedIDs() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{
		Cloneflags:  newNamespaces | syscall.CLONE_NEWUSER,
		Pdeathsig:   syscall.SIGKILL,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: containerID, HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: containerID, HostID: os.Getgid(), Size: 1}},
		AmbientCaps: []uintptr{capSetPCAP, capSysAdmin},
	}
}
