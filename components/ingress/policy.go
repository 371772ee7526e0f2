package ingress

import "evenkeel/internal/policydoc"

// logPrefix is where the load balancer puts logs when it is given no prefix.
const logPrefix = "AWSLogs/"

// logBucketPolicy renders the policy of the bucket with the access logs: the
// load balancers of one account may write, and nobody may come without TLS.
//
// AWS prescribes the statement for the log delivery service and puts the
// account into the path of each log, which is what keeps the load balancers of
// other accounts out. It has no condition on aws:SourceArn or
// aws:SourceAccount, because AWS does not say that the service sends them, and
// a condition on a key that a request lacks refuses it: then no load balancer
// could be created with logs.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html#attach-bucket-policy
func logBucketPolicy(bucketARN, accountID string) (string, error) {
	return policydoc.Document{Statements: []policydoc.Statement{
		{
			Sid:        "LoadBalancerLogDelivery",
			Principals: map[string][]string{"Service": {"logdelivery.elasticloadbalancing.amazonaws.com"}},
			Actions:    []string{"s3:PutObject"},
			Resources:  []string{bucketARN + "/" + logPrefix + accountID + "/*"},
		},
		{
			Sid:        "TLSOnly",
			Effect:     policydoc.Deny,
			Principals: map[string][]string{"AWS": {"*"}},
			Actions:    []string{"s3:*"},
			Resources:  []string{bucketARN, bucketARN + "/*"},
			Conditions: map[string]map[string][]string{"Bool": {"aws:SecureTransport": {"false"}}},
		},
	}}.JSON()
}
