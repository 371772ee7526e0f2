package gateway_test

import (
	"crypto/sha256"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/aws/aws-sdk-go-v2/service/ecr/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

func manifestOf(version, findings string) string {
	return fmt.Sprintf(`{"schemaVersion":2,"mediaType":"application/vnd.oci.image.manifest.v1+json","config":{"mediaType":"application/vnd.oci.empty.v1+json",`+
		`"size":2,"digest":"sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"},"layers":[],"annotations":{"v":%q,%q:%q}}`,
		version, gateway.FindingsAnnotation, findings)
}

func pushed(t *testing.T, client *ecr.Client, repository, tag, manifest string) string {
	t.Helper()
	out, err := client.PutImage(t.Context(), &ecr.PutImageInput{RepositoryName: &repository, ImageTag: &tag, ImageManifest: &manifest})
	require.NoError(t, err)
	return *out.Image.ImageId.ImageDigest
}

func TestImagesHaveTheirManifestsDigestAndAScan(t *testing.T) {
	e := overMoto(t)
	client := ecr.NewFromConfig(e.config())
	ctx, name := t.Context(), unique(t)
	_, err := client.CreateRepository(ctx, &ecr.CreateRepositoryInput{
		RepositoryName: &name, ImageTagMutability: types.ImageTagMutabilityImmutable,
		ImageScanningConfiguration: &types.ImageScanningConfiguration{ScanOnPush: true},
	})
	require.NoError(t, err)
	for tag, tt := range map[string]struct {
		findings string
		counts   map[string]int32
	}{"clean": {"", map[string]int32{}}, "bad": {"CRITICAL, HIGH,CRITICAL", map[string]int32{"CRITICAL": 2, "HIGH": 1}}} {
		digest := pushed(t, client, name, tag, manifestOf(tag, tt.findings))
		assert.Equal(t, fmt.Sprintf("sha256:%x", sha256.Sum256([]byte(manifestOf(tag, tt.findings)))), digest)
		out, err := client.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: &name, ImageIds: []types.ImageIdentifier{{ImageDigest: &digest}}})
		require.NoError(t, err)
		require.Len(t, out.ImageDetails, 1)
		assert.Equal(t, types.ScanStatusComplete, out.ImageDetails[0].ImageScanStatus.Status)
		assert.Equal(t, tt.counts, out.ImageDetails[0].ImageScanFindingsSummary.FindingSeverityCounts)
		assert.Equal(t, []string{tag}, out.ImageDetails[0].ImageTags)
		found, err := client.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: &name, ImageId: &types.ImageIdentifier{ImageTag: &tag}})
		require.NoError(t, err)
		assert.Equal(t, types.ScanStatusComplete, found.ImageScanStatus.Status)
		assert.Equal(t, tt.counts, found.ImageScanFindings.FindingSeverityCounts)
		assert.NotNil(t, found.ImageScanFindings.ImageScanCompletedAt)
	}
	_, err = client.PutImage(ctx, &ecr.PutImageInput{RepositoryName: &name, ImageTag: aws.String("bad"), ImageManifest: aws.String(manifestOf("other", ""))})
	var taken *types.ImageTagAlreadyExistsException
	require.ErrorAs(t, err, &taken, "an immutable tag")
	_, err = client.PutImage(ctx, &ecr.PutImageInput{
		RepositoryName: &name, ImageTag: aws.String("c"), ImageManifest: aws.String(manifestOf("c", "")), ImageDigest: aws.String("sha256:00"),
	})
	var mismatch *types.ImageDigestDoesNotMatchException
	require.ErrorAs(t, err, &mismatch)
}

func TestImagesAreScannedOnlyWhenAsked(t *testing.T) {
	e := overMoto(t)
	client := ecr.NewFromConfig(e.config())
	ctx, name := t.Context(), unique(t)
	_, err := client.CreateRepository(ctx, &ecr.CreateRepositoryInput{RepositoryName: &name})
	require.NoError(t, err)
	digest := pushed(t, client, name, "v1", manifestOf("v1", "LOW"))
	id := types.ImageIdentifier{ImageDigest: &digest}
	describe := func() types.ImageDetail {
		out, err := client.DescribeImages(ctx, &ecr.DescribeImagesInput{RepositoryName: &name, ImageIds: []types.ImageIdentifier{id}})
		require.NoError(t, err)
		return out.ImageDetails[0]
	}
	assert.Nil(t, describe().ImageScanStatus)
	_, err = client.DescribeImageScanFindings(ctx, &ecr.DescribeImageScanFindingsInput{RepositoryName: &name, ImageId: &id})
	var missing *types.ScanNotFoundException
	require.ErrorAs(t, err, &missing)
	_, err = client.StartImageScan(ctx, &ecr.StartImageScanInput{RepositoryName: &name, ImageId: &id})
	require.NoError(t, err)
	assert.Equal(t, map[string]int32{"LOW": 1}, describe().ImageScanFindingsSummary.FindingSeverityCounts)
}
