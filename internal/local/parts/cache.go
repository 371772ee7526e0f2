package parts

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/gofrs/flock"
)

// CacheFolder is the folder below the project's root that holds everything
// the local engine needs. It is not in version control; deleting it is safe
// while no local stack is up, and makes the next run download or build again.
const CacheFolder = ".evenkeel"

// CacheError is a cache folder that can't be written.
type CacheError struct {
	// Dir is the cache folder.
	Dir string
	// Err is the cause.
	Err error
}

func (e *CacheError) Error() string {
	hint := "make the folder writable for this user, or set " + cacheVariable + " to one that is"
	if errors.Is(e.Err, syscall.ENOSPC) || errors.Is(e.Err, syscall.EDQUOT) {
		hint = "free about 4 GB on that disk (a first build takes most of it as Go build cache), or set " +
			cacheVariable + " to a folder on another disk"
	}
	return fmt.Sprintf("cache folder %s: %v: %s", e.Dir, e.Err, hint)
}

func (e *CacheError) Unwrap() error { return e.Err }

type cache struct{ dir string }

func (c cache) path(elem ...string) string {
	return filepath.Join(append([]string{c.dir}, elem...)...)
}

func (c cache) pulumiHome() string { return c.path("pulumi-home") }

func (c cache) plugin(name, version string) string {
	return c.path("pulumi-home", "plugins", "resource-"+name+"-v"+version)
}

func (c cache) venv() string { return c.path("venv") }

func (c cache) scratchRoot() string { return c.path("tmp") }

func executable(name string) string {
	if runtime.GOOS == "windows" {
		return name + ".exe"
	}
	return name
}

// trouble turns an error of the disk into a *CacheError and leaves others as
// they are, so that "disk full" is never reported as "download failed".
func (c cache) trouble(err error) error {
	var known *CacheError
	if err == nil || errors.As(err, &known) {
		return err
	}
	for _, cause := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EACCES, syscall.EPERM, syscall.ENOTDIR, syscall.EDQUOT} {
		if errors.Is(err, cause) {
			return &CacheError{Dir: c.dir, Err: err}
		}
	}
	return err
}

// hard is true for an error that no other source of a part can cure.
func hard(ctx context.Context, err error) bool {
	var c *CacheError
	return errors.As(err, &c) || ctx.Err() != nil
}

// lock keeps two processes from filling the cache at once. The operating
// system releases it when a process dies.
func (c cache) lock(ctx context.Context, progress Progress) (unlock func(), err error) {
	if err := os.MkdirAll(c.scratchRoot(), 0o755); err != nil {
		return nil, &CacheError{Dir: c.dir, Err: err}
	}
	l := flock.New(c.path("lock"))
	ok, err := l.TryLock()
	if err != nil {
		return nil, &CacheError{Dir: c.dir, Err: err}
	}
	if !ok {
		const step = "waiting for another evenkeel that is preparing the local engine"
		progress.Step(step)
		if _, err := l.TryLockContext(ctx, 200*time.Millisecond); err != nil {
			return nil, fmt.Errorf("lock %s: %w", l.Path(), err)
		}
		progress.Done(step, "it is done")
	}
	return func() { _ = l.Unlock() }, nil
}

// removeLeftovers deletes what interrupted runs left. Call it with the lock
// held: then no scratch folder is in use.
func (c cache) removeLeftovers() {
	old, _ := filepath.Glob(filepath.Join(c.scratchRoot(), "*"))
	for _, dir := range old {
		_ = os.RemoveAll(dir)
	}
}

// scratch makes a folder on the cache's own disk, so that a rename out of it
// is atomic.
func (c cache) scratch(name string) (dir string, remove func(), err error) {
	if err := os.MkdirAll(c.scratchRoot(), 0o755); err != nil {
		return "", nil, c.trouble(err)
	}
	dir, err = os.MkdirTemp(c.scratchRoot(), name+"-")
	if err != nil {
		return "", nil, c.trouble(err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// place moves a finished file or folder from a scratch folder to its place.
// A folder that is in the way is moved aside first: a rename does not
// overwrite one.
func (c cache) place(from, to string) error {
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		return c.trouble(err)
	}
	if info, err := os.Lstat(to); err == nil && info.IsDir() {
		aside, remove, err := c.scratch("old")
		if err != nil {
			return err
		}
		defer remove()
		if err := os.Rename(to, filepath.Join(aside, "old")); err != nil {
			return c.trouble(err)
		}
	}
	return c.trouble(os.Rename(from, to))
}

// isExecutable is true for a regular file that this machine may run.
func isExecutable(path string) bool {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	return runtime.GOOS == "windows" || info.Mode()&0o111 != 0
}
