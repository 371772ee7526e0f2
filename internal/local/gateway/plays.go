package gateway

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"evenkeel/internal/local/gateway/play"
)

// Play says how deployments of an image go that start from now on.
type Play = play.Play

// Outcome is how a deployment goes: one of play.Outcomes.
type Outcome = play.Outcome

// The outcomes that a Play can have, see package play.
const (
	OutcomeHealthy   = play.Healthy
	OutcomeCrash     = play.Crash
	OutcomeUnhealthy = play.Unhealthy
	OutcomeAlarm     = play.Alarm
	OutcomeStuck     = play.Stuck
)

// SetPlay replaces the play of an image.
func (g *Gateway) SetPlay(p Play) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.memory.world.Advance()
	return g.memory.world.Set(p)
}

// Plays lists the plays, beginning with the one for every image.
func (g *Gateway) Plays() []Play {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.memory.world.Plays()
}

// controlPlays lists the plays, after setting the one that a PUT brings.
func (g *Gateway) controlPlays(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPut {
		var p Play
		d := json.NewDecoder(io.LimitReader(r.Body, 1<<16))
		d.DisallowUnknownFields()
		if err := d.Decode(&p); err != nil {
			http.Error(w, fmt.Sprintf(`play: %v, want {"image": "<digest>", "outcome": "<outcome>", "stepMs": 300}`, err), http.StatusBadRequest)
			return
		}
		if err := g.SetPlay(p); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
	}
	writeJSON(w, map[string]any{"plays": g.Plays()})
}
