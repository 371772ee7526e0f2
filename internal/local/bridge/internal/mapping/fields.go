package mapping

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"

	"evenkeel/bridge/internal/sdkscan"
)

// minLikeness is how much two names must have in common to be paired by elimination.
const minLikeness = 0.55

// matcher pairs the properties of one object: want's names are the SDK's, schema's are
// Terraform's.
type matcher struct {
	want    map[string]*sdkscan.Shape
	names   []string // of want, sorted
	schema  shim.SchemaMap
	claimed map[string]bool // names of want that are paired
	out     map[string]*Field
	at      at
	report  *Report
}

// fields finds the overrides that make schema look like want.
func fields(want map[string]*sdkscan.Shape, schema shim.SchemaMap, where at, r *Report) map[string]*Field {
	m := &matcher{
		want: want, names: slices.Sorted(maps.Keys(want)), schema: schema,
		claimed: map[string]bool{}, out: map[string]*Field{}, at: where, report: r,
	}
	left := schemaNames(schema)
	for _, rule := range []func(tfName, sdkName string) bool{m.sameName, m.flattened, m.sameFolded} {
		left = m.pass(left, rule, false)
	}
	left = m.pass(left, m.habit, true)
	left = m.eliminate(left)
	m.leftOver(left)
	if len(m.out) == 0 {
		return nil
	}
	return m.out
}

// pass pairs what rule accepts and returns the Terraform names left.
func (m *matcher) pass(names []string, rule func(tfName, sdkName string) bool, report bool) []string {
	var left []string
	for _, n := range names {
		i := slices.IndexFunc(m.names, func(k string) bool {
			return !m.claimed[k] && rule(n, k) && compatible(m.want[k], m.schema.Get(n))
		})
		if i < 0 {
			left = append(left, n)
			continue
		}
		m.claim(n, m.names[i], report)
	}
	return left
}

func (m *matcher) sameName(tfName, sdkName string) bool {
	if pin, ok := pinnedProperties[m.at.entity+" "+tfName]; ok {
		return sdkName == pin
	}
	return sdkName == pulumiName(tfName, m.schema, nil)
}

// flattened knows that the bridge uses the plural for lists, and the singular for a
// list that appears as its only element.
func (m *matcher) flattened(tfName, sdkName string) bool {
	yes, no := true, false
	return sdkName == pulumiName(tfName, m.schema, &yes) || sdkName == pulumiName(tfName, m.schema, &no)
}

func (m *matcher) sameFolded(tfName, sdkName string) bool { return fold(tfName) == fold(sdkName) }

// habit knows two habits of the SDK: thing_name is called name, and a file is an asset.
func (m *matcher) habit(tfName, sdkName string) bool {
	return sdkName == "name" && strings.HasSuffix(tfName, "_name") ||
		isFile(m.want[sdkName]) && tfName == "filename"
}

func isFile(s *sdkscan.Shape) bool { return s.Kind == sdkscan.Asset || s.Kind == sdkscan.Archive }

// eliminate pairs what is left on both sides where the names are alike, as rest_api_id
// and restApi are.
func (m *matcher) eliminate(names []string) []string {
	var left []string
	for _, n := range names {
		best, score := "", minLikeness
		for _, k := range m.names {
			if m.claimed[k] || writeOnly(n) || !compatible(m.want[k], m.schema.Get(n)) {
				continue
			}
			if s := dice(fold(n), fold(k)); s > score {
				best, score = k, s
			}
		}
		if best == "" {
			left = append(left, n)
			continue
		}
		m.claim(n, best, true)
	}
	return left
}

// writeOnly knows the arguments that Terraform never stores, which this SDK lacks.
func writeOnly(tfName string) bool {
	return strings.HasSuffix(tfName, "_wo") || strings.HasSuffix(tfName, "_wo_version")
}

// implied says which Terraform properties every SDK leaves out: the ID and the timeouts
// are the engine's.
func implied(tfName string) bool { return tfName == "id" || tfName == "timeouts" }

func (m *matcher) leftOver(names []string) {
	for _, n := range names {
		if !implied(n) && n != "tags_all" {
			m.report.add(terraformOnly, m.at.entity, m.at.path, n)
		}
	}
	for _, k := range m.names {
		if !m.claimed[k] && k != "id" {
			m.report.add(sdkOnly, m.at.entity, m.at.path, k)
		}
	}
}

func (m *matcher) claim(tfName, sdkName string, report bool) {
	m.claimed[sdkName] = true
	if report {
		m.report.add(renamed, m.at.entity, m.at.path, tfName+" is "+sdkName)
	}
	f := compare(m.want[sdkName], m.schema.Get(tfName), m.at.child(sdkName), m.report)
	if pulumiName(tfName, m.schema, f.Single) != sdkName || f.changesOutputs() {
		f.Name = sdkName
	}
	if !f.empty() {
		m.out[tfName] = f
	}
}

// changesOutputs says whether an output needs a change that the bridge does not make,
// for which the property must be found by its name.
func (f *Field) changesOutputs() bool {
	if f.Type != "" || f.File != "" {
		return true
	}
	for _, n := range f.Nested() {
		if n.changesOutputs() {
			return true
		}
	}
	return false
}

func compatible(s *sdkscan.Shape, tf shim.Schema) bool {
	switch tf.Type() {
	case shim.TypeString, shim.TypeBool, shim.TypeInt, shim.TypeFloat:
		return s.Kind == sdkscan.Scalar || s.Kind == sdkscan.Any || isFile(s)
	case shim.TypeMap:
		return s.Kind == sdkscan.Map || s.Kind == sdkscan.Object || s.Kind == sdkscan.Any
	default:
		return s.Kind != sdkscan.Map
	}
}

// compare finds the override for one property, without its name.
func compare(want *sdkscan.Shape, tf shim.Schema, where at, r *Report) *Field {
	switch tf.Type() {
	case shim.TypeList, shim.TypeSet:
		return compareList(want, tf, where, r)
	case shim.TypeMap:
		return compareMap(want, tf, where, r)
	default:
		return compareScalar(want, tf, where, r)
	}
}

func compareList(want *sdkscan.Shape, tf shim.Schema, where at, r *Report) *Field {
	f := &Field{}
	elem, flat := want, want.Kind != sdkscan.List
	if !flat {
		elem = want.Elem
	}
	if flat != (tf.MaxItems() == 1) {
		f.Single = &flat
		kind := notSingle
		if flat {
			kind = single
		}
		r.add(kind, where.entity, parent(where.path), last(where.path))
	}
	f.Elem = compareElem(elem, tf.Elem(), where, r)
	return f
}

// compareElem compares what a collection holds.
func compareElem(want *sdkscan.Shape, tf any, where at, r *Report) map[string]*Field {
	switch e := tf.(type) {
	case shim.Resource:
		return nested(want, e, where, r)
	case shim.Schema:
		if obj, ok := e.Elem().(shim.Resource); ok && e.Type() == shim.TypeMap {
			return nested(want, obj, where, r)
		}
		have, ok := scalarTypes[e.Type()]
		if ok && (want.Kind != sdkscan.Scalar && want.Kind != sdkscan.Any || want.Kind == sdkscan.Scalar && !fits(have, want.Base)) {
			r.add(otherKind, where.entity, where.path, fmt.Sprintf("%s elements in Terraform, %s %s in the SDK", have, want.Kind, want.Base))
		}
	}
	return nil
}

// fits says whether a number or word of Terraform's type can stand in the SDK's as is.
func fits(have, want string) bool { return have == want || have == "float64" && want == "int" }

// nested compares objects, unless the SDK leaves the shape open.
func nested(want *sdkscan.Shape, obj shim.Resource, where at, r *Report) map[string]*Field {
	if want.Kind != sdkscan.Object {
		if want.Kind != sdkscan.Any {
			r.add(otherKind, where.entity, where.path, fmt.Sprintf("object in Terraform, %s in the SDK", want.Kind))
		}
		return nil
	}
	return fields(want.Fields(), obj.Schema(), where, r)
}

func compareMap(want *sdkscan.Shape, tf shim.Schema, where at, r *Report) *Field {
	f := &Field{}
	switch e := tf.Elem().(type) {
	case shim.Resource: // a map of this element type is how the bridge writes an object
		f.Fields = nested(want, e, where, r)
	case shim.Schema:
		if want.Kind != sdkscan.Map {
			r.add(otherKind, where.entity, where.path, fmt.Sprintf("map in Terraform, %s in the SDK", want.Kind))
		} else {
			f.Elem = compareElem(want.Elem, e, where, r)
		}
	}
	return f
}

var scalarTypes = map[shim.ValueType]string{
	shim.TypeString: "string", shim.TypeBool: "bool", shim.TypeInt: "int", shim.TypeFloat: "float64",
}

func compareScalar(want *sdkscan.Shape, tf shim.Schema, where at, r *Report) *Field {
	f := &Field{}
	switch want.Kind {
	case sdkscan.Asset, sdkscan.Archive:
		f.File = want.Kind.String()
		r.add(asset, where.entity, where.path, f.File)
	case sdkscan.Scalar:
		have := scalarTypes[tf.Type()]
		if fits(have, want.Base) {
			break
		}
		f.Type = want.Base
		r.add(retyped, where.entity, where.path, fmt.Sprintf("%s in Terraform, %s in the SDK", have, want.Base))
	default: // compatible lets only Any through, which takes all
	}
	return f
}

func parent(path string) string {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)]
}

func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

func schemaNames(schema shim.SchemaMap) []string {
	var out []string
	schema.Range(func(k string, _ shim.Schema) bool { out = append(out, k); return true })
	sort.Strings(out)
	return out
}

// pulumiName is what the bridge calls a property, given whether it is a single element.
func pulumiName(tfName string, schema shim.SchemaMap, single *bool) string {
	return tfbridge.TerraformToPulumiNameV2(tfName, schema, map[string]*info.Schema{tfName: {MaxItemsOne: single}})
}
