package registry

import (
	"encoding/json"
	"fmt"
)

// The fields stand in alphabetical order, which is the order in which the
// provider stores the document: equal documents are then equal texts, and a
// second preview shows no change.
type (
	lifecycleDocument struct {
		Rules []lifecycleRule `json:"rules"`
	}
	lifecycleRule struct {
		Action      lifecycleAction    `json:"action"`
		Description string             `json:"description"`
		Priority    int                `json:"rulePriority"`
		Selection   lifecycleSelection `json:"selection"`
	}
	lifecycleAction struct {
		Type string `json:"type"`
	}
	lifecycleSelection struct {
		CountNumber   int      `json:"countNumber"`
		CountType     string   `json:"countType"`
		CountUnit     string   `json:"countUnit,omitempty"`
		TagPrefixList []string `json:"tagPrefixList,omitempty"`
		TagStatus     string   `json:"tagStatus"`
	}
)

// lifecyclePolicy renders the retention rules.
//
// The order is what protects releases: an image that a rule selects cannot be
// expired by a rule of lower priority, even when the first rule keeps it.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html
func lifecyclePolicy(keepReleases int, releasePrefix string, untaggedDays, otherDays int) (string, error) {
	doc := lifecycleDocument{Rules: []lifecycleRule{
		expire(1, fmt.Sprintf("Keep the last %d releases", keepReleases), lifecycleSelection{
			TagStatus: "tagged", TagPrefixList: []string{releasePrefix},
			CountType: "imageCountMoreThan", CountNumber: keepReleases,
		}),
		expire(2, fmt.Sprintf("Expire untagged images after %s", days(untaggedDays)), olderThan("untagged", untaggedDays)),
		// A rule for any tag status must come last.
		// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
		expire(3, fmt.Sprintf("Expire everything else after %s", days(otherDays)), olderThan("any", otherDays)),
	}}
	b, err := json.Marshal(doc)
	if err != nil {
		return "", fmt.Errorf("render lifecycle policy: %w", err)
	}
	return string(b), nil
}

func expire(priority int, description string, s lifecycleSelection) lifecycleRule {
	return lifecycleRule{
		Action: lifecycleAction{Type: "expire"}, Description: description, Priority: priority, Selection: s,
	}
}

func olderThan(tagStatus string, n int) lifecycleSelection {
	return lifecycleSelection{TagStatus: tagStatus, CountType: "sinceImagePushed", CountUnit: "days", CountNumber: n}
}

func days(n int) string {
	if n == 1 {
		return "1 day"
	}
	return fmt.Sprintf("%d days", n)
}
