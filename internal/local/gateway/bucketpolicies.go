package gateway

import (
	"encoding/json"
	"net/http"
)

const bucketPolicyReason = "moto reads no condition, so one refusal of requests without TLS would refuse every object; it keeps the policy without " +
	"refusals under a condition, the gateway the whole"

var bucketPolicyCompletions = []Completion{
	{Service: "s3", Action: "PutBucketPolicy", Kind: Completes, Reason: bucketPolicyReason, before: withoutConditionalDenials, after: keepOnSuccess},
	{Service: "s3", Action: "GetBucketPolicy", Kind: Completes, Reason: bucketPolicyReason, after: wholePolicy},
}

// withoutConditionalDenials keeps the policy, and leaves out what moto would
// take for a refusal of everything. What is no policy is moto's to refuse.
func withoutConditionalDenials(m *memory, e *exchange) {
	var policy object
	if err := json.Unmarshal(e.body, &policy); err != nil {
		return
	}
	statements, ok := policy["Statement"].([]any)
	if !ok {
		statements = []any{policy["Statement"]} // the only statement may stand alone
	}
	kept := []any{}
	for _, s := range statements {
		statement, _ := s.(object)
		if text(statement, "Effect") == "Deny" && statement["Condition"] != nil {
			continue
		}
		kept = append(kept, s)
	}
	m.policies[bucketOf(e)] = string(e.body)
	if len(kept) == len(statements) {
		return
	}
	policy["Statement"] = kept
	body, err := json.Marshal(policy)
	if err != nil {
		return
	}
	e.setBody(body)
	for _, header := range []string{"Content-Md5", "X-Amz-Checksum-Crc32"} { // of the body that was
		e.request.Header.Del(header)
	}
}

// keepOnSuccess forgets a policy that moto has not accepted.
func keepOnSuccess(m *memory, e *exchange, r *reply) {
	if r.status >= http.StatusBadRequest {
		delete(m.policies, bucketOf(e))
	}
}

// wholePolicy says a policy again as it was told.
func wholePolicy(m *memory, e *exchange, r *reply) {
	if policy, ok := m.policies[bucketOf(e)]; ok && r.status == http.StatusOK {
		r.body = []byte(policy)
	}
}
