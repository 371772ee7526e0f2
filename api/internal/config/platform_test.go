package config_test

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/api/internal/config"
)

// platformDefault is a default of the stack's configuration, from the schema
// that is generated from it.
func platformDefault(t *testing.T, group, key string) any {
	t.Helper()
	text, err := os.ReadFile("../../../docs/evenkeel.schema.json")
	require.NoError(t, err)
	var schema any
	require.NoError(t, json.Unmarshal(text, &schema))
	property, ok := find(find(schema, group), key).(map[string]any)
	require.True(t, ok, "%s has no %s", group, key)
	return property["default"]
}

// find returns the value of a key, however deep it is.
func find(node any, key string) any {
	object, _ := node.(map[string]any)
	if found, ok := object[key]; ok {
		return found
	}
	for _, child := range object {
		if found := find(child, key); found != nil {
			return found
		}
	}
	return nil
}

func TestDefaultsGoWithThePlatforms(t *testing.T) {
	seconds := func(group, key string) time.Duration {
		return time.Duration(platformDefault(t, group, key).(float64)) * time.Second
	}
	cfg, err := config.Load(from(nil))
	require.NoError(t, err)
	assert.Equal(t, seconds("evenkeel:service", "stopTimeoutSeconds"), cfg.StopTimeout)
	assert.Greater(t, cfg.Drain, seconds("evenkeel:ingress", "deregistrationDelaySeconds"))
	assert.Less(t, cfg.Drain+cfg.Shutdown, cfg.StopTimeout)
	assert.Greater(t, cfg.Idle, seconds("evenkeel:ingress", "idleTimeoutSeconds"))
	assert.EqualValues(t, cfg.Port, platformDefault(t, "evenkeel:service", "port"))
}
