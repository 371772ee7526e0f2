package workload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"
)

// ReadLog calls line for each of the last n lines of a log and, with follow,
// for every line that comes after them, until ctx ends or the log is gone for
// good, neither of which is an error. A log that is begun anew, as a start of
// the API does, or cut is read from its beginning. It returns
// fs.ErrNotExist when there is no log.
func ReadLog(ctx context.Context, file string, n int, follow bool, line func(string) error) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	t := &tail{file: file, f: f, line: line}
	defer func() { _ = t.f.Close() }()
	if err := t.last(n, !follow); err != nil || !follow {
		return err
	}
	for {
		again, err := t.turn()
		if err != nil {
			return err
		}
		if again {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(lookAgain):
		}
		if gone, err := t.gone(); gone || err != nil {
			return err
		}
	}
}

const (
	// lookAgain is how soon a new line is seen.
	lookAgain = 100 * time.Millisecond
	// patience is how long a log may be missing: it is, for an instant, while
	// the API is started again.
	patience = 3 * time.Second
)

// tail reads lines of a file that grows.
type tail struct {
	file    string
	f       *os.File
	partial []byte // a line whose end is not yet written
	line    func(string) error
	missing time.Time
}

// last reads up to the end of the file, and tells of the last n lines. An
// unfinished line counts when nobody will read its rest.
func (t *tail) last(n int, unfinished bool) error {
	var ring []string
	keep := func(s string) error {
		ring = append(ring, s)
		ring = ring[max(0, len(ring)-n):]
		return nil
	}
	err := t.read(keep)
	if err == nil && unfinished && len(t.partial) > 0 {
		err = keep(string(t.partial))
	}
	for _, s := range ring {
		if err == nil {
			err = t.line(s)
		}
	}
	return err
}

// read reads up to the end of the file and calls emit for each whole line.
func (t *tail) read(emit func(string) error) error {
	r := bufio.NewReader(t.f)
	for {
		piece, err := r.ReadBytes('\n')
		t.partial = append(t.partial, piece...)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		s := string(t.partial[:len(t.partial)-1])
		t.partial = t.partial[:0]
		if err := emit(s); err != nil {
			return err
		}
	}
}

// turn reads what is new, and goes on to the new file when there is one.
func (t *tail) turn() (again bool, err error) {
	// First: what was written before the change of files belongs to the old one.
	now, statErr := os.Stat(t.file)
	if err := t.read(t.line); err != nil {
		return false, err
	}
	if statErr != nil {
		return false, nil //nolint:nilerr // gone looks at it
	}
	t.missing = time.Time{}
	old, err := t.f.Stat()
	if err != nil {
		return false, fmt.Errorf("read the log: %w", err)
	}
	if os.SameFile(old, now) {
		at, err := t.f.Seek(0, io.SeekCurrent)
		if err == nil && old.Size() < at {
			t.partial = t.partial[:0]
			_, err = t.f.Seek(0, io.SeekStart)
		}
		return false, err
	}
	f, err := os.Open(t.file)
	if err != nil {
		return false, nil //nolint:nilerr // replaced once more: the next turn sees it
	}
	if len(t.partial) > 0 {
		rest := string(t.partial)
		t.partial = t.partial[:0]
		if err := t.line(rest); err != nil {
			return false, errors.Join(err, f.Close())
		}
	}
	err = t.f.Close()
	t.f = f
	return true, err
}

// gone says whether the log has been missing for too long.
func (t *tail) gone() (bool, error) {
	_, err := os.Stat(t.file)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if t.missing.IsZero() {
		t.missing = time.Now()
	}
	return time.Since(t.missing) > patience, nil
}
