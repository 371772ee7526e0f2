// Package sdkscan reads the Go sources of a Pulumi SDK and reports, for every
// resource and function, the property names and shapes the SDK has on the wire.
package sdkscan

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
)

// Entity is a resource or a function of the SDK.
type Entity struct {
	Token   string
	Inputs  map[string]*Shape
	Outputs map[string]*Shape // the state of a resource, the result of a function
}

// Properties lists inputs and outputs together.
func (e Entity) Properties() map[string]*Shape {
	out := make(map[string]*Shape, len(e.Outputs))
	for _, side := range []map[string]*Shape{e.Inputs, e.Outputs} {
		for k, v := range side {
			out[k] = v
		}
	}
	return out
}

// SDK is the result of a scan, sorted by token.
type SDK struct {
	Resources, Functions []Entity
	Provider             map[string]*Shape // the provider's own configuration
}

// Scan reads all packages under root, the directory of the SDK's root package, whose
// import path is importRoot.
func Scan(root, importRoot string) (*SDK, error) {
	all, err := load(root, importRoot)
	if err != nil {
		return nil, fmt.Errorf("read the SDK in %s: %w", root, err)
	}
	if all["."] == nil || all["."].structs["providerArgs"] == nil {
		return nil, fmt.Errorf("read the SDK in %s: it has no provider, want the directory of %s", root, importRoot)
	}
	sdk := &SDK{Provider: all["."].fields("providerArgs")}
	for _, p := range all {
		for _, fn := range p.funcs {
			p.entity(fn, sdk)
		}
	}
	for _, e := range sdk.Resources {
		if e.Outputs == nil {
			return nil, fmt.Errorf("read the SDK in %s: %s has no state type", root, e.Token)
		}
	}
	for _, list := range [][]Entity{sdk.Resources, sdk.Functions} {
		sort.Slice(list, func(i, j int) bool { return list[i].Token < list[j].Token })
	}
	return sdk, nil
}

// parallel bounds the packages parsed at a time.
const parallel = 8

func load(root, importRoot string) (map[string]*pkg, error) {
	dirs, err := directories(root)
	if err != nil {
		return nil, err
	}
	all := map[string]*pkg{}
	errs := make([]error, len(dirs))
	parsed := make([]*pkg, len(dirs))
	slots := make(chan struct{}, parallel)
	var wg sync.WaitGroup
	for i, dir := range dirs {
		wg.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			parsed[i], errs[i] = parse(filepath.Join(root, dir), importRoot, all)
		})
	}
	wg.Wait()
	for i, dir := range dirs {
		if errs[i] != nil {
			return nil, errs[i]
		}
		all[filepath.ToSlash(dir)] = parsed[i]
	}
	return all, nil
}

func directories(root string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil || !d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(root, p)
		dirs = append(dirs, rel)
		return err
	})
	return dirs, err
}

func parse(dir, importRoot string, all map[string]*pkg) (*pkg, error) {
	p := &pkg{
		all: all, structs: map[string]*ast.StructType{}, others: map[string]ast.Expr{}, imports: map[string]string{},
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if e.IsDir() || !strings.HasSuffix(e.Name(), ".go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		p.add(f, importRoot)
	}
	return p, nil
}

func (p *pkg) add(f *ast.File, importRoot string) {
	for _, imp := range f.Imports {
		full, _ := strconv.Unquote(imp.Path.Value) // the parser has checked it
		rel, ok := strings.CutPrefix(full, importRoot+"/")
		if !ok {
			continue
		}
		name := path.Base(full)
		if imp.Name != nil {
			name = imp.Name.Name
		}
		p.imports[name] = rel
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil && d.Body != nil {
				p.funcs = append(p.funcs, d)
			}
		case *ast.GenDecl:
			p.addTypes(d)
		}
	}
}

func (p *pkg) addTypes(d *ast.GenDecl) {
	if d.Tok != token.TYPE {
		return
	}
	for _, s := range d.Specs {
		ts := s.(*ast.TypeSpec)
		if st, ok := ts.Type.(*ast.StructType); ok {
			p.structs[ts.Name.Name] = st
		} else {
			p.others[ts.Name.Name] = ts.Type
		}
	}
}

// entity records fn when it is the constructor of a resource or the body of a function.
func (p *pkg) entity(fn *ast.FuncDecl, sdk *SDK) {
	var result string
	ast.Inspect(fn.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ValueSpec: // var rv LookupBucketResult
			if id, ok := n.Type.(*ast.Ident); ok && len(n.Names) == 1 && n.Names[0].Name == "rv" {
				result = id.Name
			}
		case *ast.CallExpr:
			switch method, tok := call(n); {
			case strings.HasPrefix(tok, "pulumi:"): // the provider itself
			case method == "RegisterResource":
				name := strings.TrimPrefix(fn.Name.Name, "New")
				sdk.Resources = append(sdk.Resources, Entity{
					Token: tok, Inputs: p.private(name + "Args"), Outputs: p.private(name + "State"),
				})
			case method == "Invoke":
				sdk.Functions = append(sdk.Functions, Entity{
					Token: tok, Inputs: p.arguments(fn), Outputs: p.fields(result),
				})
			}
		}
		return true
	})
}

// call takes the method and the token from ctx.Method("token", ...).
func call(n *ast.CallExpr) (method, tok string) {
	sel, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || len(n.Args) == 0 {
		return "", ""
	}
	lit, ok := n.Args[0].(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", ""
	}
	tok, _ = strconv.Unquote(lit.Value) // the parser has checked it
	return sel.Sel.Name, tok
}

func (p *pkg) arguments(fn *ast.FuncDecl) map[string]*Shape {
	for _, param := range fn.Type.Params.List {
		if star, ok := param.Type.(*ast.StarExpr); ok {
			if id, ok := star.X.(*ast.Ident); ok {
				return p.fields(id.Name)
			}
		}
	}
	return nil
}

// private lists the properties of the unexported twin of the named type. Its name is
// bucketArgs for BucketArgs, and ipsetArgs for IPSetArgs.
func (p *pkg) private(name string) map[string]*Shape {
	for i := 1; i <= len(name); i++ {
		if out := p.fields(strings.ToLower(name[:i]) + name[i:]); out != nil {
			return out
		}
	}
	return nil
}
