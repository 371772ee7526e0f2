// Command api is the sample workload: a small HTTP API with the habits that a
// service on ECS behind a load balancer needs. It imports the standard library
// only, so that its image builds from this folder and go.mod alone.
//
//	api [serve]   serve until SIGTERM
//	api health    ask the running server over loopback whether it is alive
//	api version   print the version
package main

import (
	"os"

	"evenkeel/api/internal/cli"
)

func main() {
	os.Exit(cli.Main(os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr))
}
