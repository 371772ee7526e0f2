package stacks_test

import (
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/golden"
	"evenkeel/internal/sample"
	"evenkeel/stacks"
)

const schemaFile = "../docs/evenkeel.schema.json"

// The schema is written from the configuration's types, so that it cannot say
// anything else.
func TestSchemaIsCurrent(t *testing.T) {
	golden.Equal(t, schemaFile, stacks.SchemaText(t))
}

// schema compiles the schema, which also holds it to the meta-schema.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(stacks.SchemaText(t)))
	require.NoError(t, err)
	c := jsonschema.NewCompiler()
	require.NoError(t, c.AddResource("evenkeel.schema.json", doc))
	s, err := c.Compile("evenkeel.schema.json")
	require.NoError(t, err)
	assert.Equal(t, 2020, s.DraftVersion, "the schema must be read under the draft that it names")
	return s
}

// document reads a YAML file as a validator wants it.
func document(t *testing.T, text string) any {
	t.Helper()
	var v any
	require.NoError(t, yaml.Unmarshal([]byte(text), &v))
	raw, err := json.Marshal(v)
	require.NoError(t, err)
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(string(raw)))
	require.NoError(t, err)
	return doc
}

func TestSchemaAcceptsTheCommittedConfigurations(t *testing.T) {
	s := schema(t)
	for _, file := range []string{"Pulumi.dev.yaml", "Pulumi.prod.yaml"} {
		raw, err := os.ReadFile(filepath.Join(sample.Dir(t), file))
		require.NoError(t, err)
		first, _, _ := strings.Cut(string(raw), "\n")
		assert.Equal(t, "# yaml-language-server: $schema=docs/evenkeel.schema.json", first, "%s must name its schema for editors", file)
		assert.NoError(t, s.Validate(document(t, string(raw))), file)
	}
}

func TestSchemaHasEveryKey(t *testing.T) {
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(stacks.SchemaText(t)))
	require.NoError(t, err)
	config := at(t, doc, "properties", "config", "properties")
	var visit func(node any, typ reflect.Type, prefix, path string)
	visit = func(node any, typ reflect.Type, prefix, path string) {
		var want []string
		for _, f := range reflect.VisibleFields(typ) {
			name := prefix + f.Tag.Get("json")
			want = append(want, name)
			key := at(t, node, name)
			assert.NotEmpty(t, at(t, key, "description"), "%s%s", path, name)
			if f.Type.Kind() == reflect.Struct {
				if whole, ok := key.(map[string]any)["else"]; ok {
					key = whole
				}
				assert.Equal(t, false, at(t, key, "additionalProperties"), "%s%s", path, name)
				visit(at(t, key, "properties"), f.Type, "", path+name+".")
			}
		}
		assert.ElementsMatch(t, want, slices.Collect(maps.Keys(node.(map[string]any))), path)
	}
	visit(config, reflect.TypeFor[stacks.Config](), stacks.Namespace+":", "")
}

// at goes down a document.
func at(t *testing.T, node any, keys ...string) any {
	t.Helper()
	for _, key := range keys {
		m, ok := node.(map[string]any)
		require.True(t, ok, "%q is not in a mapping", key)
		require.Contains(t, m, key)
		node = m[key]
	}
	return node
}

// notInSchema are the mistakes in testdata/bad that no editor shows, and why.
// Everything else there is wrong by the schema, too.
var notInSchema = map[string]string{
	"adopt-without-vpc":              "contradicts network.mode",
	"certificate-in-another-region":  "contradicts aws.region",
	"cidr-host-bits":                 "takes arithmetic: no pattern finds a range's first address",
	"fargate-pair":                   "contradicts service.cpu",
	"health-check-timeout":           "contradicts intervalSeconds",
	"minimum-above-maximum":          "contradicts maximumPercent",
	"name-too-long-with-stack":       "depends on the stack's name, which is not in the file",
	"chat-half-set":                  "contradicts the other key",
	"plain-http-and-certificate":     "contradicts certificateArn",
	"production-without-account":     "contradicts environment",
	"production-without-certificate": "contradicts environment",
	"production-without-page-target": "contradicts environment",
	"stop-before-drained":            "contradicts ingress.deregistrationDelaySeconds",
	"latency-above-idle-timeout":     "contradicts ingress.idleTimeoutSeconds",
	"minimum-tasks-above-maximum":    "contradicts maximumTasks",
	"nothing-to-follow":              "contradicts the bounds",
	"schedule-against-its-bounds":    "contradicts maximumTasks",
	"schedule-five-fields":           "takes a parser",
	"schedule-never-wakes":           "depends on the other schedules",
	"schedule-sleeps-unseen":         "contradicts service.containerInsights",
	"schedules-at-once":              "contradicts another schedule",
	"slowest-below-latency":          "contradicts latency.withinMilliseconds",
	"unknown-time-zone":              "takes the list of all time zones",
	"repository-without-a-page":      "contradicts owner.repository",
	"unknown-secret":                 "contradicts secrets.create",
	"canary-keys-without-canary":     "contradicts deployment.strategy",
	"rolling-keys-without-rolling":   "contradicts deployment.strategy",
	"test-port-without-test":         "contradicts deployment.strategy",
	"test-port-of-the-api":           "contradicts where the API is served",
	"too-many-ranges-for-a-test":     "contradicts deployment.strategy",
	"pipeline-half-a-repository":     "contradicts the other keys",
	"pipeline-provider-for-nobody":   "contradicts pipeline.github",
	"pipeline-provider-elsewhere":    "contradicts aws.accountIds",
	"vpc-without-adopt":              "contradicts network.mode",
}

func TestSchemaRefusesWhatIsWrongByItself(t *testing.T) {
	s := schema(t)
	files, err := filepath.Glob("testdata/bad/*.yaml")
	require.NoError(t, err)
	excused := map[string]bool{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		raw, err := os.ReadFile(file)
		require.NoError(t, err)
		err = s.Validate(document(t, string(raw)))
		if why, ok := notInSchema[name]; ok {
			excused[name] = true
			assert.NoError(t, err, "%s: is found now, no longer because it %s", name, why)
		} else {
			assert.Error(t, err, name)
		}
	}
	assert.Len(t, excused, len(notInSchema), "every exception must be about a file")
}

func TestSchemaAcceptsWhatPulumiWrites(t *testing.T) {
	const good = `secretsprovider: awskms://alias/pulumi
encryptedkey: abc
encryptionsalt: v1:abc
environment: [shared/dev]
config:
  pulumi:disable-default-providers: [aws]
  evenkeel:environment: development
  evenkeel:image: {secure: v1:abc}
  evenkeel:aws: {region: eu-west-1}
  evenkeel:owner: {team: a, costCenter: b, repository: github.com/example/orders}
  evenkeel:service: {name: orders, environment: {LOG: {secure: v1:abc}}}
  evenkeel:notifications: {secure: v1:abc}
`
	s := schema(t)
	require.NoError(t, s.Validate(document(t, good)))
	for name, edit := range map[string][2]string{
		"another top-level key":   {"environment: [shared/dev]", "environments: [shared/dev]"},
		"another namespace":       {"pulumi:disable", "docker:disable"},
		"a short form":            {"evenkeel:image", "image"},
		"more than an encryption": {"{LOG: {secure: v1:abc}}", "{LOG: {secure: v1:abc, b: c}}"},
		"no text":                 {"{LOG: {secure: v1:abc}}", "{LOG: 1}"},
	} {
		bad := strings.Replace(good, edit[0], edit[1], 1)
		require.NotEqual(t, good, bad, name)
		assert.Error(t, s.Validate(document(t, bad)), name)
	}
}

// An editor must never mark what the program accepts, and must mark every value
// that the program refuses for its own sake.
func TestSchemaAndProgramAgree(t *testing.T) {
	s := schema(t)
	numbers := []any{-1, 0, 1, 2, 3, 5, 6, 7, 10, 14, 29, 30, 31, 100, 101, 120, 121, 200, 201, 256, 300, 512, 1000, 1001, 1024, 3600, 3601, 3650, 3653, 4000, 4001, 65535, 65536}
	texts := []any{
		"", " ", "x", "x-", "ab", strings.Repeat("a", 22), strings.Repeat("a", 23), "/", "/up", "/u p", "65532", "0", "00:1", "1:0", "-", "v",
		"10.0.0.0/24", "10.0.0.0/16", "10.0.0.0/15", "10.0.0.0/25", "11.0.0.0/16", "172.16.0.0/16", "172.32.0.0/16", "192.168.0.0/16", "::/0",
		"0.0.0.0/0", "010.0.0.0/16", "eu-west-1", "cn-north-1", "us-gov-west-1", "EU", "vpc-01234567", "vpc-0123456", "a@b.c", "a@b", "https://a", "https:///",
		"http://a", "sha256:" + strings.Repeat("a", 64), "sha256:" + strings.Repeat("a", 63), "repo@sha256:" + strings.Repeat("a", 64),
		"a/b-c", "a--b", "subnet-0123456789abcdef0", "111122223333", "é", "a|b", "/" + strings.Repeat("é", 1023), "/" + strings.Repeat("a", 1024),
		"A_B", "1A", "AWS_X", "ECS_X", "DB_PASSWORD", "JWT_SECRET", "PUBLIC_TOKEN", "MAX_TOKEN", "API_KEY", "a\tb", "rolling", "create",
		"arn:aws:secretsmanager:eu-west-1:111122223333:secret:x/y-AbCdEf", "arn:aws:acm:eu-west-1:111122223333:certificate/1",
	}
	base := load(t, sample.Dir(t), "dev").Config
	checked := 0
	for _, k := range stacks.Leaves(stacks.ConfigKeys(t)) {
		var values []any
		switch k.Type.Kind() {
		case reflect.Int:
			values = numbers
		case reflect.String:
			values = texts
		case reflect.Float64:
			values = []any{-1, 0, 50, 93.05, 93.1, 99, 99.9, 99.999, 99.9991, 100, 101, "99"}
		case reflect.Slice:
			for _, v := range append(slices.Clone(numbers), texts...) {
				values = append(values, []any{v}, []any{v, v})
			}
			values = append(values, []any{})
		case reflect.Map:
			for _, v := range texts {
				values = append(values, map[string]any{v.(string): "x"}, map[string]any{"X": v})
			}
		}
		for _, v := range values {
			config := set(t, base, strings.Split(strings.TrimPrefix(k.Path, "evenkeel:"), "."), v)
			bySchema := s.Validate(asDocument(t, config))
			_, err := stacks.Decode("dev", config)
			if err == nil {
				assert.NoError(t, bySchema, "%s: %#v is accepted by the program", k.Path, v)
			}
			if byRule := k.Refuses(v); bySchema == nil && byRule != "" && !beyondSchema(byRule) {
				assert.Fail(t, "the schema accepts what the program refuses", "%s: %#v %s", k.Path, v, byRule)
			}
			checked++
		}
	}
	assert.Greater(t, checked, 2000)
}

// beyondSchema tells whether a problem is one that no schema can find.
func beyondSchema(problem string) bool {
	return strings.Contains(problem, "no time zone") || strings.Contains(problem, "cron(") || strings.Contains(problem, "want the range's first address") || strings.Contains(problem, "looks like a secret") ||
		strings.Contains(problem, "is required")
}

// asDocument turns a configuration back into the file that it came from.
func asDocument(t *testing.T, config map[string]string) any {
	t.Helper()
	doc := map[string]any{}
	for key, raw := range config {
		var v any
		if strings.HasPrefix(raw, "{") {
			require.NoError(t, json.Unmarshal([]byte(raw), &v))
		} else {
			v = raw
		}
		doc[key] = v
	}
	text, err := json.Marshal(map[string]any{"config": doc})
	require.NoError(t, err)
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	require.NoError(t, err)
	return out
}

// Examples and defaults are what people copy.
func TestExamplesAndDefaultsAreGood(t *testing.T) {
	s := schema(t)
	base := load(t, sample.Dir(t), "dev").Config
	for _, k := range stacks.Leaves(stacks.ConfigKeys(t)) {
		example := exampleOf(t, k)
		assert.Empty(t, k.Refuses(example), "the example of %s", k.Path)
		config := set(t, base, strings.Split(strings.TrimPrefix(k.Path, "evenkeel:"), "."), example)
		assert.NoError(t, s.Validate(asDocument(t, config)), "the example of %s", k.Path)
		for _, v := range []reflect.Value{k.Dev, k.Prod} {
			if !v.IsZero() {
				assert.Empty(t, k.Refuses(v.Interface()), "the default of %s", k.Path)
			}
		}
	}
}

func exampleOf(t *testing.T, k *stacks.Key) any {
	t.Helper()
	var example any
	require.NotEmpty(t, k.Example(), "%s has no example", k.Path)
	require.NoError(t, yaml.Unmarshal([]byte(k.Example()), &example), k.Path)
	return example
}

// changedElsewhere are keys whose effect on tasks a recorded run does not show,
// and why.
var changedElsewhere = map[string]string{
	"evenkeel:environment":              "production needs more keys than this one",
	"evenkeel:network.zones":            "the subnets are outputs of the VPC",
	"evenkeel:network.vpcId":            "takes mode adopt",
	"evenkeel:network.publicSubnetIds":  "takes mode adopt",
	"evenkeel:network.privateSubnetIds": "takes mode adopt",
	"evenkeel:network.mode":             "takes the keys of mode adopt",
	"evenkeel:network.cidr":             "the subnets are outputs of the VPC",
	"evenkeel:deployment.canaryPercent": "takes strategy canary", "evenkeel:deployment.canaryMinutes": "takes strategy canary",
	"evenkeel:deployment.linearPercent": "takes strategy linear", "evenkeel:deployment.linearMinutes": "takes strategy linear",
	"evenkeel:deployment.terminationWaitMinutes": "takes another strategy than rolling", "evenkeel:deployment.testPort": "takes another strategy than rolling",
	"evenkeel:autoscaling.minimumTasks": "the service ignores the count from its second update on",
}

// What the page says of a change is held to the program: tasks are replaced
// when the task definition changes, or the ECS service, which is told to deploy
// anew with each change.
func TestKeysSayWhenTheyRollOutTasks(t *testing.T) {
	other := map[string]any{ // where the example is what the dev stack has
		"evenkeel:aws.region": "eu-central-1", "evenkeel:service.name": "invoices",
		"evenkeel:service.environment": map[string]any{"A": "b"}, "evenkeel:service.secrets": map[string]any{"A": "database-url"},
		"evenkeel:owner.team": "other", "evenkeel:owner.costCenter": "other", "evenkeel:owner.repository": "github.com/other/orders", "evenkeel:service.cpu": 512,
		"evenkeel:secrets.create": []any{"database-url", "api-key"},
		"evenkeel:autoscaling.schedules": map[string]any{"peak": map[string]any{
			"at": "cron(0 7 * * ? *)", "timeZone": "UTC", "minimumTasks": 3, "maximumTasks": 9,
		}},
		"evenkeel:notifications.page.emails": []any{"other@example.com"},
	}
	base := load(t, sample.Dir(t), "dev").Config
	// Room for other values: memory for two CPU sizes, tasks for other percentages.
	base["evenkeel:service"] = strings.Replace(base["evenkeel:service"], "{", `{"memoryMiB":1024,`, 1)
	base["evenkeel:autoscaling"] = `{"minimumTasks":2,"maximumTasks":4}`
	// Half a chat channel is refused.
	base["evenkeel:notifications"] = strings.Replace(base["evenkeel:notifications"], "{", `{"chat":{"workspace":"T0","channel":"C0"},`, 1)
	// As is a part of a repository.
	base["evenkeel:pipeline"] = `{"github":{"owner":"other","ownerId":"1","repository":"other","repositoryId":"2"}}`
	base["evenkeel:image"] = "sha256:" + strings.Repeat("0", 64)
	before := tasks(t, base)
	for _, k := range stacks.Leaves(stacks.ConfigKeys(t)) {
		if _, ok := changedElsewhere[k.Path]; ok {
			continue
		}
		v, ok := other[k.Path]
		if !ok {
			v = exampleOf(t, k)
		}
		config := set(t, base, strings.Split(strings.TrimPrefix(k.Path, "evenkeel:"), "."), v)
		if assert.NotEqual(t, base, config, "%s: the value tried must be another", k.Path) {
			says := strings.Contains(k.Change(), "tasks") || strings.Contains(k.Change(), "another stack")
			assert.Equal(t, before != tasks(t, config), says, "%s: changing it %q", k.Path, k.Change())
		}
	}
}

// tasks records everything whose change makes ECS start new tasks.
func tasks(t *testing.T, config map[string]string) string {
	t.Helper()
	regs, err := record(t, "dev", config)
	require.NoError(t, err)
	var out strings.Builder
	for _, r := range regs {
		if r.Type == "aws:ecs/taskDefinition:TaskDefinition" || r.Type == "aws:ecs/service:Service" {
			raw, err := json.Marshal(r.Plain())
			require.NoError(t, err)
			out.Write(raw)
		}
	}
	require.NotEmpty(t, out.String())
	return out.String()
}
