package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// BucketName is the state's bucket of an account and region: names are shared
// by all accounts, so it has both in it.
func BucketName(account, region string) string {
	return "evenkeel-state-" + account + "-" + region
}

func (r *run) bucketName() string {
	if r.Bucket != "" {
		return r.Bucket
	}
	return BucketName(r.report.Account, r.Region)
}

// bucketSyntax is the common part of what S3 accepts. Dots are left out,
// because S3's certificate does not hold for names with them.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
var bucketSyntax = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`)

// bucket finds or makes the bucket, and puts right what has drifted.
func (r *run) bucket(ctx context.Context) error {
	name := r.bucketName()
	if !bucketSyntax.MatchString(name) {
		return fmt.Errorf("evenkeel:pipeline.stateBucket: is %q, want 3 to 63 lower-case letters, digits and hyphens", name)
	}
	r.report.Backend = fmt.Sprintf("s3://%s?region=%s&awssdk=v2", name, r.Region)
	there, err := r.findBucket(ctx, name)
	if err != nil {
		return err
	}
	if there {
		err = r.refuseForeign(ctx, name)
	} else if r.Check {
		r.done("bucket", name, Missing, "would be made")
		return nil
	} else {
		err = r.makeBucket(ctx, name)
	}
	if err != nil {
		return err
	}
	if r.keyARN == "" { // a check that misses the key
		r.done("bucket", name, Differs, "encryption would be put right once there is a key")
		return nil
	}
	fixed, err := r.repair(ctx, r.bucketAspects(name))
	if err != nil {
		return err
	}
	if !there {
		fixed = nil
	}
	r.done("bucket", name, r.status(!there, fixed), fixed...)
	return nil
}

// findBucket tells whether the bucket is there, and refuses one of another
// account or in another region.
func (r *run) findBucket(ctx context.Context, name string) (bool, error) {
	out, err := r.aws.s3.HeadBucket(ctx, &s3.HeadBucketInput{Bucket: aws.String(name), ExpectedBucketOwner: aws.String(r.report.Account)})
	var answer *awshttp.ResponseError
	status := 0
	if errors.As(err, &answer) {
		status = answer.HTTPStatusCode()
	}
	elsewhere := func(region string) error {
		return fmt.Errorf("the bucket %s is in %s, want it in %s: set evenkeel:pipeline.stateBucket to another name", name, region, r.Region)
	}
	switch {
	case err == nil:
		if region := aws.ToString(out.BucketRegion); region != "" && region != r.Region {
			return false, elsewhere(region)
		}
		return true, nil
	case status == 404:
		return false, nil
	case status == 301:
		return false, elsewhere(answer.Response.Header.Get("x-amz-bucket-region"))
	case status == 403:
		return false, r.whose(ctx, name, err)
	}
	return false, err
}

// whose says why a bucket is out of reach: another account has it, or the right
// to look at it is missing. S3's answer to HeadBucket does not tell.
func (r *run) whose(ctx context.Context, name string, head error) error {
	pages := s3.NewListBucketsPaginator(r.aws.s3, &s3.ListBucketsInput{Prefix: aws.String(name)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if denied(err) {
			return fmt.Errorf("the bucket %s is out of reach: either it belongs to another account than %s, "+
				"then set evenkeel:pipeline.stateBucket to another name, or the permission s3:ListBucket is missing. "+
				"s3:ListAllMyBuckets, which would tell, is missing too", name, r.report.Account)
		}
		if err != nil {
			return err
		}
		for _, b := range page.Buckets {
			if aws.ToString(b.Name) == name {
				return head
			}
		}
	}
	return fmt.Errorf("the bucket %s belongs to another account than %s: set evenkeel:pipeline.stateBucket to another name", name, r.report.Account)
}

// refuseForeign refuses a bucket of this account that is for something else.
// Ours has our tag. One without it is ours where it is empty, which a run that
// was interrupted leaves behind, or where its name is and Pulumi's is all it holds.
func (r *run) refuseForeign(ctx context.Context, name string) error {
	tags, err := r.bucketTags(ctx, name)
	if err != nil {
		return err
	}
	switch tags[purposeTag] {
	case purpose:
		return nil
	case "":
	default:
		return fmt.Errorf("the bucket %s is for something else: its tag %s is %q, want %q. Set evenkeel:pipeline.stateBucket to another name",
			name, purposeTag, tags[purposeTag], purpose)
	}
	out, err := r.aws.s3.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
		Bucket: aws.String(name), Delimiter: aws.String("/"), MaxKeys: aws.Int32(10), ExpectedBucketOwner: aws.String(r.report.Account),
	})
	if err != nil {
		return err
	}
	var holds []string
	for _, p := range out.CommonPrefixes {
		holds = append(holds, aws.ToString(p.Prefix))
	}
	for _, o := range out.Contents {
		holds = append(holds, aws.ToString(o.Key))
	}
	if len(holds) == 0 || name == BucketName(r.report.Account, r.Region) && slices.Equal(holds, []string{".pulumi/"}) {
		return nil
	}
	return fmt.Errorf("the bucket %s is not ours: it has no tag %s=%s and holds %s. Set evenkeel:pipeline.stateBucket to another name; "+
		"or, if it is meant for Pulumi's state alone, add that tag: its encryption, policy and lifecycle are then set by this command",
		name, purposeTag, purpose, strings.Join(holds, ", "))
}

func (r *run) makeBucket(ctx context.Context, name string) error {
	in := &s3.CreateBucketInput{Bucket: aws.String(name), ObjectOwnership: types.ObjectOwnershipBucketOwnerEnforced}
	// The one region that is not a location.
	// https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html
	if r.Region != "us-east-1" {
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(r.Region)}
	}
	_, err := r.aws.s3.CreateBucket(ctx, in)
	switch code(err) {
	case "BucketAlreadyExists":
		return fmt.Errorf("the bucket %s belongs to another account than %s: set evenkeel:pipeline.stateBucket to another name", name, r.report.Account)
	case "BucketAlreadyOwnedByYou", "OperationAborted": // another run has been quicker
		return fmt.Errorf("the bucket %s is being made by somebody else: run again in a minute", name)
	}
	return err
}

// bucketTags are the bucket's tags, empty when it has none.
func (r *run) bucketTags(ctx context.Context, name string) (map[string]string, error) {
	out, err := r.aws.s3.GetBucketTagging(ctx, &s3.GetBucketTaggingInput{Bucket: aws.String(name), ExpectedBucketOwner: aws.String(r.report.Account)})
	tags := map[string]string{}
	switch {
	case code(err) == "NoSuchTagSet":
		return tags, nil
	case err != nil:
		return nil, err
	}
	for _, t := range out.TagSet {
		tags[aws.ToString(t.Key)] = aws.ToString(t.Value)
	}
	return tags, nil
}

func bucketTagSet(tags map[string]string) []types.Tag {
	var out []types.Tag
	for _, k := range slices.Sorted(maps.Keys(tags)) {
		out = append(out, types.Tag{Key: aws.String(k), Value: aws.String(tags[k])})
	}
	return out
}
