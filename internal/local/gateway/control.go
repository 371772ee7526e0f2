package gateway

import (
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// ControlPath is where the gateway's own endpoints are. No S3 bucket can have
// that name, which would begin with an underscore.
const ControlPath = "/_evenkeel/"

// Identity tells one running emulator from another.
type Identity struct {
	// ID is random, and new at each start.
	ID    string `json:"id"`
	Stack string `json:"stack"`
	// PID is the process that runs the gateway, MotoPID its child.
	PID     int       `json:"pid"`
	MotoPID int       `json:"motoPid"`
	Since   time.Time `json:"since"`
}

func isControl(path string) bool { return strings.HasPrefix(path, ControlPath) }

// control serves the endpoints of the gateway itself:
//
//	GET  health         Identity
//	GET  calls?since=N  {"calls": [Call]} with a sequence above N
//	GET  refused        {"calls": [Call]} that were refused
//	GET  plays          {"plays": [Play]}
//	PUT  plays          sets the Play in the body, then as GET
//	POST shutdown       ends the emulator; wants "Authorization: Bearer <token>"
func (g *Gateway) control(w http.ResponseWriter, r *http.Request) {
	endpoint := strings.TrimPrefix(r.URL.Path, ControlPath)
	want := http.MethodGet
	switch {
	case endpoint == "shutdown":
		want = http.MethodPost
	case endpoint == "plays" && r.Method != http.MethodGet:
		want = http.MethodPut
	}
	if r.Method != want {
		http.Error(w, fmt.Sprintf("%s: is %s, want %s", endpoint, r.Method, want), http.StatusMethodNotAllowed)
		return
	}
	switch endpoint {
	case "health":
		writeJSON(w, g.options.Identity)
	case "calls":
		g.controlCalls(w, r)
	case "refused":
		writeJSON(w, map[string]any{"calls": g.Refused()})
	case "plays":
		g.controlPlays(w, r)
	case "shutdown":
		g.controlShutdown(w, r)
	default:
		http.Error(w, fmt.Sprintf("endpoint: is %q, want health, calls, plays, refused or shutdown", endpoint), http.StatusNotFound)
	}
}

func (g *Gateway) controlCalls(w http.ResponseWriter, r *http.Request) {
	since := 0
	if text := r.URL.Query().Get("since"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			http.Error(w, fmt.Sprintf("since: is %q, want a sequence number", text), http.StatusBadRequest)
			return
		}
		since = n
	}
	writeJSON(w, map[string]any{"calls": g.Calls(since)})
}

func (g *Gateway) controlShutdown(w http.ResponseWriter, r *http.Request) {
	given := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	if g.options.Token == "" || subtle.ConstantTimeCompare([]byte(given), []byte(g.options.Token)) != 1 {
		http.Error(w, "shutdown: wants the token of this instance", http.StatusForbidden)
		return
	}
	writeJSON(w, map[string]any{"stopping": true})
	g.shutdown.Do(func() {
		if g.options.OnShutdown != nil {
			go g.options.OnShutdown()
		}
	})
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	// The client may be gone; there is nobody else to tell.
	_ = json.NewEncoder(w).Encode(v)
}

// complain reports what must not fail a call, such as a full disk under the
// record. Serve's stderr goes to the emulator's log.
func (g *Gateway) complain(err error) {
	fmt.Fprintln(os.Stderr, "gateway:", err)
}
