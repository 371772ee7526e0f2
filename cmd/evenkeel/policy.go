package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"evenkeel/components/pipelineidentity"
	"evenkeel/internal/check"
	"evenkeel/internal/iampolicy"
	"evenkeel/stacks"
)

func policyCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "policy",
		Short: "Print what a role of a stack's pipeline may do: IAM policies, offline",
		Long: "Generates the policies from the resources that the stack's program registers: one document, or\n" +
			"a list of them where IAM's limit on their size splits it. They are those that the program gives\n" +
			"the roles when evenkeel:pipeline.github is set. docs/policies.md says why each action is there.",
		Args: noArgs,
	}
	var names []string
	for _, r := range iampolicy.Roles() {
		names = append(names, string(r))
	}
	stack := stackFlag(c)
	role := c.Flags().String("role", "", "whose: "+check.Or(names))
	format := formatFlag(c, "json", "markdown")
	c.RunE = func(c *cobra.Command, _ []string) error {
		f, err := format()
		if err != nil {
			return err
		}
		if f == "json" && !slices.Contains(names, *role) {
			return usagef("--role: is %q, want %s", *role, check.Or(names))
		}
		s, err := choose(*stack)
		if err != nil {
			return err
		}
		in, err := s.policyInput()
		if err != nil {
			return err
		}
		if f == "markdown" {
			return iampolicy.WriteMarkdown(c.OutOrStdout(), in)
		}
		documents, err := iampolicy.Generate(in)
		if err != nil {
			return err
		}
		return writePolicies(c.OutOrStdout(), documents[iampolicy.Role(*role)])
	}
	return c
}

// policyInput is what the program would generate the policies from, with a
// pipeline also where none is configured yet.
func (s *selection) policyInput() (iampolicy.Input, error) {
	cfg, err := stacks.Decode(s.stack.Name, s.stack.Config)
	if err != nil {
		return iampolicy.Input{}, err
	}
	g, err := s.graph(withImage(s.stack.Config))
	if err != nil {
		return iampolicy.Input{}, err
	}
	types := pipelineidentity.Types(cfg.Pipeline.OIDCProviderARN == "")
	for _, r := range g.Resources {
		types = append(types, r.Type)
	}
	account := s.account()
	if account == "" {
		account = "123456789012" // AWS's own in its documentation
	}
	return cfg.PolicyInput(s.project.Name, s.stack.Name, account, types), nil
}

// document is what a policy and a list of them have in common.
type document interface{ JSON() (string, error) }

func writePolicies[D document](w io.Writer, documents []D) error {
	var all []json.RawMessage
	for _, d := range documents {
		text, err := d.JSON()
		if err != nil {
			return err
		}
		all = append(all, json.RawMessage(text))
	}
	var v any = all
	if len(all) == 1 {
		v = all[0]
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(w, string(out))
	return err
}
