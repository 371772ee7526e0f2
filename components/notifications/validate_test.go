package notifications_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/notifications"
	"evenkeel/internal/pulumitest"
)

func TestValidate(t *testing.T) {
	const notURL = `is not an https URL, want one such as "https://events.example.com/sns/key"`
	for name, tc := range map[string]struct {
		change func(*notifications.Args)
		want   string
	}{
		"no name": {func(a *notifications.Args) { a.Name = "" }, `Name: is required`},
		"bad name": {
			func(a *notifications.Args) { a.Name = "orders_dev" },
			`Name: is "orders_dev", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`,
		},
		"no account": {func(a *notifications.Args) { a.AccountID = nil }, `AccountID: is required`},
		"not an address": {
			func(a *notifications.Args) { a.Page.Emails = []string{"oncall"} },
			`Page.Emails[0]: is "oncall", want an address such as "oncall@example.com"`,
		},
		"address with a name": {
			func(a *notifications.Args) { a.Ticket.Emails = []string{"On Call <oncall@example.com>"} },
			`Ticket.Emails[0]: is "On Call <oncall@example.com>", want an address such as "oncall@example.com"`,
		},
		"address twice": {
			func(a *notifications.Args) {
				a.Page.Emails = []string{"a@example.com", "b@example.com", "a@example.com"}
			},
			`Page.Emails[2]: is "a@example.com" a second time, want each address once`,
		},
		"plain http": {func(a *notifications.Args) { a.Page.HTTPS = []string{"http://example.com/" + integrationKey} }, `Page.HTTPS[0]: ` + notURL},
		"no host":    {func(a *notifications.Args) { a.Page.HTTPS = []string{"https:///" + integrationKey} }, `Page.HTTPS[0]: ` + notURL},
		"no URL":     {func(a *notifications.Args) { a.Ticket.HTTPS = []string{"https://example.com/%zz" + integrationKey} }, `Ticket.HTTPS[0]: ` + notURL},
		"endpoint twice": {
			func(a *notifications.Args) { a.Page.HTTPS = []string{endpoint, endpoint} },
			`Page.HTTPS[1]: is the same as Page.HTTPS[0], want each URL once`,
		},
		"no workspace": {
			func(a *notifications.Args) {
				a.Chat = &notifications.Chat{Workspace: "our team", Channel: "C07EZ1ABC23"}
			},
			`Chat.Workspace: is "our team", want the id of a Slack workspace, such as "T07EA123LEP"`,
		},
		"channel by name": {
			func(a *notifications.Args) {
				a.Chat = &notifications.Chat{Workspace: "T07EA123LEP", Channel: "#oncall"}
			},
			`Chat.Channel: is "#oncall", want the id of a Slack channel, such as "C07EZ1ABC23"`,
		},
		"all at once, sorted": {
			func(a *notifications.Args) {
				*a = notifications.Args{Ticket: notifications.Targets{Emails: []string{"x"}}, Page: notifications.Targets{HTTPS: []string{""}}}
			},
			"AccountID: is required\nName: is required\nPage.HTTPS[0]: " + notURL + "\n" +
				`Ticket.Emails[0]: is "x", want an address such as "oncall@example.com"`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := minimal()
			tc.change(args)
			assert.NotContains(t, tc.want, integrationKey, "a message must not repeat an endpoint")
			pulumitest.Refused(t, notifications.New, args, tc.want)
		})
	}
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate(), "the same address on both topics is fine")
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, program(nil), "notifications: args is nil")
}
