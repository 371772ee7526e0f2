package mapping

import (
	"maps"
	"slices"
	"sort"

	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"

	"evenkeel/bridge/internal/sdkscan"
	"evenkeel/bridge/internal/tfprovider"
)

// minScore is the least share of common properties for a pairing to count, and
// minScoreSameName the same when the names agree too.
const minScore, minScoreSameName = 0.75, 0.4

// minName is the least likeness of names for a pairing to count.
const minName = 0.25

// pinned pairs what neither names nor properties can tell apart, or what has been
// renamed beyond recognition.
var pinned = map[string]string{
	"aws:lb/loadBalancer:LoadBalancer":        "aws_lb", // aws_lb and aws_alb are the same resource
	"aws:alb/loadBalancer:LoadBalancer":       "aws_alb",
	"aws:lb/getLoadBalancer:getLoadBalancer":  "aws_lb",
	"aws:alb/getLoadBalancer:getLoadBalancer": "aws_alb",
	"aws:s3/bucketV2:BucketV2":                "aws_s3_bucket",
	"aws:s3/bucket:Bucket":                    "aws_s3_bucket" + tfprovider.AliasSuffix,
	"aws:ecr/getCredentials:getCredentials":   "aws_ecr_authorization_token" + tfprovider.AliasSuffix,
	"aws:ec2/getElasticIp:getElasticIp":       "aws_eip",

	"aws:directconnect/linkAggregationGroup:LinkAggregationGroup": "aws_dx_lag",
}

// pinnedProperties renames properties whose names do not show that they are the same, by
// SDK token and Terraform name.
var pinnedProperties = map[string]string{
	"aws:apigateway/basePathMapping:BasePathMapping api_id": "restApi",
}

// Derive pairs the SDK's entities with the provider's and finds the overrides needed.
func Derive(sdk *sdkscan.SDK, sdkVersion string, p shim.Provider) (*Table, *Report) {
	r := &Report{}
	t := &Table{SDKVersion: sdkVersion, Config: fields(sdk.Provider, p.Schema(), at{entity: "config"}, r)}
	t.Resources = pair(sdk.Resources, p.ResourcesMap(), r)
	t.DataSources = pair(sdk.Functions, p.DataSourcesMap(), r)
	byToken := map[string]*Entity{}
	for _, e := range t.Resources {
		byToken[e.Token] = e
	}
	for _, e := range sdk.Resources {
		if mapped := byToken[e.Token]; mapped != nil {
			_, mapped.Tagged = e.Inputs["tags"]
		}
	}
	return t, r
}

// side is one entity of either side, with the folded names of its properties.
type side struct {
	name  string
	props map[string]bool
}

type candidate struct {
	score   float64
	entity  int
	tfIndex int
}

// pair matches the SDK's entities with the provider's types, best match first, each
// once. What is then left of the SDK is matched again as a second name of a type.
func pair(entities []sdkscan.Entity, tf shim.ResourceMap, r *Report) map[string]*Entity {
	tfs := terraformSides(tf)
	cands := candidates(entities, tfs)
	out := map[string]*Entity{}
	paired := map[int]bool{}
	for _, suffix := range []string{"", tfprovider.AliasSuffix} {
		for _, c := range cands {
			e, name := entities[c.entity], tfs[c.tfIndex].name+suffix
			if pin, ok := pinned[e.Token]; ok && pin != name {
				continue
			}
			if paired[c.entity] || out[name] != nil {
				continue
			}
			paired[c.entity] = true
			if suffix != "" {
				r.add(secondName, e.Token, "", tfs[c.tfIndex].name)
			}
			out[name] = &Entity{
				Token:  e.Token,
				Fields: fields(e.Properties(), tf.Get(tfs[c.tfIndex].name).Schema(), at{entity: e.Token}, r),
			}
		}
	}
	for i, e := range entities {
		if !paired[i] {
			r.add(unmatched, e.Token, "", "")
		}
	}
	return out
}

func terraformSides(tf shim.ResourceMap) []side {
	var out []side
	tf.Range(func(name string, res shim.Resource) bool {
		out = append(out, side{name, folded(schemaNames(res.Schema()))})
		return true
	})
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

func folded(names []string) map[string]bool {
	out := map[string]bool{}
	for _, n := range names {
		if n != "timeouts" && n != "id" {
			out[fold(n)] = true
		}
	}
	return out
}

// candidates lists all plausible pairings, best first.
func candidates(entities []sdkscan.Entity, tfs []side) []candidate {
	var out []candidate
	for i, e := range entities {
		props := folded(slices.Collect(maps.Keys(e.Properties())))
		for j, s := range tfs {
			if pin, ok := pinned[e.Token]; ok {
				if pin == s.name || pin == s.name+tfprovider.AliasSuffix {
					out = append(out, candidate{3, i, j})
				}
				continue
			}
			name, share := nameScore(e.Token, s.name), common(props, s.props)
			if name < minName || share < minScore && (name < 1 || share < minScoreSameName) {
				continue
			}
			out = append(out, candidate{share + name, i, j})
		}
	}
	sort.SliceStable(out, func(i, j int) bool { return out[i].score > out[j].score })
	return out
}

// common is the share of properties that both have.
func common(a, b map[string]bool) float64 {
	both := 0
	for k := range a {
		if b[k] {
			both++
		}
	}
	total := len(a) + len(b) - both
	if total == 0 {
		return 1
	}
	return float64(both) / float64(total)
}
