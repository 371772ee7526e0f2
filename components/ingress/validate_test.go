package ingress_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"evenkeel/components/ingress"
	"evenkeel/internal/pulumitest"
)

func TestValidate(t *testing.T) {
	many := make([]string, 31)
	for i := range many {
		many[i] = fmt.Sprintf("10.0.%d.0/24", i)
	}
	for name, tc := range map[string]struct {
		change func(*ingress.Args)
		want   string
	}{
		"no name":         {func(a *ingress.Args) { a.Name = "" }, `Name: is required`},
		"double dash":     {func(a *ingress.Args) { a.Name = "orders--dev" }, `Name: is "orders--dev", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
		"no VPC":          {func(a *ingress.Args) { a.VPCID = nil }, `VPCID: is required`},
		"no subnets":      {func(a *ingress.Args) { a.SubnetIDs = nil }, `SubnetIDs: is required`},
		"no account":      {func(a *ingress.Args) { a.AccountID = nil }, `AccountID: is required`},
		"no region":       {func(a *ingress.Args) { a.Region = "" }, `Region: is required`},
		"not a region":    {func(a *ingress.Args) { a.Region = "Ireland" }, `Region: is "Ireland", want a region such as "eu-west-1"`},
		"no port":         {func(a *ingress.Args) { a.TargetPort = 0 }, `TargetPort: is 0, want 1 to 65535`},
		"port too high":   {func(a *ingress.Args) { a.TargetPort = 65536 }, `TargetPort: is 65536, want 1 to 65535`},
		"plain HTTP":      {func(a *ingress.Args) { a.AllowPlainHTTP = false }, `CertificateARN: is required; to serve plain HTTP on purpose set AllowPlainHTTP`},
		"both schemes":    {func(a *ingress.Args) { a.CertificateARN = certificate }, `AllowPlainHTTP: is true with CertificateARN, want one of them: with a certificate, HTTP redirects to HTTPS`},
		"relative path":   {func(a *ingress.Args) { a.HealthCheck.Path = "healthz" }, `HealthCheck.Path: is "healthz", want a path of up to 1024 characters, such as "/healthz"`},
		"path with space": {func(a *ingress.Args) { a.HealthCheck.Path = "/a b" }, `HealthCheck.Path: is "/a b", want a path of up to 1024 characters, such as "/healthz"`},
		"short interval":  {func(a *ingress.Args) { a.HealthCheck.IntervalSeconds, a.HealthCheck.TimeoutSeconds = 4, 2 }, `HealthCheck.IntervalSeconds: is 4, want 5 to 300`},
		"short timeout":   {func(a *ingress.Args) { a.HealthCheck.TimeoutSeconds = 1 }, `HealthCheck.TimeoutSeconds: is 1, want 2 to 120`},
		"timeout as long as the interval": {
			func(a *ingress.Args) { a.HealthCheck.TimeoutSeconds = 10 }, `HealthCheck.TimeoutSeconds: is 10, want less than IntervalSeconds (10)`,
		},
		"one healthy":    {func(a *ingress.Args) { a.HealthCheck.HealthyThreshold = 1 }, `HealthCheck.HealthyThreshold: is 1, want 2 to 10`},
		"many unhealthy": {func(a *ingress.Args) { a.HealthCheck.UnhealthyThreshold = 11 }, `HealthCheck.UnhealthyThreshold: is 11, want 2 to 10`},
		"status code":    {func(a *ingress.Args) { a.HealthCheck.Matcher = "500" }, `HealthCheck.Matcher: is "500", want status codes of 200 to 499, such as "200", "200,204" or "200-299"`},
		"delay":          {func(a *ingress.Args) { a.DeregistrationDelaySeconds = 3601 }, `DeregistrationDelaySeconds: is 3601, want 1 to 3600`},
		"idle timeout":   {func(a *ingress.Args) { a.IdleTimeoutSeconds = 4001 }, `IdleTimeoutSeconds: is 4001, want 1 to 4000`},
		"nobody allowed": {func(a *ingress.Args) { a.AllowedCIDRs = []string{} }, `AllowedCIDRs: is empty, want one range or more: nobody could reach the API`},
		"too many":       {func(a *ingress.Args) { a.AllowedCIDRs = many }, `AllowedCIDRs: has 31 ranges, want at most 30: a security group holds no more`},
		"not a range":    {func(a *ingress.Args) { a.AllowedCIDRs = []string{"10.0.0.1"} }, `AllowedCIDRs[0]: is "10.0.0.1", want an IPv4 range such as "203.0.113.0/24"`},
		"IPv6":           {func(a *ingress.Args) { a.AllowedCIDRs = []string{"::/0"} }, `AllowedCIDRs[0]: is "::/0", want an IPv4 range such as "203.0.113.0/24"`},
		"not the first":  {func(a *ingress.Args) { a.AllowedCIDRs = []string{"10.0.0.1/8"} }, `AllowedCIDRs[0]: is "10.0.0.1/8", want the range's first address: "10.0.0.0/8"`},
		"twice":          {func(a *ingress.Args) { a.AllowedCIDRs = []string{"10.0.0.0/8", "10.0.0.0/8"} }, `AllowedCIDRs[1]: is "10.0.0.0/8" a second time, want each range once`},
		"log days":       {func(a *ingress.Args) { a.AccessLogs = &ingress.AccessLogsArgs{} }, `AccessLogs.RetentionDays: is 0, want 1 to 3650`},
		"all at once, sorted": {
			func(a *ingress.Args) { a.TargetPort, a.Name, a.IdleTimeoutSeconds = 0, "", -1 },
			"IdleTimeoutSeconds: is -1, want 1 to 4000\nName: is required\nTargetPort: is 0, want 1 to 65535",
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := minimal()
			tc.change(args)
			pulumitest.Refused(t, ingress.New, args, tc.want)
		})
	}
	assert.NoError(t, minimal().Validate())
	assert.NoError(t, full().Validate())
}

func TestValidateCertificate(t *testing.T) {
	for name, tc := range map[string]struct {
		change func(*ingress.Args)
		want   string
	}{
		"not an ARN": {
			func(a *ingress.Args) { a.CertificateARN = "api.example.com" },
			`CertificateARN: is "api.example.com", want the ARN of an ACM certificate, "arn:aws:acm:<region>:<account>:certificate/<id>"`,
		},
		"other region": {
			func(a *ingress.Args) { a.Region = "us-east-1" },
			`CertificateARN: is in eu-west-1, want one in Region (us-east-1): a load balancer uses certificates of its own region only`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			args := full()
			tc.change(args)
			pulumitest.Refused(t, ingress.New, args, tc.want)
		})
	}
}

// The names of the load balancer and its target group start with the
// component's, and AWS cuts them off at 32 characters.
func TestLongComponentNameIsRefused(t *testing.T) {
	pulumitest.MustRun(t, pulumitest.Instances(ingress.New, minimal(), "fifteen-letters"))
	pulumitest.RegistersNothing(t, pulumitest.Instances(ingress.New, minimal(), "sixteen--letters"),
		"the component's name has 16 characters, want at most 15")
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, pulumitest.Instances(ingress.New, nil, "ingress"), "ingress: args is nil")
}
