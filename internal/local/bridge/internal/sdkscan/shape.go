package sdkscan

import (
	"go/ast"
	"reflect"
	"strconv"
	"strings"
)

// Kind is the wire shape of a property.
type Kind int

// The wire shapes. Any stands for everything the SDK leaves open.
const (
	Scalar Kind = iota
	List
	Map
	Object
	Archive
	Asset // or an archive
	Any
)

var kindNames = [...]string{"scalar", "list", "map", "object", "archive", "asset", "any"}

func (k Kind) String() string { return kindNames[k] }

// Shape describes a property.
type Shape struct {
	Kind  Kind
	Base  string // Go type of a scalar: string, int, float64 or bool; enums count as what they are made of
	Elem  *Shape // element of a List or Map
	named string // struct of an Object
	pkg   *pkg
}

// Fields lists the properties of an Object by wire name; nil for all other shapes.
func (s *Shape) Fields() map[string]*Shape {
	if s == nil || s.Kind != Object {
		return nil
	}
	return s.pkg.fields(s.named)
}

// IsString says whether the property is one string.
func (s *Shape) IsString() bool { return s.Kind == Scalar && s.Base == "string" }

// pkg is one parsed package of the SDK.
type pkg struct {
	all     map[string]*pkg // by directory relative to the SDK's root
	structs map[string]*ast.StructType
	others  map[string]ast.Expr
	imports map[string]string // import name -> directory relative to the root
	funcs   []*ast.FuncDecl
}

// fields lists the properties of a struct of the package, from its pulumi tags; nil when
// there is no such struct.
func (p *pkg) fields(name string) map[string]*Shape {
	st := p.structs[name]
	if st == nil {
		return nil
	}
	out := map[string]*Shape{}
	for _, f := range st.Fields.List {
		if f.Tag == nil {
			continue
		}
		raw, _ := strconv.Unquote(f.Tag.Value) // the parser has checked it
		if tag := reflect.StructTag(raw).Get("pulumi"); tag != "" {
			out[strings.TrimSuffix(tag, ",optional")] = p.shape(f.Type)
		}
	}
	return out
}

func (p *pkg) shape(e ast.Expr) *Shape {
	switch e := e.(type) {
	case *ast.StarExpr:
		return p.shape(e.X)
	case *ast.ArrayType:
		return &Shape{Kind: List, Elem: p.shape(e.Elt)}
	case *ast.MapType:
		return &Shape{Kind: Map, Elem: p.shape(e.Value)}
	case *ast.SelectorExpr:
		return p.imported(e)
	case *ast.Ident:
		return p.named(e.Name)
	}
	return &Shape{Kind: Any}
}

func (p *pkg) imported(e *ast.SelectorExpr) *Shape {
	x, ok := e.X.(*ast.Ident)
	if !ok {
		return &Shape{Kind: Any}
	}
	if x.Name == "pulumi" {
		switch e.Sel.Name {
		case "Archive":
			return &Shape{Kind: Archive}
		case "Asset", "AssetOrArchive":
			return &Shape{Kind: Asset}
		}
	}
	if dir, ok := p.imports[x.Name]; ok && p.all[dir] != nil {
		return p.all[dir].named(e.Sel.Name)
	}
	return &Shape{Kind: Any}
}

func (p *pkg) named(name string) *Shape {
	if st, ok := p.structs[name]; ok {
		if embedsOutput(st) {
			return &Shape{Kind: Any}
		}
		return &Shape{Kind: Object, named: name, pkg: p}
	}
	if under, ok := p.others[name]; ok { // an enum: type RoutingRule string
		return p.shape(under)
	}
	return &Shape{Kind: Scalar, Base: name}
}

// embedsOutput tells an output type from a property whose name happens to end in
// "Output".
func embedsOutput(st *ast.StructType) bool {
	for _, f := range st.Fields.List {
		star, ok := f.Type.(*ast.StarExpr)
		if !ok || len(f.Names) > 0 {
			continue
		}
		if sel, ok := star.X.(*ast.SelectorExpr); ok && sel.Sel.Name == "OutputState" {
			return true
		}
	}
	return false
}
