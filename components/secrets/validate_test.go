package secrets_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/secrets"
	"evenkeel/internal/pulumitest"
)

func TestValidate(t *testing.T) {
	const entry = `, want a-z and 0-9 in words joined by "-" or "/", such as "database-url"`
	for name, tc := range map[string]struct {
		change func(*secrets.Args)
		want   string
	}{
		"no name": {func(a *secrets.Args) { a.Name = "" }, `Name: is required`},
		"bad name": {
			func(a *secrets.Args) { a.Name = "Orders" },
			`Name: is "Orders", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`,
		},
		"no account":     {func(a *secrets.Args) { a.AccountID = nil }, `AccountID: is required`},
		"no region":      {func(a *secrets.Args) { a.Region = "" }, `Region: is required`},
		"not a region":   {func(a *secrets.Args) { a.Region = "Ireland" }, `Region: is "Ireland", want a region such as "eu-west-1"`},
		"no entries":     {func(a *secrets.Args) { a.Names = nil }, `Names: is empty, want one entry or more: without any, leave the component out`},
		"upper case":     {func(a *secrets.Args) { a.Names = []string{"DATABASE_URL"} }, `Names[0]: is "DATABASE_URL"` + entry},
		"leading digit":  {func(a *secrets.Args) { a.Names = []string{"a", "1b"} }, `Names[1]: is "1b"` + entry},
		"trailing slash": {func(a *secrets.Args) { a.Names = []string{"a/"} }, `Names[0]: is "a/"` + entry},
		"empty entry":    {func(a *secrets.Args) { a.Names = []string{""} }, `Names[0]: is ""` + entry},
		"twice": {
			func(a *secrets.Args) { a.Names = []string{"a", "b", "a"} },
			`Names[2]: is "a" a second time, want each entry once`,
		},
		"too long": {
			func(a *secrets.Args) { a.Names = []string{strings.Repeat("a", 502)} },
			`Names[0]: makes a secret name of 513 characters, want 512 or less`,
		},
		"recovery too short": {func(a *secrets.Args) { a.RecoveryDays = 6 }, `RecoveryDays: is 6, want 7 to 30, or 0 to delete at once`},
		"recovery too long":  {func(a *secrets.Args) { a.RecoveryDays = 31 }, `RecoveryDays: is 31, want 7 to 30, or 0 to delete at once`},
		"recovery negative":  {func(a *secrets.Args) { a.RecoveryDays = -1 }, `RecoveryDays: is -1, want 7 to 30, or 0 to delete at once`},
		"all at once, sorted": {
			func(a *secrets.Args) { *a = secrets.Args{RecoveryDays: 1} },
			"AccountID: is required\nName: is required\n" +
				"Names: is empty, want one entry or more: without any, leave the component out\n" +
				"RecoveryDays: is 1, want 7 to 30, or 0 to delete at once\nRegion: is required",
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := minimal()
			tc.change(args)
			pulumitest.Refused(t, secrets.New, args, tc.want)
		})
	}
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate())
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, program(nil), "secrets: args is nil")
}
