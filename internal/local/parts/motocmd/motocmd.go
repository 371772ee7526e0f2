// Package motocmd is the form of the command that starts a moto server: a
// whole command line in which [Port] stands for the port of 127.0.0.1 that
// the server is to be reached at, anywhere in a word. Package parts makes such
// commands, package emulator runs them.
//
//	python3 -m moto.server -H 127.0.0.1 -p {port}
//	docker run --rm --init -p 127.0.0.1:{port}:5000 motoserver/moto:5.2.1 -H 0.0.0.0 -p 5000
package motocmd

import (
	"slices"
	"strconv"
	"strings"
)

// Port stands for the port in a command.
const Port = "{port}"

// HasPort says whether the command tells the server where to listen.
func HasPort(command []string) bool {
	return slices.ContainsFunc(command, func(word string) bool { return strings.Contains(word, Port) })
}

// Complete returns the command of a moto server with moto's own options for
// host and port behind it, or as it is when it has a port already.
func Complete(command []string) []string {
	if HasPort(command) {
		return slices.Clone(command)
	}
	return slices.Concat(command, []string{"-H", "127.0.0.1", "-p", Port})
}

// On returns the command for a port.
func On(command []string, port int) []string {
	out := slices.Clone(command)
	for i, word := range out {
		out[i] = strings.ReplaceAll(word, Port, strconv.Itoa(port))
	}
	return out
}
