package workload_test

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"testing"

	"github.com/spf13/cobra"

	"evenkeel/internal/local/workload"
)

// TestMain lets the test binary stand in for the evenkeel program, which Start
// runs again with the hidden subcommand, and for an API.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == "local" {
		root := &cobra.Command{Use: "evenkeel", SilenceErrors: true}
		local := &cobra.Command{Use: "local"}
		local.AddCommand(workload.Command())
		root.AddCommand(local)
		if err := root.ExecuteContext(context.Background()); err != nil {
			fmt.Fprintln(os.Stderr, "Error:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	if len(os.Args) > 2 && os.Args[1] == "api" {
		os.Exit(api(os.Args[2]))
	}
	os.Exit(m.Run())
}

// api is an API that behaves as its argument says.
func api(behavior string) int {
	fmt.Println("environment: " + os.Getenv("COLOR"))
	if behavior == "exit" {
		fmt.Fprintln(os.Stderr, "cannot go on")
		return 3
	}
	status := http.StatusOK
	if behavior == "sick" {
		status = http.StatusInternalServerError
	}
	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM)
	go func() {
		address := os.Getenv("LISTEN_HOST") + ":" + os.Getenv("PORT")
		err := http.ListenAndServe(address, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) }))
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}()
	for {
		<-stop
		if behavior != "stubborn" {
			fmt.Println("bye")
			return 0
		}
	}
}
