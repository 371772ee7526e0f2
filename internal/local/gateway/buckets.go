package gateway

import (
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

const payerReason = "moto takes ?requestPayment for the bucket itself; the owner pays until told otherwise, as on AWS"

var bucketCompletions = []Completion{
	{Service: "s3", Action: "GetBucketRequestPayment", Kind: Answers, Reason: payerReason, answer: getPayer},
	{Service: "s3", Action: "PutBucketRequestPayment", Kind: Answers, Reason: payerReason, answer: putPayer},
}

func bucketOf(e *exchange) string {
	bucket, _, _ := strings.Cut(strings.TrimPrefix(e.request.URL.Path, "/"), "/")
	return bucket
}

func getPayer(m *memory, e *exchange) *reply {
	payer := m.payers[bucketOf(e)]
	if payer == "" {
		payer = "BucketOwner"
	}
	return xmlReply(`<RequestPaymentConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Payer>` + payer +
		`</Payer></RequestPaymentConfiguration>`)
}

var payerElement = regexp.MustCompile(`<Payer>\s*(Requester|BucketOwner)\s*</Payer>`)

func putPayer(m *memory, e *exchange) *reply {
	found := payerElement.FindSubmatch(e.body)
	if found == nil {
		return failure(protocolS3, "MalformedXML", "Payer: want Requester or BucketOwner")
	}
	m.payers[bucketOf(e)] = string(found[1])
	return &reply{status: http.StatusOK, header: http.Header{}}
}

// wrongInMoto are S3 operations that moto does not tell from one on the bucket
// or object itself, so that it would delete a bucket where it was asked to
// delete its metrics, or overwrite an object where it was asked to rename it.
var wrongInMoto = func() map[string]bool {
	out := map[string]bool{}
	for _, action := range strings.Fields(`
		GetBucketAbac PutBucketAbac
		GetBucketAnalyticsConfiguration PutBucketAnalyticsConfiguration DeleteBucketAnalyticsConfiguration ListBucketAnalyticsConfigurations
		GetBucketMetricsConfiguration PutBucketMetricsConfiguration DeleteBucketMetricsConfiguration ListBucketMetricsConfigurations
		GetBucketIntelligentTieringConfiguration PutBucketIntelligentTieringConfiguration
		DeleteBucketIntelligentTieringConfiguration ListBucketIntelligentTieringConfigurations
		DeleteBucketInventoryConfiguration GetBucketPolicyStatus CreateSession
		CreateBucketMetadataConfiguration GetBucketMetadataConfiguration DeleteBucketMetadataConfiguration
		CreateBucketMetadataTableConfiguration GetBucketMetadataTableConfiguration DeleteBucketMetadataTableConfiguration
		UpdateBucketMetadataInventoryTableConfiguration UpdateBucketMetadataJournalTableConfiguration
		GetObjectTorrent GetObjectRetention UpdateObjectEncryption RenameObject`) {
		out[action] = true
	}
	return out
}()

func sortedWrong() []string { return slices.Sorted(maps.Keys(wrongInMoto)) }

// silentlyWrong says why an operation must not reach moto; empty if it may.
func silentlyWrong(o operation) string {
	if o.protocol == protocolS3 && wrongInMoto[o.action] {
		return "moto would take it for a call on the whole bucket or object"
	}
	return ""
}
