package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"evenkeel/internal/local/parts"
)

// stackSpace is what a stack's folder should have, in MB: one of 50 resources
// takes 1 after its first deployment, and the engine keeps every state and
// moto's log grows with every call.
const stackSpace = 20

// folderError is a folder that cannot be written.
type folderError struct {
	dir string
	err error
}

func (e *folderError) Error() string {
	// The folder that a person knows and can replace is the project's own.
	dir := e.dir
	if before, _, below := strings.Cut(dir+string(filepath.Separator), string(filepath.Separator)+parts.CacheFolder+string(filepath.Separator)); below {
		dir = filepath.Join(before, parts.CacheFolder)
	}
	switch {
	case errors.Is(e.err, syscall.ENOSPC), errors.Is(e.err, syscall.EDQUOT):
		return fmt.Sprintf("the disk of the folder %s is full (%v): free about %d MB there, or make %[1]s a link to a folder on another disk", dir, e.err, stackSpace)
	case errors.Is(e.err, syscall.EROFS):
		return fmt.Sprintf("the folder %s is read-only (%v): make it writable, or make %[1]s a link to a folder that is", dir, e.err)
	}
	return fmt.Sprintf("the folder %s cannot be used (%v): make it a writable folder with space left, or remove it", e.dir, e.err)
}

func (e *folderError) Unwrap() error { return e.err }

// unusable says what to do about a folder that cannot be written.
func unusable(dir string, err error) error { return &folderError{dir, err} }

// blame returns what is wrong with the stack's folder in place of an error that
// it may have caused: a full disk shows in many ways, and hardly ever says so.
func (r *Request) blame(err error) error {
	var folder *folderError
	var cache *parts.CacheError
	if err == nil || errors.As(err, &folder) || errors.As(err, &cache) {
		return err
	}
	if trouble := writable(r.dir()); trouble != nil {
		return trouble
	}
	return err
}

// probe is how much is written to see whether a disk is full: more than the
// engine's state, which is what has to fit.
const probe = 1 << 20

// writable tries the folder, or the nearest one above it that exists, by
// writing a file: permissions alone do not say that a disk is full.
func writable(dir string) error {
	for {
		if _, err := os.Stat(dir); err == nil || dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	f, err := os.CreateTemp(dir, ".writable-*")
	if err != nil {
		return unusable(dir, err)
	}
	_, err = f.Write(make([]byte, probe))
	if closed := f.Close(); err == nil {
		err = closed
	}
	if removed := os.Remove(f.Name()); err == nil {
		err = removed
	}
	if err != nil {
		return unusable(dir, err)
	}
	return nil
}
