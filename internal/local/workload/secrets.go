package workload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	smtypes "github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
)

// Unset is a secret variable that the API runs without.
type Unset struct {
	// Variable is the variable's name, Why says what is missing.
	Variable string `json:"variable"`
	Why      string `json:"why"`
}

// secretRef is a container's reference to a secret: its ARN, then optionally a
// key of a JSON value, a stage and a version.
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
type secretRef struct {
	arn, key, stage, version string
}

// parseSecretRef returns false for what is no secret of Secrets Manager.
func parseSecretRef(valueFrom string) (secretRef, bool) {
	const plain = 7 // arn:aws:secretsmanager:<region>:<account>:secret:<name>
	parts := strings.Split(valueFrom, ":")
	if len(parts) < plain || parts[2] != "secretsmanager" {
		return secretRef{}, false
	}
	more := append(parts[plain:], "", "", "")
	return secretRef{strings.Join(parts[:plain], ":"), more[0], more[1], more[2]}, true
}

// name is the secret's name, without the suffix that AWS adds.
func (r secretRef) name() string {
	name := r.arn[strings.LastIndexByte(r.arn, ':')+1:]
	if i := strings.LastIndexByte(name, '-'); i > 0 && len(name)-i == len("-AbCdEf") {
		return name[:i]
	}
	return name
}

// pick takes the referenced part of a secret's value.
func (r secretRef) pick(value string) (string, error) {
	if r.key == "" {
		return value, nil
	}
	var object map[string]any
	if err := json.Unmarshal([]byte(value), &object); err != nil {
		// Not the error itself, which may quote the value.
		return "", fmt.Errorf("the value is no JSON object, want one with the key %q", r.key)
	}
	switch v := object[r.key].(type) {
	case nil:
		return "", fmt.Errorf("the value has no key %q", r.key)
	case string:
		return v, nil
	default:
		raw, err := json.Marshal(v)
		return string(raw), err
	}
}

// ReadSecrets asks AWS for the values of a definition's secret variables. Those
// that have none come back with a reason, ordered by name.
func ReadSecrets(ctx context.Context, cfg aws.Config, d *Definition) (map[string]string, []Unset, error) {
	client := secretsmanager.NewFromConfig(cfg)
	values, unset := map[string]string{}, []Unset{}
	for _, name := range slices.Sorted(maps.Keys(d.Secrets)) {
		ref, ok := parseSecretRef(d.Secrets[name])
		if !ok {
			unset = append(unset, Unset{name, d.Secrets[name] + " is not in Secrets Manager"})
			continue
		}
		in := &secretsmanager.GetSecretValueInput{SecretId: aws.String(ref.arn)}
		if ref.stage != "" {
			in.VersionStage = aws.String(ref.stage)
		}
		if ref.version != "" {
			in.VersionId = aws.String(ref.version)
		}
		out, err := client.GetSecretValue(ctx, in)
		var missing *smtypes.ResourceNotFoundException
		if errors.As(err, &missing) {
			unset = append(unset, Unset{name, "the secret " + ref.name() + " has no value yet"})
			continue
		}
		if err != nil {
			return nil, nil, fmt.Errorf("read the secret %s: %w", ref.name(), err)
		}
		value, err := ref.pick(aws.ToString(out.SecretString))
		if err != nil {
			unset = append(unset, Unset{name, "the secret " + ref.name() + ": " + err.Error()})
			continue
		}
		values[name] = value
	}
	return values, unset, nil
}
