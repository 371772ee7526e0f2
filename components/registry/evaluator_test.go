package registry_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const day = 24 * time.Hour

// image is what ECR knows of an image.
type image struct {
	digest string
	tags   []string
	pushed time.Time
	// children are the images that an index refers to.
	children []string
}

// rule is a lifecycle rule as ECR reads it, decoded apart from the code that
// renders it.
type rule struct {
	Action struct {
		Type string `json:"type"`
	} `json:"action"`
	Description string `json:"description"`
	Priority    int    `json:"rulePriority"`
	Selection   struct {
		TagStatus     string   `json:"tagStatus"`
		TagPrefixList []string `json:"tagPrefixList"`
		CountType     string   `json:"countType"`
		CountUnit     string   `json:"countUnit"`
		CountNumber   int      `json:"countNumber"`
	} `json:"selection"`
}

// parse decodes a policy and holds it against what PutLifecyclePolicy accepts.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
func parse(t *testing.T, text string) []rule {
	t.Helper()
	var doc struct {
		Rules []rule `json:"rules"`
	}
	dec := json.NewDecoder(strings.NewReader(text))
	dec.DisallowUnknownFields()
	require.NoError(t, dec.Decode(&doc))
	require.NotEmpty(t, doc.Rules)

	slices.SortFunc(doc.Rules, func(a, b rule) int { return a.Priority - b.Priority })
	var untagged int
	prefixes := map[string]bool{}
	for i, r := range doc.Rules {
		s := r.Selection
		require.Equal(t, "expire", r.Action.Type)
		require.Positive(t, r.Priority)
		require.Positive(t, s.CountNumber)
		require.Contains(t, []string{"tagged", "untagged", "any"}, s.TagStatus)
		require.Contains(t, []string{"imageCountMoreThan", "sinceImagePushed"}, s.CountType)
		require.Equal(t, s.CountType == "sinceImagePushed", s.CountUnit == "days", "rule %d: a unit goes with an age only", r.Priority)
		require.Equal(t, s.TagStatus == "tagged", len(s.TagPrefixList) > 0, "rule %d: prefixes go with tagged only", r.Priority)
		if i > 0 {
			require.NotEqual(t, doc.Rules[i-1].Priority, r.Priority, "priorities must be unique")
		}
		if s.TagStatus == "any" {
			require.Equal(t, len(doc.Rules)-1, i, "a rule for any tag status must come last")
		}
		if s.TagStatus == "untagged" {
			untagged++
		}
		for _, p := range s.TagPrefixList {
			require.False(t, prefixes[p], "prefix %q in two rules", p)
			prefixes[p] = true
		}
	}
	require.LessOrEqual(t, untagged, 1, "one rule may select untagged images")
	return doc.Rules
}

// selects says whether img meets the rule's tagging requirements. Each prefix
// of the list has to match one of the image's tags.
func (r rule) selects(img image) bool {
	switch r.Selection.TagStatus {
	case "any":
		return true
	case "untagged":
		return len(img.tags) == 0
	}
	return !slices.ContainsFunc(r.Selection.TagPrefixList, func(prefix string) bool {
		return !slices.ContainsFunc(img.tags, func(tag string) bool { return strings.HasPrefix(tag, prefix) })
	})
}

// marks returns the digests that the rule on its own would expire.
func (r rule) marks(images []image, now time.Time) map[string]bool {
	var selected []image
	for _, img := range images {
		if r.selects(img) {
			selected = append(selected, img)
		}
	}
	slices.SortFunc(selected, func(a, b image) int { return b.pushed.Compare(a.pushed) }) // youngest first
	out := map[string]bool{}
	for i, img := range selected {
		switch r.Selection.CountType {
		case "imageCountMoreThan":
			out[img.digest] = i >= r.Selection.CountNumber
		case "sinceImagePushed":
			out[img.digest] = now.Sub(img.pushed) > time.Duration(r.Selection.CountNumber)*day
		}
	}
	return out
}

// evaluate returns what ECR would expire at now: the digest, and the priority
// of the rule. It follows the documented evaluation:
//
//   - all rules look at all images, then they are applied by priority;
//   - an image is expired by one rule or none;
//   - an image that meets a rule's tagging requirements cannot be expired by a
//     rule of lower priority, whether or not the first one expires it;
//   - an image that an index refers to stays for as long as the index.
//
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
func evaluate(rules []rule, images []image, now time.Time) map[string]int {
	marked := make([]map[string]bool, len(rules))
	for i, r := range rules {
		marked[i] = r.marks(images, now)
	}
	expired := map[string]int{}
	for _, img := range images {
		claim := slices.IndexFunc(rules, func(r rule) bool { return r.selects(img) })
		if claim >= 0 && marked[claim][img.digest] {
			expired[img.digest] = rules[claim].Priority
		}
	}
	for _, img := range images {
		if _, gone := expired[img.digest]; gone {
			continue
		}
		for _, child := range img.children {
			delete(expired, child)
		}
	}
	return expired
}
