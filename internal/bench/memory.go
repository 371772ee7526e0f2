package bench

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// sampleEvery is how often memory is read. A reading takes a few milliseconds,
// so that it does not slow down what it measures.
const sampleEvery = 100 * time.Millisecond

// Memory is the most that was resident, in MiB; zero where it is not known.
type Memory struct {
	// Command is of the command and everything that it started, but the
	// emulator; Largest is of the largest process among them.
	Command int `json:"commandMiB"`
	Largest int `json:"largestMiB"`
	// Emulator is of the emulator: its gateway and moto.
	Emulator int `json:"emulatorMiB"`
}

func (m Memory) max(n Memory) Memory {
	return Memory{max(m.Command, n.Command), max(m.Largest, n.Largest), max(m.Emulator, n.Emulator)}
}

// watchMemory reads memory until stop is closed, then returns the most that it
// saw. command is the process to watch, emulator tells the emulator's process,
// zero while there is none.
func watchMemory(proc string, command int, emulator func() int, stop <-chan struct{}) <-chan Memory {
	out := make(chan Memory, 1)
	go func() {
		tick := time.NewTicker(sampleEvery)
		defer tick.Stop()
		var most Memory
		for {
			select {
			case <-stop:
				out <- most
				return
			case <-tick.C:
				most = most.max(readMemory(proc, command, emulator()))
			}
		}
	}()
	return out
}

// process is a running process. The emulator has a session of its own.
type process struct{ pid, parent, session, pages int }

func readMemory(proc string, command, emulator int) Memory {
	all := processes(proc)
	children := map[int][]process{}
	var out Memory
	mib := func(p process) int { return p.pages * os.Getpagesize() >> 20 }
	for _, p := range all {
		children[p.parent] = append(children[p.parent], p)
	}
	session := all[command].session
	walk(all, children, command, func(p process) bool {
		if p.session != session {
			return false
		}
		out.Command += mib(p)
		out.Largest = max(out.Largest, mib(p))
		return true
	})
	walk(all, children, emulator, func(p process) bool {
		out.Emulator += mib(p)
		return true
	})
	return out
}

// walk visits a process and all below it, except below those that visit
// declines.
func walk(all map[int]process, children map[int][]process, pid int, visit func(process) bool) {
	p, ok := all[pid]
	if !ok || !visit(p) {
		return
	}
	for _, c := range children[pid] {
		walk(all, children, c.pid, visit)
	}
}

// processes reads all processes of the machine; none where there is no /proc.
func processes(proc string) map[int]process {
	out := map[int]process{}
	files, err := filepath.Glob(filepath.Join(proc, "[0-9]*", "stat"))
	if err != nil {
		return out
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			continue // it ended
		}
		if p, ok := parseStat(raw); ok {
			out[p.pid] = p
		}
	}
	return out
}

// parseStat reads a line of proc_pid_stat(5). The name, in parentheses, may
// hold anything; fields are counted from behind it.
func parseStat(raw []byte) (process, bool) {
	name := bytes.LastIndexByte(raw, ')')
	if name < 0 {
		return process{}, false
	}
	pid, err := strconv.Atoi(string(bytes.TrimSpace(raw[:bytes.IndexByte(raw, '(')])))
	fields := bytes.Fields(raw[name+1:])
	const parent, session, rss = 1, 3, 21
	if err != nil || len(fields) <= rss {
		return process{}, false
	}
	number := func(i int) int {
		n, _ := strconv.Atoi(string(fields[i]))
		return n
	}
	return process{pid: pid, parent: number(parent), session: number(session), pages: number(rss)}, true
}
