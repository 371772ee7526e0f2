package ingress

import "evenkeel/internal/policydoc"

// logPrefix is where the load balancer puts logs when it is given no prefix.
const logPrefix = "AWSLogs/"

// logBucketPolicy renders the policy of the bucket with the access logs: the
// load balancers of one account may write, and nobody may come without TLS.
//
// The first statement is the one that AWS prescribes for every commercial
// region: the service writes below the number of the load balancer's account,
// which is what keeps the load balancers of other accounts out.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html#attach-bucket-policy
//
// It has no condition on aws:SourceArn or aws:SourceAccount. A condition on a
// key that a request lacks refuses the request, and then no load balancer could
// have logs. Whether the service sends these keys was not established:
// published policies exist with them and without.
//
// Verified: the text, by the tests, and that the provider and the emulator take
// it. Not verified: that a load balancer on AWS delivers its logs under this
// policy, the second statement included. The emulator enforces no bucket policy
// and writes no logs. The first deployment to an account shows it: AWS writes
// AWSLogs/<account>/ELBAccessLogTestFile when logs are switched on, or refuses
// to switch them on ("Access Denied for bucket").
func logBucketPolicy(bucketARN, accountID string) (string, error) {
	return policydoc.Document{Statements: []policydoc.Statement{
		{
			Sid:        "LoadBalancerLogDelivery",
			Principals: map[string][]string{"Service": {"logdelivery.elasticloadbalancing.amazonaws.com"}},
			Actions:    []string{"s3:PutObject"},
			Resources:  []string{bucketARN + "/" + logPrefix + accountID + "/*"},
		},
		policydoc.DenyWithoutTLS("s3:*", bucketARN, bucketARN+"/*"),
	}}.JSON()
}
