package policydoc_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/policydoc"
)

func TestJSON(t *testing.T) {
	got, err := policydoc.Document{Statements: []policydoc.Statement{{
		Sid: "Pull", Actions: []string{"ecr:BatchGetImage"}, Resources: []string{"arn:aws:ecr:*:*:repository/a&b"},
		Conditions: map[string]map[string][]string{"StringEquals": {"b": {"1"}, "a": {"2"}}},
	}, {
		Sid: "NoHTTP", Effect: policydoc.Deny, Principals: map[string][]string{"AWS": {"*"}}, Actions: []string{"s3:*"},
		Resources: []string{"arn:aws:s3:::x"},
	}}}.JSON()
	require.NoError(t, err)
	assert.Equal(t, `{"Version":"2012-10-17","Statement":[`+
		`{"Action":["ecr:BatchGetImage"],"Condition":{"StringEquals":{"a":["2"],"b":["1"]}},"Effect":"Allow",`+
		`"Resource":["arn:aws:ecr:*:*:repository/a&b"],"Sid":"Pull"},`+
		`{"Action":["s3:*"],"Effect":"Deny","Principal":{"AWS":["*"]},"Resource":["arn:aws:s3:::x"],"Sid":"NoHTTP"}]}`, got)
}

func TestJSONRefusesAStatementWithoutSid(t *testing.T) {
	_, err := policydoc.Document{Statements: []policydoc.Statement{{Actions: []string{"s3:GetObject"}}}}.JSON()
	assert.ErrorContains(t, err, "no Sid")
}

func TestAssumeByGuardsAgainstOtherAccounts(t *testing.T) {
	got, err := policydoc.AssumeBy("ecs-tasks.amazonaws.com", "123456789012").JSON()
	require.NoError(t, err)
	assert.Contains(t, got, `"aws:SourceAccount":["123456789012"]`)
}

func TestKeyAdministrationUsesNothing(t *testing.T) {
	s := policydoc.KeyAdministration("123456789012")
	assert.Equal(t, map[string][]string{"AWS": {"arn:aws:iam::123456789012:root"}}, s.Principals)
	assert.Contains(t, s.Actions, "kms:Put*", "without it nobody could change the policy again")
	for _, use := range []string{
		"kms:CreateGrant", "kms:Decrypt", "kms:DeriveSharedSecret", "kms:Encrypt", "kms:GenerateDataKey",
		"kms:GenerateDataKeyPair", "kms:GenerateMac", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:ReplicateKey", "kms:Sign",
	} {
		for _, allowed := range s.Actions {
			prefix, wildcard := strings.CutSuffix(allowed, "*")
			assert.False(t, allowed == use || wildcard && strings.HasPrefix(use, prefix), "%s allows %s", allowed, use)
		}
	}
}

func TestDenyWithoutTLS(t *testing.T) {
	got, err := policydoc.Document{Statements: []policydoc.Statement{policydoc.DenyWithoutTLS("s3:*", "arn:aws:s3:::x", "arn:aws:s3:::x/*")}}.JSON()
	require.NoError(t, err)
	assert.Equal(t, `{"Version":"2012-10-17","Statement":[{"Action":["s3:*"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},`+
		`"Effect":"Deny","Principal":{"AWS":["*"]},"Resource":["arn:aws:s3:::x","arn:aws:s3:::x/*"],"Sid":"DenyWithoutTLS"}]}`, got)
}
