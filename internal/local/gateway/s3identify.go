package gateway

import (
	"net/http"
	"net/url"
	"strings"
)

// s3Method maps HTTP methods to the operation on a bucket or object itself.
var (
	s3Bucket = map[string]string{"GET": "ListObjects", "HEAD": "HeadBucket", "PUT": "CreateBucket", "DELETE": "DeleteBucket"}
	s3Object = map[string]string{"GET": "GetObject", "HEAD": "HeadObject", "PUT": "PutObject", "DELETE": "DeleteObject"}
)

// s3Verb is how AWS starts the name of an operation on a sub-resource.
var s3Verb = map[string]string{"GET": "Get", "PUT": "Put", "DELETE": "Delete"}

// s3BucketNoun maps the query parameter of a bucket's sub-resource to the rest
// of the operation's name, by method where the methods differ ("" for all).
var s3BucketNoun = map[string]map[string]string{
	"abac":                {"": "BucketAbac"},
	"accelerate":          {"": "BucketAccelerateConfiguration"},
	"acl":                 {"": "BucketAcl"},
	"analytics":           {"": "BucketAnalyticsConfiguration"},
	"cors":                {"": "BucketCors"},
	"encryption":          {"": "BucketEncryption"},
	"intelligent-tiering": {"": "BucketIntelligentTieringConfiguration"},
	"inventory":           {"": "BucketInventoryConfiguration"},
	"lifecycle":           {"": "BucketLifecycleConfiguration", "DELETE": "BucketLifecycle"},
	"location":            {"": "BucketLocation"},
	"logging":             {"": "BucketLogging"},
	"metrics":             {"": "BucketMetricsConfiguration"},
	"notification":        {"": "BucketNotificationConfiguration"},
	"object-lock":         {"": "ObjectLockConfiguration"},
	"ownershipControls":   {"": "BucketOwnershipControls"},
	"policy":              {"": "BucketPolicy"},
	"policyStatus":        {"": "BucketPolicyStatus"},
	"publicAccessBlock":   {"": "PublicAccessBlock"},
	"replication":         {"": "BucketReplication"},
	"requestPayment":      {"": "BucketRequestPayment"},
	"tagging":             {"": "BucketTagging"},
	"versioning":          {"": "BucketVersioning"},
	"website":             {"": "BucketWebsite"},
}

// s3Listed are the sub-resources of which a bucket has many: without an id
// they are listed.
var s3Listed = map[string]bool{"analytics": true, "intelligent-tiering": true, "inventory": true, "metrics": true}

// s3BucketWhole maps "METHOD parameter" to operations whose names follow no pattern.
var s3BucketWhole = map[string]string{
	"POST delete":                "DeleteObjects",
	"GET uploads":                "ListMultipartUploads",
	"GET versions":               "ListObjectVersions",
	"GET session":                "CreateSession",
	"POST metadataConfiguration": "CreateBucketMetadataConfiguration",
	"POST metadataTable":         "CreateBucketMetadataTableConfiguration",
	"GET metadataConfiguration":  "GetBucketMetadataConfiguration", "DELETE metadataConfiguration": "DeleteBucketMetadataConfiguration",
	"GET metadataTable": "GetBucketMetadataTableConfiguration", "DELETE metadataTable": "DeleteBucketMetadataTableConfiguration",
	"PUT metadataInventoryTable": "UpdateBucketMetadataInventoryTableConfiguration",
	"PUT metadataJournalTable":   "UpdateBucketMetadataJournalTableConfiguration",
}

var s3ObjectWhole = map[string]string{
	"GET acl": "GetObjectAcl", "PUT acl": "PutObjectAcl",
	"GET attributes": "GetObjectAttributes",
	"GET legal-hold": "GetObjectLegalHold", "PUT legal-hold": "PutObjectLegalHold",
	"GET retention": "GetObjectRetention", "PUT retention": "PutObjectRetention",
	"GET tagging": "GetObjectTagging", "PUT tagging": "PutObjectTagging", "DELETE tagging": "DeleteObjectTagging",
	"GET torrent": "GetObjectTorrent", "PUT encryption": "UpdateObjectEncryption", "PUT renameObject": "RenameObject",
	"POST uploads": "CreateMultipartUpload", "POST uploadId": "CompleteMultipartUpload",
	"GET uploadId": "ListParts", "DELETE uploadId": "AbortMultipartUpload",
	"POST restore": "RestoreObject", "POST select": "SelectObjectContent",
}

// s3Action names an S3 operation by AWS's own names and says whether the
// body is the content of an object. Only path-style addresses are read: an
// SDK uses no other for an endpoint that is an IP address.
func s3Action(method, path string, query url.Values, header http.Header) (action string, uploads bool) {
	bucket, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	switch {
	case bucket == "" && method == http.MethodGet:
		return "ListBuckets", false
	case bucket == "":
		return method + " /", false
	case key == "":
		return s3BucketAction(method, query), false
	default:
		return s3ObjectAction(method, query, header)
	}
}

func s3BucketAction(method string, query url.Values) string {
	for parameter := range query {
		if whole, ok := s3BucketWhole[method+" "+parameter]; ok {
			return whole
		}
		noun, ok := s3BucketNoun[parameter]
		if !ok || s3Verb[method] == "" {
			continue
		}
		if method == http.MethodGet && s3Listed[parameter] && !query.Has("id") {
			return "List" + noun[""] + "s"
		}
		if special, ok := noun[method]; ok {
			return s3Verb[method] + special
		}
		return s3Verb[method] + noun[""]
	}
	switch {
	case method == http.MethodGet && query.Get("list-type") == "2":
		return "ListObjectsV2"
	case method == http.MethodPost:
		return "PostObject"
	case s3Bucket[method] != "":
		return s3Bucket[method]
	}
	return method + " bucket"
}

func s3ObjectAction(method string, query url.Values, header http.Header) (action string, uploads bool) {
	copies := header.Get("X-Amz-Copy-Source") != ""
	switch {
	case method == http.MethodPut && query.Has("uploadId") && copies:
		return "UploadPartCopy", false
	case method == http.MethodPut && query.Has("uploadId"):
		return "UploadPart", true
	}
	for parameter := range query {
		if whole, ok := s3ObjectWhole[method+" "+parameter]; ok {
			return whole, false
		}
	}
	switch {
	case method == http.MethodPut && copies:
		return "CopyObject", false
	case s3Object[method] != "":
		return s3Object[method], method == http.MethodPut
	}
	return method + " object", method == http.MethodPost
}
