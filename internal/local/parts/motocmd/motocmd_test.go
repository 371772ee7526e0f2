package motocmd_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/internal/local/parts/motocmd"
)

func TestCommand(t *testing.T) {
	tests := map[string]struct{ given, complete, on []string }{
		"server": {
			given:    []string{"python3", "-m", "moto.server"},
			complete: []string{"python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", "{port}"},
			on:       []string{"python3", "-m", "moto.server", "-H", "127.0.0.1", "-p", "4566"},
		},
		"port within a word": {
			given:    []string{"docker", "run", "-p", "127.0.0.1:{port}:5000", "image", "-p", "5000"},
			complete: []string{"docker", "run", "-p", "127.0.0.1:{port}:5000", "image", "-p", "5000"},
			on:       []string{"docker", "run", "-p", "127.0.0.1:4566:5000", "image", "-p", "5000"},
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			complete := motocmd.Complete(tt.given)
			assert.Equal(t, tt.complete, complete)
			assert.True(t, motocmd.HasPort(complete))
			assert.Equal(t, tt.on, motocmd.On(complete, 4566))
			assert.Equal(t, tt.complete, complete, "the command can be used for another port")
		})
	}
	assert.False(t, motocmd.HasPort([]string{"moto_server", "-p", "5000"}))
}
