package emulator

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// listening tells who listens on the port.
func listening(group, port int) listener {
	sockets := listeners(port)
	if len(sockets) == 0 {
		return nobody
	}
	for _, pid := range members(group) {
		files, _ := filepath.Glob("/proc/" + pid + "/fd/*")
		for _, file := range files {
			if target, err := os.Readlink(file); err == nil && sockets[target] {
				return theGroup
			}
		}
	}
	return aStranger
}

// listeners are the sockets that listen on the port, in the form that
// /proc/<pid>/fd has them, such as "socket:[4711]". The fields of a line are in
// proc_net_tcp of the kernel's documentation
// (https://docs.kernel.org/networking/proc_net_tcp.html).
func listeners(port int) map[string]bool {
	const inState, fieldState, fieldInode = "0A", 3, 9
	out := map[string]bool{}
	for _, file := range []string{"/proc/self/net/tcp", "/proc/self/net/tcp6"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(raw)) {
			fields := strings.Fields(line)
			if len(fields) <= fieldInode || fields[fieldState] != inState {
				continue
			}
			_, local, _ := strings.Cut(fields[1], ":")
			if n, err := strconv.ParseUint(local, 16, 16); err == nil && int(n) == port {
				out["socket:["+fields[fieldInode]+"]"] = true
			}
		}
	}
	return out
}

// members are the processes of a group.
func members(group int) []string {
	const fieldGroup = 2 // of those behind the name, see startOf
	var out []string
	files, _ := filepath.Glob("/proc/[0-9]*/stat")
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // ended meanwhile
		}
		fields := strings.Fields(string(raw)[strings.LastIndexByte(string(raw), ')')+1:])
		if len(fields) > fieldGroup && fields[fieldGroup] == strconv.Itoa(group) {
			out = append(out, filepath.Base(filepath.Dir(file)))
		}
	}
	return out
}
