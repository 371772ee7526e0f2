// Package providertest gives tests the Terraform provider they run against.
package providertest

import (
	"os"
	"testing"

	"evenkeel/bridge/internal/tfprovider"
)

// Binary returns the path of the terraform-provider-aws binary, from
// EVENKEEL_TERRAFORM_PROVIDER_AWS. When that is not set the test is skipped, except in
// CI and in the end-to-end run, where it fails.
func Binary(t *testing.T) string {
	t.Helper()
	binary := os.Getenv(tfprovider.EnvBinary)
	if binary != "" {
		return binary
	}
	const missing = tfprovider.EnvBinary + " is not set: it must be the path of a terraform-provider-aws 5.100.0 binary, " +
		"which `make test-bridge` in the repository's root finds or downloads"
	if os.Getenv("CI") == "true" || os.Getenv("EVENKEEL_E2E") == "1" {
		t.Fatal(missing)
	}
	t.Skip(missing)
	return ""
}
