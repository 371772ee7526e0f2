package release_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/codedeploy"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/release"
)

const (
	publishedAccount  = "111122223333"
	publishedFamily   = "arn:aws:ecs:eu-west-1:" + publishedAccount + ":task-definition/orders-prod:"
	publishedRegistry = publishedAccount + ".dkr.ecr.eu-west-1.amazonaws.com/orders-prod"
)

// course is how AWS's answers went during a deployment, see testdata/aws.
type course struct {
	Scene   string
	Sources []struct{ URL, Shows string }
	Moments []map[string]json.RawMessage
}

func readCourse(t *testing.T, name string) course {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", "aws", name+".json"))
	require.NoError(t, err)
	var c course
	require.NoError(t, json.Unmarshal(b, &c))
	return c
}

// endpoint is an AWS that replays a course to the SDK's own clients.
type endpoint struct {
	course
	t    *testing.T
	at   int // the moment
	told []string
}

// next goes on to the next moment; the last one stays.
func (e *endpoint) next() { e.at = min(e.at+1, len(e.Moments)-1) }

// answer is the newest one up to now that goes by one of the names.
func (e *endpoint) answer(names ...string) json.RawMessage {
	for at := e.at; at >= 0; at-- {
		for _, name := range names {
			if a, ok := e.Moments[at][name]; ok {
				return a
			}
		}
	}
	return nil
}

var rpc = regexp.MustCompile(`^/service/[^/]+/operation/(\w+)$`)

func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if m := rpc.FindStringSubmatch(r.URL.Path); m != nil { // CloudWatch
		var v any
		if err := json.Unmarshal(e.answer(m[1]), &v); err != nil {
			http.Error(w, "no answer to "+m[1], http.StatusNotImplemented)
			return
		}
		w.Header().Set("Smithy-Protocol", "rpc-v2-cbor")
		w.Header().Set("Content-Type", "application/cbor")
		_, _ = w.Write(cbor.Encode(asCBOR(v)))
		return
	}
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	e.told = append(e.told, operation)
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	a := e.say(operation, body)
	if a == nil {
		w.WriteHeader(http.StatusBadRequest)
		a = []byte(`{"__type":"NotReplayed","message":"` + operation + ` has no answer in ` + e.Scene + `"}`)
	}
	_, _ = w.Write(a)
}

// say answers a JSON request: by the course, or, of what no course is about, as the
// tests' own stack would.
func (e *endpoint) say(operation string, body []byte) []byte {
	var in struct {
		DeploymentID        string `json:"deploymentId"`
		TaskDefinition      string
		IncludeOnlyStatuses []string
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return nil
	}
	switch operation {
	case "CreateDeployment":
		defer e.next()
	case "ListDeployments":
		if in.IncludeOnlyStatuses == nil {
			return e.answer("ListDeployments all")
		}
	case "TagResource":
		return []byte(`{}`)
	case "ListTaskDefinitions":
		return fmt.Appendf(nil, `{"taskDefinitionArns":[%q,%q]}`, publishedFamily+"2", publishedFamily+"1")
	case "DescribeTaskDefinition":
		image := publishedRegistry + "@" + oldDigest
		if strings.HasSuffix(in.TaskDefinition, ":2") {
			image = publishedRegistry + "@" + newDigest
		}
		return fmt.Appendf(nil, `{"taskDefinition":{"taskDefinitionArn":%q,"registeredAt":1795402805,"containerDefinitions":[{"name":"orders","image":%q}]}}`,
			in.TaskDefinition, image)
	}
	return e.answer(operation+" "+in.DeploymentID, operation)
}

// asCBOR converts what was JSON, without times.
func asCBOR(v any) cbor.Value {
	switch v := v.(type) {
	case map[string]any:
		m := cbor.Map{}
		for k, c := range v {
			m[k] = asCBOR(c)
		}
		return m
	case []any:
		var l cbor.List
		for _, c := range v {
			l = append(l, asCBOR(c))
		}
		return l
	case string:
		return cbor.String(v)
	case float64:
		return cbor.Float64(v)
	case bool:
		return cbor.Bool(v)
	}
	return &cbor.Nil{}
}

// replayed is a deployer whose update is where a rolling deployment begins.
type replayed struct {
	e       *endpoint
	outputs map[string]any
}

func (p replayed) Outputs(context.Context) (map[string]any, error) { return p.outputs, nil }

func (p replayed) Update(context.Context, string) (map[string]any, error) {
	p.outputs["taskDefinitionArn"] = publishedFamily + "2"
	if p.outputs["deploymentStrategy"] == "rolling" {
		p.e.next()
	}
	return p.outputs, nil
}

// replay is a stack whose ECS, CodeDeploy and CloudWatch replay a course. The clock's
// every tick is the next moment.
func replay(t *testing.T, name, strategy string) (*stage, *endpoint) {
	t.Helper()
	e := &endpoint{course: readCourse(t, name), t: t}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	s := newStage(t, strategy)
	s.Options.NoSettle = true
	s.pulumi.outputs["taskDefinitionArn"], s.pulumi.outputs["repositoryUrl"] = publishedFamily+"1", publishedRegistry
	s.Deployer = replayed{e, s.pulumi.outputs}
	s.clock.stop = func(time.Time) bool { e.next(); return false }
	with := aws.Config{
		Region: "eu-west-1", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), RetryMaxAttempts: 1,
	}
	s.Connect = func(context.Context, string) (release.Clients, error) {
		return release.Clients{
			ECS: ecs.NewFromConfig(with), CodeDeploy: codedeploy.NewFromConfig(with), CloudWatch: cloudwatch.NewFromConfig(with),
			ECR: s.aws, Secrets: s.aws, IAM: s.aws,
		}, nil
	}
	return s, e
}
