package local

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAdapt(t *testing.T) {
	const network, ingress = "evenkeel:network", "evenkeel:ingress"
	cases := map[string]struct {
		config    map[string]string
		encrypted []string
		around    surroundings
		want      map[string]string
		paths     []string
	}{
		"a created network without the plugin that creates it": {
			config: map[string]string{network: `{"mode":"create","zones":3}`},
			want:   map[string]string{network: `{"mode":"default"}`},
			paths:  []string{network},
		},
		"a network by default is a created one": {
			config: map[string]string{}, want: map[string]string{network: `{"mode":"default"}`}, paths: []string{network},
		},
		"a created network with the plugin stays": {
			config: map[string]string{network: `{"zones":3}`}, around: surroundings{awsx: true},
			want: map[string]string{network: `{"zones":3}`},
		},
		"an adopted network exists in the real account only": {
			config: map[string]string{network: `{"mode":"adopt","vpcId":"vpc-1"}`}, around: surroundings{awsx: true},
			want: map[string]string{network: `{"mode":"default"}`}, paths: []string{network},
		},
		"the default network stays": {
			config: map[string]string{network: `{"mode":"default"}`}, want: map[string]string{network: `{"mode":"default"}`},
		},
		"a certificate is replaced and its neighbours are kept": {
			config: map[string]string{network: `{"mode":"default"}`, ingress: `{"certificateArn":"arn:real","idleTimeoutSeconds":30}`},
			around: surroundings{certificateARN: "arn:emulated"},
			want:   map[string]string{network: `{"mode":"default"}`, ingress: `{"certificateArn":"arn:emulated","idleTimeoutSeconds":30}`},
			paths:  []string{"evenkeel:ingress.certificateArn"},
		},
		"an encrypted value gets a placeholder": {
			config: map[string]string{network: `{"mode":"default"}`}, encrypted: []string{"evenkeel:image"},
			want:  map[string]string{network: `{"mode":"default"}`, "evenkeel:image": "encrypted-in-the-real-stack"},
			paths: []string{"evenkeel:image"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			before, err := json.Marshal(c.config)
			require.NoError(t, err)
			got, list, err := adapt(c.config, "evenkeel", c.encrypted, c.around)
			require.NoError(t, err)
			assert.Equal(t, c.want, got)
			var paths []string
			for _, a := range list {
				paths = append(paths, a.Path)
				assert.NotEmpty(t, a.What)
				assert.NotEmpty(t, a.Why)
			}
			assert.Equal(t, c.paths, paths)
			after, err := json.Marshal(c.config)
			require.NoError(t, err)
			assert.JSONEq(t, string(before), string(after), "the user's configuration must not be changed")
		})
	}
}

func TestAccountIsTheOneThatTheStackAllows(t *testing.T) {
	assert.Equal(t, "111122223333", account(map[string]string{"evenkeel:aws": `{"accountIds":["111122223333","444455556666"]}`}, "evenkeel"))
	assert.Equal(t, defaultAccount, account(map[string]string{"evenkeel:aws": `{}`}, "evenkeel"))
	assert.Equal(t, defaultAccount, account(nil, "evenkeel"))
}

func TestNeedsCertificate(t *testing.T) {
	assert.True(t, needsCertificate(map[string]string{"evenkeel:ingress": `{"certificateArn":"arn:x"}`}, "evenkeel"))
	assert.False(t, needsCertificate(map[string]string{"evenkeel:ingress": `{}`}, "evenkeel"))
	assert.False(t, needsCertificate(nil, "evenkeel"))
}
