package gateway_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/smithy-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/internal/local/gateway"
)

// TestRefusedAtOnce covers one operation per protocol that moto lacks, with
// the clients' own retry behavior.
func TestRefusedAtOnce(t *testing.T) {
	e := overMoto(t)
	tests := map[string]struct {
		name string
		call func(ctx context.Context) error
	}{
		"JSON": {"ecs:ListServiceDeployments", func(ctx context.Context) error {
			_, err := ecs.NewFromConfig(e.config()).ListServiceDeployments(ctx, &ecs.ListServiceDeploymentsInput{Service: aws.String("s")})
			return err
		}},
		"query": {"sns:GetSMSSandboxAccountStatus", func(ctx context.Context) error {
			_, err := sns.NewFromConfig(e.config()).GetSMSSandboxAccountStatus(ctx, &sns.GetSMSSandboxAccountStatusInput{})
			return err
		}},
		"newest CloudWatch": {"cloudwatch:DescribeAlarmHistory", func(ctx context.Context) error {
			_, err := cloudwatch.NewFromConfig(e.config()).DescribeAlarmHistory(ctx, &cloudwatch.DescribeAlarmHistoryInput{})
			return err
		}},
		"S3": {"s3:DeleteBucketMetricsConfiguration", func(ctx context.Context) error {
			_, err := s3.NewFromConfig(e.config()).DeleteBucketMetricsConfiguration(ctx,
				&s3.DeleteBucketMetricsConfigurationInput{Bucket: aws.String("any-bucket"), Id: aws.String("x")})
			return err
		}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			before := len(e.Refused())
			started := time.Now()
			err := tt.call(quick(t))
			var api smithy.APIError
			require.ErrorAs(t, err, &api)
			assert.Equal(t, gateway.CodeNotImplemented, api.ErrorCode())
			assert.Contains(t, api.ErrorMessage(), tt.name+" is implemented neither by moto 5.2.1 nor by the gateway")
			assert.Less(t, time.Since(started), time.Second)
			require.Len(t, e.Refused(), before+1, "one attempt")
			call := e.last(t, tt.name)
			assert.Equal(t, gateway.AnsweredByRefusal, call.AnsweredBy)
			assert.Equal(t, gateway.CodeNotImplemented, call.Error)
			assert.Equal(t, http.StatusBadRequest, call.Status)
		})
	}
}

// signed sends a request that an SDK would sign for a service.
func signed(t *testing.T, e emulated, method, path, service string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(quick(t), method, e.url+path, nil)
	require.NoError(t, err)
	r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu-west-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	answer, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	t.Cleanup(func() { _ = answer.Body.Close() })
	return answer
}

func TestRefusedServicesAndRoutes(t *testing.T) {
	e := overMoto(t)
	tests := map[string]struct{ method, path, service, name string }{
		"service that moto has not":   {"GET", "/analyzer", "access-analyzer", "access-analyzer:ListAnalyzers"},
		"route that moto has not":     {"GET", "/2016-08-19/account-settings", "lambda", "lambda:GetAccountSettings"},
		"service that nobody knows":   {"GET", "/things/1", "frobnicate", "frobnicate:GET /things/1"},
		"XML route that moto has not": {"GET", "/2013-04-01/trafficpolicies", "route53", "route53:ListTrafficPolicies"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			answer := signed(t, e, tt.method, tt.path, tt.service)
			assert.Equal(t, http.StatusBadRequest, answer.StatusCode)
			assert.Equal(t, gateway.AnsweredByRefusal, e.last(t, tt.name).AnsweredBy)
		})
	}
}

func TestMotoFailureIsExplained(t *testing.T) {
	e := overMoto(t)
	client := cloudwatch.NewFromConfig(e.config())
	space, now := unique(t), time.Now()
	_, err := client.PutMetricData(quick(t), &cloudwatch.PutMetricDataInput{
		Namespace: &space, MetricData: []types.MetricDatum{{MetricName: aws.String("latency"), Value: aws.Float64(1)}},
	})
	require.NoError(t, err)
	// Moto has no percentiles, and does not say so.
	_, err = client.GetMetricData(quick(t), &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-time.Hour)), EndTime: aws.Time(now.Add(time.Hour)),
		MetricDataQueries: []types.MetricDataQuery{{Id: aws.String("p99"), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: &space, MetricName: aws.String("latency")}, Period: aws.Int32(60), Stat: aws.String("p99"),
		}}},
	})
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	assert.Equal(t, gateway.CodeEmulatorError, api.ErrorCode())
	assert.Contains(t, api.ErrorMessage(), "TypeError: float() argument must be a string or a real number")
	assert.Equal(t, gateway.AnsweredByRefusal, e.last(t, "cloudwatch:GetMetricData").AnsweredBy)
}

func TestMotoThatDoesNotAnswer(t *testing.T) {
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	e := over(t, dead.URL, "")
	_, err := sns.NewFromConfig(e.config()).ListTopics(quick(t), &sns.ListTopicsInput{})
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	assert.Equal(t, gateway.CodeEmulatorError, api.ErrorCode())
	assert.Contains(t, api.ErrorMessage(), "connection refused")
}

func TestFailureOfAnotherCallDoesNotHideALack(t *testing.T) {
	log := filepath.Join(t.TempDir(), "moto.log")
	require.NoError(t, os.WriteFile(log, nil, 0o600))
	moto := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		text := "Error on request:\nTraceback (most recent call last):\n  File \"x.py\", line 1, in f\n    a\nKeyError: 'other'\n" +
			"Error on request:\nTraceback (most recent call last):\n  File \"y.py\", line 1, in g\n    b\n" +
			"NotImplementedError: The list_sms_sandbox_phone_numbers action has not been implemented\n"
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		w.WriteHeader(http.StatusInternalServerError)
		err := errors.Join(os.WriteFile(log, []byte(text), 0o600), writeAll(w, "<!doctype html>\n<title>500 Internal Server Error</title>"))
		assert.NoError(t, err)
	}))
	defer moto.Close()
	e := over(t, moto.URL, log)
	_, err := sns.NewFromConfig(e.config()).ListSMSSandboxPhoneNumbers(quick(t), &sns.ListSMSSandboxPhoneNumbersInput{})
	var api smithy.APIError
	require.ErrorAs(t, err, &api)
	assert.Equal(t, gateway.CodeNotImplemented, api.ErrorCode())
}

func writeAll(w http.ResponseWriter, text string) error {
	_, err := w.Write([]byte(text))
	return err
}
