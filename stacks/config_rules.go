package stacks

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"evenkeel/internal/check"
)

// rule is what the tags of a field say of its value.
type rule struct {
	// required refuses an empty text. because, when set, says why.
	required bool
	because  string
	// bounded says that a number is min to max; so is each number of a list of
	// numbers, and the length of a list of texts. zero, when set, says what 0
	// means, which is then accepted besides.
	bounded  bool
	min, max int
	zero     string
	// oneof, when set, has the only numbers that are accepted.
	oneof *numberSet
	// format is what a text is, or each text of a list or mapping, and keys what
	// each key of a mapping is.
	format, keys *format
	// unique, when set, says what stands in a list once at most.
	unique string
	// unit is what a number counts, example a value in YAML, and change what
	// happens to a deployed stack, when that is more than an update in place.
	unit, example, change string
}

// ruleOf reads the tags of a field. A mistake in them is one of the program:
// the tests find it, because they read every field's.
func ruleOf(f reflect.StructField) (rule, error) {
	r := rule{
		zero: f.Tag.Get("zero"), unique: f.Tag.Get("unique"),
		unit: f.Tag.Get("unit"), example: f.Tag.Get("example"), change: f.Tag.Get("change"),
	}
	if why, ok := f.Tag.Lookup("required"); ok {
		r.required = true
		if why != "true" {
			r.because = why
		}
	}
	if name, ok := f.Tag.Lookup("oneof"); ok {
		if r.oneof = numberSets[name]; r.oneof == nil {
			return rule{}, fmt.Errorf("field %s: there is no set of numbers %q", f.Name, name)
		}
	}
	for tag, to := range map[string]**format{"format": &r.format, "keys": &r.keys} {
		if name, ok := f.Tag.Lookup(tag); ok {
			if *to = formats[name]; *to == nil {
				return rule{}, fmt.Errorf("field %s: there is no format %q", f.Name, name)
			}
		}
	}
	least, most := f.Tag.Get("min"), f.Tag.Get("max")
	if least == "" && most == "" {
		return r, nil
	}
	var err error
	if r.min, err = strconv.Atoi(least); err != nil {
		return rule{}, fmt.Errorf("field %s: min: %w", f.Name, err)
	}
	if r.max, err = strconv.Atoi(most); err != nil {
		return rule{}, fmt.Errorf("field %s: max: %w", f.Name, err)
	}
	r.bounded = true
	return r, nil
}

// checkFields records every value of a struct that its field's rule refuses.
// at gives the path of a key, and defaults is the struct that nobody set: a
// text that is empty there may be empty here.
func checkFields(l *check.List, at func(key string) check.Path, value, defaults reflect.Value) {
	for _, f := range reflect.VisibleFields(value.Type()) {
		p, v, unset := at(f.Tag.Get("json")), value.FieldByIndex(f.Index), defaults.FieldByIndex(f.Index)
		if f.Type.Kind() == reflect.Struct {
			checkFields(l, p.Field, v, unset)
			continue
		}
		r, err := ruleOf(f)
		if err != nil {
			l.Addf(p, "%v", err)
			continue
		}
		switch f.Type.Kind() {
		case reflect.String:
			r.checkText(l, p, v, unset.String() == "")
		case reflect.Int:
			r.checkNumber(l, p, int(v.Int()))
		case reflect.Float64:
			r.format.check(l, p, decimal(v.Float()))
		case reflect.Slice:
			r.checkList(l, p, v)
		case reflect.Map:
			r.checkMapping(l, p, v)
		}
	}
}

func (r rule) checkText(l *check.List, p check.Path, v reflect.Value, optional bool) {
	choices, text := choicesOf(v.Type()), v.String()
	switch {
	case r.required && strings.TrimSpace(text) == "":
		detail := "is required"
		switch {
		case r.because != "":
			detail += ": " + r.because
		case choices != nil:
			detail += ", " + check.Or(quoted(choices))
		case r.example != "":
			detail += fmt.Sprintf(", for example %q", r.example)
		}
		l.Addf(p, "%s", detail)
	case choices != nil:
		check.OneOf(l, p, text, choices...)
	case text == "" && optional:
	case r.format != nil:
		r.format.check(l, p, text)
	}
}

func (r rule) checkNumber(l *check.List, p check.Path, n int) {
	switch {
	case n == 0 && r.zero != "":
	case r.oneof != nil:
		r.oneof.check(l, p, n, r.zero)
	case r.bounded && (n < r.min || n > r.max):
		l.Addf(p, "is %d, want %s", n, r.bounds())
	}
}

// bounds words what a number may be, as in "7 to 30, or 0 to delete at once".
func (r rule) bounds() string {
	text := fmt.Sprintf("%d to %d", r.min, r.max)
	if r.zero != "" {
		text += ", or 0 " + r.zero
	}
	return text
}

func (r rule) checkList(l *check.List, p check.Path, list reflect.Value) {
	if n := list.Len(); r.bounded && list.Type().Elem().Kind() == reflect.String && (n < r.min || n > r.max) {
		l.Addf(p, "has %d %s, want %s", n, r.unit, r.bounds())
	}
	seen := map[any]bool{}
	for i := range list.Len() {
		v := list.Index(i)
		switch {
		case r.unique != "" && seen[v.Interface()]:
			r.again(l, p.Index(i), v)
		case v.Kind() == reflect.Int:
			r.checkNumber(l, p.Index(i), int(v.Int()))
		case r.format != nil:
			r.format.check(l, p.Index(i), v.String())
		}
		seen[v.Interface()] = true
	}
}

// again records that an item stands in its list already.
func (r rule) again(l *check.List, p check.Path, v reflect.Value) {
	switch {
	case r.format != nil && r.format.secret:
		l.Addf(p, "stands there a second time, want each %s once", r.unique)
	case v.Kind() == reflect.Int:
		l.Addf(p, "is %d a second time, want each %s once", v.Int(), r.unique)
	default:
		l.Addf(p, "is %q a second time, want each %s once", v.String(), r.unique)
	}
}

func (r rule) checkMapping(l *check.List, p check.Path, m reflect.Value) {
	for entry := m.MapRange(); entry.Next(); {
		key, value := entry.Key().String(), entry.Value()
		if r.keys != nil {
			r.keys.check(l, p.Key(key), key)
		}
		switch {
		case value.Kind() == reflect.Struct:
			checkFields(l, p.Key(key).Field, value, reflect.Zero(value.Type()))
		case r.format != nil:
			r.format.check(l, p.Key(key), value.String())
		}
	}
}

// decimal renders a number as a configuration has it.
func decimal(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

// choicesOf lists the only texts that a type has, or nil.
func choicesOf(t reflect.Type) []string {
	if c, ok := reflect.Zero(t).Interface().(choice); ok {
		return c.choices()
	}
	return nil
}

func quoted(words []string) []string {
	out := slices.Clone(words)
	for i := range out {
		out[i] = strconv.Quote(out[i])
	}
	return out
}
