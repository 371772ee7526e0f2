package local

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Adaptation is one difference between a stack's definition and what is
// deployed to emulated AWS.
type Adaptation struct {
	// Path is the configuration key that was changed, or what is not emulated.
	Path string `json:"path"`
	// What says what is different.
	What string `json:"what"`
	// Why says why.
	Why string `json:"why"`
}

// surroundings is what adapt needs to know about the engine.
type surroundings struct {
	// awsx says that the awsx plugin, which creates networks, was found.
	awsx bool
	// certificateARN is a certificate that exists in the emulator.
	certificateARN string
}

// adapt returns the configuration that can be deployed to emulated AWS, and
// how it differs. Everything else stays as it is; nothing is dropped silently.
func adapt(config map[string]string, namespace string, encrypted []string, s surroundings) (map[string]string, []Adaptation, error) {
	out := maps.Clone(config)
	var list []Adaptation
	for _, key := range encrypted {
		out[key] = "encrypted-in-the-real-stack"
		list = append(list, Adaptation{key, "a placeholder stands for the encrypted value", "only the stack's own secrets provider can decrypt it"})
	}
	network, err := object(out, namespace+":network")
	if err != nil {
		return nil, nil, err
	}
	switch mode, _ := network["mode"].(string); {
	case mode == "adopt":
		out[namespace+":network"] = `{"mode":"default"}`
		list = append(list, Adaptation{namespace + ":network", "the emulated account's default VPC is used", "the VPC to adopt exists in the real account only"})
	case (mode == "" || mode == "create") && !s.awsx:
		out[namespace+":network"] = `{"mode":"default"}`
		list = append(list, Adaptation{
			namespace + ":network", "the emulated account's default VPC is used instead of a created one; no NAT, S3 endpoint, flow logs",
			"the awsx plugin, which creates networks, is neither installed nor downloadable",
		})
	}
	ingress, err := object(out, namespace+":ingress")
	if err != nil {
		return nil, nil, err
	}
	if arn, _ := ingress["certificateArn"].(string); arn != "" && s.certificateARN != "" {
		ingress["certificateArn"] = s.certificateARN
		raw, err := json.Marshal(ingress)
		if err != nil {
			return nil, nil, fmt.Errorf("adapt the configuration: %w", err)
		}
		out[namespace+":ingress"] = string(raw)
		list = append(list, Adaptation{
			namespace + ":ingress.certificateArn", "a self-signed certificate in the emulated account is used",
			"the configured one exists in the real account only",
		})
	}
	return out, list, nil
}

// needsCertificate tells whether the stack's listener uses a certificate.
func needsCertificate(config map[string]string, namespace string) bool {
	ingress, err := object(config, namespace+":ingress")
	arn, _ := ingress["certificateArn"].(string)
	return err == nil && arn != ""
}

func object(config map[string]string, key string) (map[string]any, error) {
	out := map[string]any{}
	raw, ok := config[key]
	if !ok {
		return out, nil
	}
	if err := json.Unmarshal([]byte(raw), &out); err != nil {
		return nil, fmt.Errorf("adapt the configuration: %s: %w", key, err)
	}
	return out, nil
}

// account is the account that the emulator plays: the first that the stack may
// be deployed to, so that the provider's own check of it is exercised.
func account(config map[string]string, namespace string) string {
	aws, err := object(config, namespace+":aws")
	if err != nil {
		return defaultAccount
	}
	ids, _ := aws["accountIds"].([]any)
	if len(ids) > 0 {
		if id, ok := ids[0].(string); ok {
			return id
		}
	}
	return defaultAccount
}

// defaultAccount is the emulator's own default.
const defaultAccount = "123456789012"

// limits is what no emulation shows, whatever the stack.
var limits = []Adaptation{
	{"tasks", "none is started; deployments are played, as `local play` says", "the emulator has no container runtime"},
	{"load balancer", "its address resolves nowhere and it serves nothing", "the emulator only keeps what it is told"},
	{"notifications", "no mail or call is sent", "the emulator only keeps what it is told"},
	{"permissions", "every call is allowed", "the emulator does not enforce IAM policies"},
}

// sorted orders adaptations by path, so that output is the same on every run.
func sorted(list []Adaptation) []Adaptation {
	slices.SortFunc(list, func(a, b Adaptation) int {
		if a.Path < b.Path {
			return -1
		}
		return 1
	})
	return list
}
