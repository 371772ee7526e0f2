package gateway

import (
	"io"
	"os"
	"regexp"
	"strings"
	"time"
	"unicode"
)

// motoLog reads why moto failed. Its answer is only "Internal Server Error";
// the exception goes to its log, and that a moment after the answer.
type motoLog struct{ path string }

// exceptionWait bounds how long a failed call waits for moto's log, and
// otherWait how long it looks on after an exception that another call, failing
// at the same time, may have caused.
const (
	exceptionWait = 400 * time.Millisecond
	otherWait     = 60 * time.Millisecond
)

// size is where the log ends now, to be taken before a request is sent.
func (l motoLog) size() int64 {
	if l.path == "" {
		return 0
	}
	info, err := os.Stat(l.path)
	if err != nil {
		return 0
	}
	return info.Size()
}

// since returns what was logged behind offset, as soon as it tells that moto
// lacks the operation or, a little later, that there was an exception. Empty
// when there is no log, or nothing came in time.
func (l motoLog) since(offset int64, o operation) string {
	if l.path == "" {
		return ""
	}
	for deadline := time.Now().Add(exceptionWait); ; time.Sleep(10 * time.Millisecond) {
		text := l.read(offset)
		if lacks(text, o) || time.Now().After(deadline) {
			return text
		}
		if lastException(text) != "" {
			time.Sleep(otherWait)
			return l.read(offset)
		}
	}
}

func (l motoLog) read(offset int64) string {
	f, err := os.Open(l.path)
	if err != nil {
		return ""
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return ""
	}
	b, err := io.ReadAll(io.LimitReader(f, 4<<20))
	if err != nil {
		return ""
	}
	return string(b)
}

// exceptionLine is the line that ends a Python traceback: the first one that
// is not indented.
var exceptionLine = regexp.MustCompile(`(?m)^[ \t]+.*\n([A-Za-z_][\w.]*(?::[^\n]*)?)$`)

func lastException(log string) string {
	_, traceback, found := strings.Cut(log, "Traceback (most recent call last):")
	if !found {
		return ""
	}
	all := exceptionLine.FindAllStringSubmatch(traceback, -1)
	if len(all) == 0 {
		return ""
	}
	return strings.TrimSpace(all[len(all)-1][1])
}

// lacks says whether the log shows that moto does not know the action, or the
// whole service. Other calls may fail at the same time, so the action is
// looked for by the name that moto gives it.
func lacks(log string, o operation) bool {
	return strings.Contains(log, "The "+snake(o.action)+" action has not been implemented") ||
		strings.Contains(log, "Unable to find appropriate backend for "+o.signing+".")
}

// snake converts a name as moto's camelcase_to_underscores does.
func snake(name string) string {
	letters := []rune(name)
	var out strings.Builder
	previous := true
	for i, r := range letters {
		title := unicode.IsUpper(r)
		next := i+1 >= len(letters) || unicode.IsUpper(letters[i+1])
		if i > 0 && title && (!next || !previous) {
			out.WriteByte('_')
		}
		previous = title
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
