package iampolicy

// AllowedActions are the actions that a role's documents allow, without those that
// only read and write Pulumi's state.
func AllowedActions(in Input, role Role) ([]string, error) {
	all, err := Generate(in)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, d := range all[role] {
		for _, st := range d.Statements {
			if st.Effect == "" {
				out = append(out, st.Actions...)
			}
		}
	}
	return out, nil
}

// Rows lists every row's types and reason for everything, for checks of the table.
func Rows() (types [][]string, on [][]string, why []string) {
	for _, s := range table() {
		for _, r := range s.rows {
			types, on, why = append(types, r.types), append(on, r.on), append(why, r.why)
		}
	}
	return types, on, why
}
