package registry_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/registry"
)

var epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

func ago(days int) time.Time { return epoch.Add(-time.Duration(days) * day) }

func tagged(prefix string, priority int) string {
	return fmt.Sprintf(`{"rulePriority":%d,"selection":{"tagStatus":"tagged","tagPrefixList":[%q],`+
		`"countType":"imageCountMoreThan","countNumber":1},"action":{"type":"expire"}}`, priority, prefix)
}

// The evaluator is only worth something if it agrees with AWS. The first two
// cases are the ones that AWS works out for policies with several rules; the
// others are single sentences of the evaluation rules.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
func TestEvaluatorFollowsTheDocumentation(t *testing.T) {
	betaAndProd := []image{
		{digest: "A", tags: []string{"beta-1", "prod-1"}, pushed: ago(10)},
		{digest: "B", tags: []string{"beta-2", "prod-2"}, pushed: ago(9)},
		{digest: "C", tags: []string{"beta-3"}, pushed: ago(8)},
	}
	untaggedRule := `{"rulePriority":1,"selection":{"tagStatus":"untagged","countType":"sinceImagePushed","countUnit":"days","countNumber":5},"action":{"type":"expire"}}`
	for name, tc := range map[string]struct {
		rules  []string
		images []image
		want   map[string]int
	}{
		"a later rule cannot expire what an earlier one keeps": {
			[]string{tagged("prod", 1), tagged("beta", 2)}, betaAndProd, map[string]int{"A": 1},
		},
		"the other way round": {
			[]string{tagged("beta", 1), tagged("prod", 2)}, betaAndProd, map[string]int{"A": 1, "B": 1},
		},
		"priority counts, not the order in the document": {
			[]string{tagged("beta", 2), tagged("prod", 1)}, betaAndProd, map[string]int{"A": 1},
		},
		"age is more than the number of days": {
			[]string{untaggedRule},
			[]image{{digest: "A", pushed: ago(6)}, {digest: "B", pushed: ago(5)}, {digest: "C", tags: []string{"x"}, pushed: ago(6)}},
			map[string]int{"A": 1},
		},
		"an index keeps what it refers to": {
			[]string{untaggedRule},
			[]image{
				{digest: "index", tags: []string{"x"}, pushed: ago(6), children: []string{"arm64"}},
				{digest: "arm64", pushed: ago(6)},
				{digest: "loose", pushed: ago(6)},
			},
			map[string]int{"loose": 1},
		},
	} {
		t.Run(name, func(t *testing.T) {
			rules := parse(t, `{"rules":[`+strings.Join(tc.rules, ",")+`]}`)
			assert.Equal(t, tc.want, evaluate(rules, tc.images, epoch))
		})
	}
}

// repository is an ECR repository that is cleaned up every night.
type repository struct {
	rules    []rule
	rnd      *rand.Rand
	now      time.Time
	images   []image
	releases []image // all ever pushed, oldest first
	pushes   int
}

func (r *repository) add(tags, children []string) image {
	r.pushes++
	img := image{
		digest: fmt.Sprintf("sha256:%d", r.pushes), tags: tags, children: children,
		// A second apart, so that "the newest" is never a matter of taste.
		pushed: r.now.Add(time.Duration(r.pushes) * time.Second),
	}
	r.images = append(r.images, img)
	return img
}

// push does one of the things that a pipeline does.
func (r *repository) push(prefix string) {
	n := r.pushes
	var children []string
	if r.rnd.IntN(4) == 0 { // a multi-platform image: the index has the tags
		children = []string{r.add(nil, nil).digest, r.add(nil, nil).digest}
	}
	switch r.rnd.IntN(6) {
	case 0:
		r.releases = append(r.releases, r.add([]string{fmt.Sprintf("%s%d", prefix, n)}, children))
	case 1: // a release that the branch's build had tagged before
		r.releases = append(r.releases, r.add([]string{fmt.Sprintf("main-%d", n), fmt.Sprintf("%s%d", prefix, n), fmt.Sprintf("sha-%d", n)}, children))
	case 2:
		r.add([]string{fmt.Sprintf("pr-%d", n)}, children)
	case 3: // looks like a release and is none
		r.add([]string{fmt.Sprintf("pre%s%d", prefix, n)}, children)
	case 4:
		r.add([]string{fmt.Sprintf("cache-%d", n)}, children)
	default:
		r.add(nil, children)
	}
}

// night passes one day and removes what the policy expires.
func (r *repository) night() {
	r.now = r.now.Add(day)
	expired := evaluate(r.rules, r.images, r.now)
	r.images = slices.DeleteFunc(r.images, func(img image) bool { _, gone := expired[img.digest]; return gone })
}

// kept returns the digests of the newest keep releases and what they need.
func (r *repository) kept(keep int) []string {
	var out []string
	for _, img := range r.releases[max(0, len(r.releases)-keep):] {
		out = append(append(out, img.digest), img.children...)
	}
	slices.Sort(out)
	return out
}

func (r *repository) digests() []string {
	out := make([]string, len(r.images))
	for i, img := range r.images {
		out[i] = img.digest
	}
	slices.Sort(out)
	return out
}

// lost returns the digests of kept releases that are gone.
func (r *repository) lost(keep int) []string {
	have := r.digests()
	return slices.DeleteFunc(r.kept(keep), func(d string) bool { return slices.Contains(have, d) })
}

func newRepository(t *testing.T, policyText string, seed uint64) *repository {
	t.Helper()
	return &repository{rules: parse(t, policyText), rnd: rand.New(rand.NewPCG(seed, 1)), now: epoch}
}

// Whatever mix a pipeline pushes, however much of it: the newest releases are
// there every morning, and once the pushes stop nothing else is.
func TestReleasesSurviveAnyPushesAndTheRestGoes(t *testing.T) {
	for seed := range uint64(150) {
		rnd := rand.New(rand.NewPCG(seed, 2))
		args := &registry.Args{
			Name: "orders-dev", KeepReleases: 1 + rnd.IntN(12), UntaggedDays: 1 + rnd.IntN(10), OtherDays: 1 + rnd.IntN(10),
			ReleaseTagPrefix: []string{"release-", "v"}[rnd.IntN(2)],
		}
		r := newRepository(t, policy(t, args), seed)
		for range 25 {
			for range rnd.IntN(20) {
				r.push(args.ReleaseTagPrefix)
			}
			r.night()
			require.Empty(t, r.lost(args.KeepReleases), "seed %d, %+v: releases lost on %s", seed, args, r.now.Format(time.DateOnly))
		}
		require.Greater(t, len(r.releases), args.KeepReleases, "seed %d: too few releases to test anything", seed)

		// Once for the images themselves, once for what only an expired index
		// had kept, and a night for being older than rather than as old as.
		for range args.UntaggedDays + args.OtherDays + 2 {
			r.night()
		}
		require.Equal(t, r.kept(args.KeepReleases), r.digests(), "seed %d, %+v: more is left than the last releases", seed, args)
	}
}

// A busy week must not push a quiet service's only release out.
func TestFloodOfOtherImagesKeepsTheOnlyRelease(t *testing.T) {
	r := newRepository(t, policy(t, minimal()), 1)
	r.releases = append(r.releases, r.add([]string{"release-1"}, nil))
	for range 90 {
		for n := range 50 {
			r.add([]string{fmt.Sprintf("pr-%d-%d", r.pushes, n)}, nil)
		}
		r.night()
	}
	assert.Empty(t, r.lost(registry.DefaultKeepReleases))
	// An image goes on the first night on which it is more than OtherDays old;
	// the seconds within a day put the oldest of them on the night after.
	assert.LessOrEqual(t, len(r.images), 1+50*(registry.DefaultOtherDays+1))
}

// The property must be able to fail: policies that teams commonly start with
// lose releases under the same pushes.
func TestCommonPoliciesWouldLoseReleases(t *testing.T) {
	const keep = 5
	for name, text := range map[string]string{
		"keep the last images": `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"imageCountMoreThan","countNumber":30},"action":{"type":"expire"}}]}`,
		"expire by age":        `{"rules":[{"rulePriority":1,"selection":{"tagStatus":"any","countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}}]}`,
		"branches before releases": `{"rules":[` +
			`{"rulePriority":1,"selection":{"tagStatus":"tagged","tagPrefixList":["main-"],"countType":"sinceImagePushed","countUnit":"days","countNumber":14},"action":{"type":"expire"}},` +
			`{"rulePriority":2,"selection":{"tagStatus":"tagged","tagPrefixList":["release-"],"countType":"imageCountMoreThan","countNumber":5},"action":{"type":"expire"}}]}`,
	} {
		t.Run(name, func(t *testing.T) {
			r := newRepository(t, text, 1)
			for range 10 {
				r.push("release-")
			}
			for range 30 {
				r.add([]string{fmt.Sprintf("pr-%d", r.pushes)}, nil)
				r.night()
			}
			require.NotEmpty(t, r.releases)
			assert.NotEmpty(t, r.lost(keep))
		})
	}
}
