// Package mapping is the table that says how Terraform's names and shapes appear in the
// Pulumi SDK, and how that table is derived from the two.
package mapping

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

//go:embed mapping.json
var embedded []byte

// Table lists the bridged entities by Terraform type name.
type Table struct {
	SDKVersion  string             `json:"sdkVersion"` // of pulumi-aws, as in 6.83.2
	Config      map[string]*Field  `json:"config"`
	Resources   map[string]*Entity `json:"resources"`
	DataSources map[string]*Entity `json:"dataSources"`
}

// Entity is one resource or data source.
type Entity struct {
	Token  string            `json:"token"`
	Tagged bool              `json:"tagged,omitempty"` // has tags that the provider's default tags are merged into
	Fields map[string]*Field `json:"fields,omitempty"` // only where the bridge's own rules are wrong
}

// Field overrides the bridge's rules for one property.
type Field struct {
	Name   string            `json:"name,omitempty"`   // in the SDK
	Single *bool             `json:"single,omitempty"` // a list or set of at most one appears as its element
	Type   string            `json:"type,omitempty"`   // of a scalar that Terraform keeps as a string: bool, int, float64
	File   string            `json:"file,omitempty"`   // Terraform wants a path, the SDK has an "archive" or "asset"
	Fields map[string]*Field `json:"fields,omitempty"` // of an object
	Elem   map[string]*Field `json:"elem,omitempty"`   // of a collection's elements
}

// Nested lists the overrides inside f, be it an object or a collection of objects.
func (f *Field) Nested() map[string]*Field {
	if len(f.Elem) > 0 {
		return f.Elem
	}
	return f.Fields
}

func (f *Field) empty() bool {
	return f.Name == "" && f.Single == nil && f.Type == "" && f.File == "" && len(f.Fields) == 0 && len(f.Elem) == 0
}

// Load reads the table that is built into the program.
func Load() (*Table, error) {
	var t Table
	if err := json.Unmarshal(embedded, &t); err != nil {
		return nil, fmt.Errorf("read the built-in mapping: %w", err)
	}
	return &t, nil
}

// File says how the bridge turns assets and archives into the files Terraform reads.
var File = &info.AssetTranslation{Kind: info.FileAsset, Format: resource.ZIPArchive}

// SchemaInfos converts overrides to the bridge's own form.
func SchemaInfos(fields map[string]*Field) map[string]*info.Schema {
	if len(fields) == 0 {
		return nil
	}
	out := make(map[string]*info.Schema, len(fields))
	for name, f := range fields {
		s := &info.Schema{Name: f.Name, MaxItemsOne: f.Single, Fields: SchemaInfos(f.Fields)}
		if f.File != "" {
			s.Asset = File
		}
		if elem := SchemaInfos(f.Elem); elem != nil {
			s.Elem = &info.Schema{Fields: elem}
		}
		out[name] = s
	}
	return out
}

// JSON renders the table with one entity a line, so that a change of one type is a
// change of one line.
func (t *Table) JSON() ([]byte, error) {
	var b bytes.Buffer
	version, err := json.Marshal(t.SDKVersion)
	if err != nil {
		return nil, err
	}
	fmt.Fprintf(&b, "{\n\"sdkVersion\":%s,\n", version)
	if err := writeLines(&b, "config", t.Config, ",\n"); err != nil {
		return nil, err
	}
	if err := writeLines(&b, "resources", t.Resources, ",\n"); err != nil {
		return nil, err
	}
	if err := writeLines(&b, "dataSources", t.DataSources, "\n}\n"); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func writeLines[V any](b *bytes.Buffer, name string, entries map[string]V, end string) error {
	fmt.Fprintf(b, "%q:{", name)
	for i, k := range slices.Sorted(maps.Keys(entries)) {
		line, err := json.Marshal(entries[k])
		if err != nil {
			return fmt.Errorf("%s %s: %w", name, k, err)
		}
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(b, "\n%q:%s", k, line)
	}
	b.WriteString("\n}" + end)
	return nil
}
