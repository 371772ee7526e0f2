package stacks_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/pipelineidentity"
	"evenkeel/internal/iampolicy"
	"evenkeel/internal/pulumitest"
	"evenkeel/internal/sample"
	"evenkeel/stacks"
)

const github = `"github":{"owner":"example","ownerId":"9919","repository":"orders","repositoryId":"1296269"}`

// withPipeline runs the program of a committed stack with a pipeline.
func withPipeline(t *testing.T, stack, more string, edits map[string]string) []pulumitest.Registration {
	t.Helper()
	config := map[string]string{"evenkeel:pipeline": "{" + github + more + "}"}
	for k, v := range edits {
		config[k] = v
	}
	regs, err := record(t, stack, config)
	require.NoError(t, err)
	return regs
}

// Without the key a stack is what it was.
func TestNoPipelineWithoutARepository(t *testing.T) {
	without, err := record(t, "prod", map[string]string{"evenkeel:pipeline": `{"branch":"release","stateBucket":"example-state"}`})
	require.NoError(t, err)
	before, err := record(t, "prod", nil)
	require.NoError(t, err)
	assert.Equal(t, before, without)
}

// With it nothing else changes, and what comes is the component.
func TestPipelineIsAddedToTheRest(t *testing.T) {
	before, err := record(t, "prod", nil)
	require.NoError(t, err)
	var own, rest []pulumitest.Registration
	for _, r := range withPipeline(t, "prod", "", nil) {
		if r.Type == pipelineidentity.TypeToken || slices.Contains(pulumitest.Addresses(pulumitest.Children([]pulumitest.Registration{r}, pipelineidentity.TypeToken)), r.Address()) {
			own = append(own, r)
			continue
		}
		rest = append(rest, r)
	}
	assert.Equal(t, before, rest)
	assert.Greater(t, len(own), 10)
	for _, r := range own {
		assert.Equal(t, r.Name == "pipeline-provider", r.Protect, "%s: other stacks may have adopted the provider", r.Address())
	}
}

// typesOf are the types that the engine is asked for, as the resource graph
// lists them.
func typesOf(regs []pulumitest.Registration) []string {
	var out []string
	for _, r := range regs {
		out = append(out, r.Type)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// The program generates the policies while it runs, from what it has registered
// until then; the command generates them afterwards, from all there is. Both
// must come to the same.
func TestPoliciesAreGeneratedFromWhatIsRegistered(t *testing.T) {
	const schedules = `{"minimumTasks":2,"maximumTasks":4,"schedules":{"peak":{"at":"cron(0 7 * * ? *)","timeZone":"UTC","minimumTasks":3,"maximumTasks":4}}}`
	for name, tc := range map[string]struct {
		stack, more string
		edits       map[string]string
	}{
		"dev":                    {"dev", "", nil},
		"prod":                   {"prod", `,"stateBucket":"example-state","stateKeyArn":"arn:aws:kms:eu-west-1:111122223333:key/12345678-1234-1234-1234-123456789012"`, nil},
		"adopted":                {"dev", `,"oidcProviderArn":"arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com"`, nil},
		"schedules, no image":    {"dev", "", map[string]string{"evenkeel:autoscaling": schedules}},
		"schedules and an image": {"dev", "", map[string]string{"evenkeel:autoscaling": schedules, "evenkeel:image": digest}},
		"canary":                 {"prod", "", map[string]string{"evenkeel:deployment": `{"strategy":"canary"}`}},
		"adopted network":        {"dev", "", map[string]string{"evenkeel:network": `{"mode":"default"}`}},
	} {
		t.Run(name, func(t *testing.T) {
			regs := withPipeline(t, tc.stack, tc.more, tc.edits)
			config := load(t, sample.Dir(t), tc.stack).Config
			config["evenkeel:pipeline"] = "{" + github + tc.more + "}"
			for k, v := range tc.edits {
				config[k] = v
			}
			cfg, err := stacks.Decode(tc.stack, config)
			require.NoError(t, err)
			want, err := iampolicy.Generate(cfg.PolicyInput("evenkeel", tc.stack, "123456789012", typesOf(regs)))
			require.NoError(t, err)

			for _, role := range []iampolicy.Role{iampolicy.Preview, iampolicy.Push, iampolicy.Deploy} {
				for i, d := range want[role] {
					text, err := d.JSON()
					require.NoError(t, err)
					child := "pipeline-" + string(role) + "-" + string(rune('1'+i))
					assert.Equal(t, text, pulumitest.Find(t, regs, "aws:iam/policy:Policy", child).Plain()["policy"], child)
				}
			}
			text, err := want[iampolicy.Boundary][0].JSON()
			require.NoError(t, err)
			assert.Equal(t, text, pulumitest.Find(t, regs, "aws:iam/policy:Policy", "pipeline-boundary").Plain()["policy"])
		})
	}
}

// The rows of roles and buckets go by names: every name that the program gives
// must be one of theirs.
func TestDeployMayMakeEveryRoleAndBucket(t *testing.T) {
	edits := map[string]string{
		"evenkeel:deployment":    `{"strategy":"canary"}`,
		"evenkeel:network":       `{"flowLogDays":30}`,
		"evenkeel:notifications": `{"page":{"emails":["oncall@example.com"]},"chat":{"workspace":"T07EA123LEP","channel":"C07EZ1ABC23"}}`,
	}
	regs := withPipeline(t, "prod", "", edits)
	config := load(t, sample.Dir(t), "prod").Config
	config["evenkeel:pipeline"] = "{" + github + "}"
	maps.Copy(config, edits)
	cfg, err := stacks.Decode("prod", config)
	require.NoError(t, err)
	documents, err := iampolicy.Generate(cfg.PolicyInput("evenkeel", "prod", "123456789012", typesOf(regs)))
	require.NoError(t, err)

	var names []string
	for _, r := range regs {
		action, resource := "", ""
		switch p := r.Plain(); {
		case r.Type == "aws:iam/role:Role" && !strings.HasPrefix(r.Name, "pipeline-"):
			action, resource = "iam:CreateRole", fmt.Sprintf("arn:aws:iam::123456789012:role/%v", p["name"])
		case r.Type == "aws:s3/bucketV2:BucketV2":
			action, resource = "s3:CreateBucket", fmt.Sprintf("arn:aws:s3:::%v20261123", p["bucketPrefix"])
		default:
			continue
		}
		names = append(names, resource)
		assert.True(t, iampolicy.Allowed(documents[iampolicy.Deploy], iampolicy.Request{Action: action, Resource: resource, Context: map[string][]string{
			"aws:requestedregion": {"eu-west-1"}, "aws:requesttag/service": {"orders"}, "aws:requesttag/stack": {"prod"},
		}}), "%s on %s", action, resource)
	}
	slices.Sort(names)
	const role = "arn:aws:iam::123456789012:role/orders-prod-"
	assert.Equal(t, []string{
		role + "chat", role + "codedeploy", role + "execution", role + "flow-logs", role + "task", "arn:aws:s3:::orders-prod-logs-20261123",
	}, names)
}

// The pipeline brings the first image, and cannot give itself rights.
func TestSchedulesNeedTheirRightsBeforeTheFirstImage(t *testing.T) {
	config := load(t, sample.Dir(t), "dev").Config
	config["evenkeel:autoscaling"] = `{"minimumTasks":2,"maximumTasks":4,"schedules":{"peak":{"at":"cron(0 7 * * ? *)","timeZone":"UTC","minimumTasks":3,"maximumTasks":4}}}`
	cfg, err := stacks.Decode("dev", config)
	require.NoError(t, err)
	in := cfg.PolicyInput("evenkeel", "dev", "123456789012", []string{"b", "a", "b"})
	assert.Equal(t, []string{"a", "aws:appautoscaling/scheduledAction:ScheduledAction", "b"}, in.Types)
	assert.Equal(t, "orders-dev", in.Base)
	assert.Equal(t, "orders-dev", in.RepositoryName, "the repository's name")
}

// In a first preview the provider's ARN is unknown; what the roles may do is not.
func TestPreviewShowsThePolicies(t *testing.T) {
	config := load(t, sample.Dir(t), "dev").Config
	config["evenkeel:pipeline"] = "{" + github + "}"
	preview, err := pulumitest.Preview(t, stacks.Program, pulumitest.WithStack("dev", config), neverDeployed(),
		pulumitest.WithInvoke("aws:index/getCallerIdentity:getCallerIdentity", map[string]any{"accountId": "123456789012"}))
	require.NoError(t, err)
	assert.Equal(t, pulumitest.Addresses(withPipeline(t, "dev", "", nil)), pulumitest.Addresses(preview))
	for _, child := range []string{"pipeline-boundary", "pipeline-preview-1", "pipeline-push-1", "pipeline-deploy-1"} {
		text, _ := pulumitest.Find(t, preview, "aws:iam/policy:Policy", child).Plain()["policy"].(string)
		assert.True(t, json.Valid([]byte(text)), child)
	}
}

func TestRolesTrustTheConfiguredRepository(t *testing.T) {
	for more, environment := range map[string]string{"": "dev", `,"environment":"staging"`: "staging"} {
		regs := withPipeline(t, "dev", more+`,"branch":"release"`, nil)
		trust := pulumitest.Text(t, pulumitest.Find(t, regs, "aws:iam/role:Role", "pipeline-deploy"), "assumeRolePolicy")
		assert.Contains(t, trust, `"repo:example@9919/orders@1296269:environment:`+environment+`"`)
		assert.Contains(t, trust, `"refs/heads/release"`)
	}
}

// The update that has no image yet makes the roles that deploy the first one.
func TestPoliciesDoNotWaitForAnImage(t *testing.T) {
	for name, edits := range map[string]map[string]string{
		"rolling": nil,
		"canary":  {"evenkeel:deployment": `{"strategy":"canary"}`},
		"schedules": {
			"evenkeel:autoscaling": `{"minimumTasks":2,"maximumTasks":4,"schedules":{"peak":{"at":"cron(0 7 * * ? *)","timeZone":"UTC","minimumTasks":3,"maximumTasks":4}}}`,
		},
		"chat": {
			"evenkeel:notifications": `{"page":{"emails":["a@example.com"]},"ticket":{"emails":["b@example.com"]},"chat":{"workspace":"T07EA123LEP","channel":"C07EZ1ABC23"}}`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			policies := func(image string) map[string]any {
				config := maps.Clone(edits)
				if config == nil {
					config = map[string]string{}
				}
				config["evenkeel:image"] = image
				out := map[string]any{}
				for _, r := range withPipeline(t, "prod", "", config) {
					if r.Type == "aws:iam/policy:Policy" {
						out[r.Name] = r.Plain()["policy"]
					}
				}
				return out
			}
			assert.Equal(t, policies(digest), policies(""))
		})
	}
}
