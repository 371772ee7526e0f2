package mapping_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim/schema"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/bridge/internal/mapping"
	"evenkeel/bridge/internal/sdkscan"
)

// sdk scans an SDK of one package, given as types and constructors.
func sdk(t *testing.T, source string) *sdkscan.SDK {
	t.Helper()
	dir := t.TempDir()
	for file, content := range map[string]string{
		"provider.go":  "package sdk\n\ntype providerArgs struct {\n\tRegion *string `pulumi:\"region\"`\n}\n",
		"mod/types.go": "package mod\n\n" + source,
	} {
		path := filepath.Join(dir, filepath.FromSlash(file))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	}
	out, err := sdkscan.Scan(dir, "example.com/sdk")
	require.NoError(t, err)
	return out
}

func scalar(typ shim.ValueType) shim.Schema {
	return (&schema.Schema{Type: typ, Optional: true}).Shim()
}

func list(maxItems int, elem schema.SchemaMap) shim.Schema {
	return (&schema.Schema{
		Type: shim.TypeList, Optional: true, MaxItems: maxItems, Elem: (&schema.Resource{Schema: elem}).Shim(),
	}).Shim()
}

func words() shim.Schema {
	return (&schema.Schema{Type: shim.TypeList, Optional: true, Elem: scalar(shim.TypeString)}).Shim()
}

func provider(resources map[string]schema.SchemaMap) shim.Provider {
	types := schema.ResourceMap{}
	for name, s := range resources {
		types[name] = (&schema.Resource{Schema: s}).Shim()
	}
	return (&schema.Provider{
		Schema: schema.SchemaMap{"region": scalar(shim.TypeString)}, ResourcesMap: types, DataSourcesMap: types,
	}).Shim()
}

const text = shim.TypeString

func TestDeriveFields(t *testing.T) {
	tests := map[string]struct {
		sdk    string // fields of the SDK's type
		tf     schema.SchemaMap
		want   string // overrides, as JSON
		report string // a line of it
	}{
		"what the bridge's own rules do needs nothing": {
			sdk:  "DomainName *string `pulumi:\"domainName\"`\nRules []string `pulumi:\"rules\"`",
			tf:   schema.SchemaMap{"domain_name": scalar(text), "rule": words()},
			want: `{"token":"aws:mod/thing:Thing"}`,
		},
		"limit of one that the SDK ignores": {
			sdk:    "Rules []Rule `pulumi:\"rules\"`",
			tf:     schema.SchemaMap{"rule": list(1, schema.SchemaMap{"url": scalar(text)})},
			want:   `{"token":"aws:mod/thing:Thing","fields":{"rule":{"single":false}}}`,
			report: "aws:mod/thing:Thing: rules\n",
		},
		"single object without a limit": {
			sdk:    "Rule *Rule `pulumi:\"rule\"`",
			tf:     schema.SchemaMap{"rule": list(0, schema.SchemaMap{"url": scalar(text)})},
			want:   `{"token":"aws:mod/thing:Thing","fields":{"rule":{"single":true}}}`,
			report: "aws:mod/thing:Thing: rule\n",
		},
		"override inside elements": {
			sdk:    "Rules []Rule `pulumi:\"rules\"`",
			tf:     schema.SchemaMap{"rule": list(0, schema.SchemaMap{"urls": scalar(text)})},
			want:   `{"token":"aws:mod/thing:Thing","fields":{"rule":{"elem":{"urls":{"name":"url"}}}}}`,
			report: "",
		},
		"name": {
			sdk:    "Name *string `pulumi:\"name\"`",
			tf:     schema.SchemaMap{"thing_name": scalar(text)},
			want:   `{"token":"aws:mod/thing:Thing","fields":{"thing_name":{"name":"name"}}}`,
			report: "aws:mod/thing:Thing: thing_name is name\n",
		},
		"likeness": {
			sdk:    "RestApi *string `pulumi:\"restApi\"`",
			tf:     schema.SchemaMap{"rest_api_id": scalar(text)},
			want:   `{"token":"aws:mod/thing:Thing","fields":{"rest_api_id":{"name":"restApi"}}}`,
			report: "aws:mod/thing:Thing: rest_api_id is restApi\n",
		},
		"string that is a number": {
			sdk:    "Delay *int `pulumi:\"delay\"`",
			tf:     schema.SchemaMap{"delay": scalar(text)},
			want:   `{"token":"aws:mod/thing:Thing","fields":{"delay":{"name":"delay","type":"int"}}}`,
			report: "aws:mod/thing:Thing delay: string in Terraform, int in the SDK\n",
		},
		"file": {
			sdk:    "Code pulumi.Archive `pulumi:\"code\"`",
			tf:     schema.SchemaMap{"filename": scalar(text)},
			want:   `{"token":"aws:mod/thing:Thing","fields":{"filename":{"name":"code","file":"archive"}}}`,
			report: "aws:mod/thing:Thing code: archive\n",
		},
		"left over on both sides": {
			sdk:    "Alpha *string `pulumi:\"alpha\"`",
			tf:     schema.SchemaMap{"omega": scalar(text), "id": scalar(text)},
			want:   `{"token":"aws:mod/thing:Thing"}`,
			report: "aws:mod/thing:Thing: alpha\n",
		},
		"elements of another type": {
			sdk:    "Ports []int `pulumi:\"ports\"`",
			tf:     schema.SchemaMap{"ports": words()},
			want:   `{"token":"aws:mod/thing:Thing"}`,
			report: "aws:mod/thing:Thing ports: string elements in Terraform, scalar int in the SDK\n",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			s := sdk(t, "type Rule struct {\n\tUrl *string `pulumi:\"url\"`\n}\n\ntype thingState struct {\n"+tt.sdk+
				"\nTags map[string]string `pulumi:\"tags\"`\nBulk *string `pulumi:\"bulk\"`\nZone *string `pulumi:\"zone\"`\n}\n\n"+
				"func NewThing() { ctx.RegisterResource(\"aws:mod/thing:Thing\") }\n")
			tt.tf["tags"] = (&schema.Schema{Type: shim.TypeMap, Optional: true, Elem: scalar(text)}).Shim()
			tt.tf["bulk"], tt.tf["zone"] = scalar(text), scalar(text)
			table, report := mapping.Derive(s, "1.2.3", provider(map[string]schema.SchemaMap{"aws_mod_thing": tt.tf}))

			out, err := table.JSON()
			require.NoError(t, err)
			assert.Contains(t, string(out), `"aws_mod_thing":`+tt.want+"\n")
			assert.Contains(t, report.String(), tt.report)
		})
	}
}

func TestDerivePairs(t *testing.T) {
	const fields = "\tAlpha *string `pulumi:\"alpha\"`\n\tBeta *string `pulumi:\"beta\"`\n\tGamma *string `pulumi:\"gamma\"`\n"
	s := sdk(t, "type thingState struct {\n"+fields+"}\ntype oldThingState struct {\n"+fields+`}
type thingArgs struct {
	Tags map[string]string `+"`pulumi:\"tags\"`"+`
}
type strangerState struct {
	Zeta *string `+"`pulumi:\"zeta\"`"+`
}
func NewThing() { ctx.RegisterResource("aws:mod/thing:Thing") }
func NewOldThing() { ctx.RegisterResource("aws:mod/oldThing:OldThing") }
func NewStranger() { ctx.RegisterResource("aws:mod/stranger:Stranger") }
`)
	table, report := mapping.Derive(s, "1.2.3", provider(map[string]schema.SchemaMap{
		"aws_mod_thing": {
			"alpha": scalar(text), "beta": scalar(text), "gamma": scalar(text),
			"tags": (&schema.Schema{Type: shim.TypeMap, Optional: true, Elem: scalar(text)}).Shim(),
		},
		"aws_mod_other": {"alpha": scalar(text), "delta": scalar(text), "epsilon": scalar(text)},
	}))
	assert.Equal(t, map[string]*mapping.Entity{
		"aws_mod_thing":        {Token: "aws:mod/thing:Thing", Tagged: true},
		"aws_mod_thing_legacy": {Token: "aws:mod/oldThing:OldThing"},
	}, table.Resources)
	assert.Contains(t, report.String(), "not served (1)\naws:mod/stranger:Stranger\n")
	assert.Contains(t, report.String(), "aws:mod/oldThing:OldThing: aws_mod_thing\n")
}

func TestReportGroupsDepths(t *testing.T) {
	s := sdk(t, `type Statement struct {
	Not *Statement `+"`pulumi:\"not\"`"+`
	Lost *string `+"`pulumi:\"lost\"`"+`
}
type thingState struct {
	Not *Statement `+"`pulumi:\"not\"`"+`
}
func NewThing() { ctx.RegisterResource("aws:mod/thing:Thing") }
`)
	nested := schema.SchemaMap{"not": list(1, schema.SchemaMap{"not": list(1, schema.SchemaMap{})})}
	_, report := mapping.Derive(s, "1.2.3", provider(map[string]schema.SchemaMap{"aws_mod_thing": nested}))
	got := report.String()
	assert.Contains(t, got, "aws:mod/thing:Thing not: lost (and 1 deeper)\n")
	assert.Contains(t, got, "aws:mod/thing:Thing not.not: not\n")
	assert.Equal(t, 1, strings.Count(got, ": lost"))
}

func TestOutputs(t *testing.T) {
	s := sdk(t, `type Mode string
type thingState struct {
	Arn *string `+"`pulumi:\"arn\"`"+`
	Mode *Mode `+"`pulumi:\"mode\"`"+`
	Ports []int `+"`pulumi:\"ports\"`"+`
	Zones []string `+"`pulumi:\"zones\"`"+`
}
type countState struct {
	Count *int `+"`pulumi:\"count\"`"+`
}
func NewThing() { ctx.RegisterResource("aws:mod/thing:Thing") }
func NewCount() { ctx.RegisterResource("aws:mod/count:Count") }
type Result struct {
	Id string `+"`pulumi:\"id\"`"+`
}
func GetThing() {
	var rv Result
	ctx.Invoke("aws:mod/getThing:getThing", &rv)
}
`)
	out, err := mapping.Outputs(s)
	require.NoError(t, err)
	assert.Equal(t, `{
"resources":{
"aws:mod/thing:Thing":{"s":["arn","mode"],"l":["zones"]}
},
"functions":{
"aws:mod/getThing:getThing":{"s":["id"]}
}
}
`, string(out))
}
