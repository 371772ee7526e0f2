package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"

	"evenkeel/internal/local/gateway"
)

// SetPlay says how deployments of an image go that start from now on. The error
// names every field that is wrong.
func (i *Instance) SetPlay(ctx context.Context, p gateway.Play) error {
	if err := p.Validate(); err != nil {
		return err
	}
	body, err := json.Marshal(p)
	if err != nil {
		return err
	}
	var out struct{ Plays []gateway.Play }
	return i.control(ctx, http.MethodPut, "plays", bytes.NewReader(body), &out)
}

// Plays lists the plays, beginning with the one for every image.
func (i *Instance) Plays(ctx context.Context) ([]gateway.Play, error) {
	var out struct{ Plays []gateway.Play }
	err := i.get(ctx, "plays", &out)
	return out.Plays, err
}
