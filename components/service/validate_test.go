package service_test

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"evenkeel/components/service"
	"evenkeel/internal/check"
	"evenkeel/internal/pulumitest"
)

func TestValidArgs(t *testing.T) {
	assert.NoError(t, valid().Validate())
	assert.NoError(t, full().Validate())
}

func TestValidate(t *testing.T) {
	const looksSecret = "looks like a secret, which everybody who may read the task definition would see, want it in Secrets"
	cases := map[string]struct {
		change func(*service.Args)
		want   string
	}{
		"no name":          {func(a *service.Args) { a.Name = "" }, "Name: is required"},
		"bad name":         {func(a *service.Args) { a.Name = "Orders" }, `Name: is "Orders", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
		"service name":     {func(a *service.Args) { a.ServiceName = "Orders" }, `ServiceName: is "Orders", want 2 to 24 of a-z, 0-9 and single dashes, such as "orders-dev"`},
		"no region":        {func(a *service.Args) { a.Region = "" }, "Region: is required"},
		"region":           {func(a *service.Args) { a.Region = "Ireland" }, `Region: is "Ireland", want a region such as "eu-west-1"`},
		"cpu":              {func(a *service.Args) { a.CPU = 300 }, "CPU: is 300, want one of Fargate's sizes: 256, 512, 1024, 2048, 4096, 8192, 16384"},
		"memory":           {func(a *service.Args) { a.MemoryMiB = 4096 }, "MemoryMiB: is 4096, want 512, 1024 or 2048 with 256 CPU units"},
		"architecture":     {func(a *service.Args) { a.Architecture = "arm64" }, `Architecture: is "arm64", want "ARM64" or "X86_64"`},
		"port":             {func(a *service.Args) { a.Port = 0 }, "Port: is 0, want 1 to 65535"},
		"root":             {func(a *service.Args) { a.User = "0:1000" }, `User: is "0:1000", want a numeric user that is not root, such as "65532:65532"`},
		"root in disguise": {func(a *service.Args) { a.User = "000" }, `User: is "000", want a numeric user that is not root, such as "65532:65532"`},
		"user by name":     {func(a *service.Args) { a.User = "nobody" }, `User: is "nobody", want a numeric user that is not root, such as "65532:65532"`},
		"stop timeout":     {func(a *service.Args) { a.StopTimeoutSeconds = 121 }, "StopTimeoutSeconds: is 121, want 2 to 120"},
		"bare CMD":         {func(a *service.Args) { a.HealthCheckCommand = []string{"CMD"} }, `HealthCheckCommand: is only "CMD", want a command after it`},
		"bare CMD-SHELL":   {func(a *service.Args) { a.HealthCheckCommand = []string{"CMD-SHELL"} }, `HealthCheckCommand: is only "CMD-SHELL", want a command after it`},
		"secret in the open": {
			func(a *service.Args) { a.Environment = map[string]string{"DB_PASSWORD": "x"} },
			`Environment["DB_PASSWORD"]: ` + looksSecret,
		},
		"variable": {
			func(a *service.Args) { a.Environment = map[string]string{"LOG-LEVEL": "x"} },
			`Environment["LOG-LEVEL"]: is no name of a variable, want letters, digits and "_" that do not start with a digit`,
		},
		"reserved variable": {
			func(a *service.Args) { a.Environment = map[string]string{"AWS_REGION": "x"} },
			`Environment["AWS_REGION"]: starts with AWS_, want another name: ECS sets such variables itself, and one more could replace the task's region or credentials`,
		},
		"reserved secret": {
			func(a *service.Args) { a.Secrets = map[string]pulumi.StringInput{"ECS_X": pulumi.String(secretARN)} },
			`Secrets["ECS_X"]: starts with ECS_, want another name: ECS sets such variables itself, and one more could replace the task's region or credentials`,
		},
		"secret without a reference": {
			func(a *service.Args) { a.Secrets = map[string]pulumi.StringInput{"DATABASE_URL": nil} },
			`Secrets["DATABASE_URL"]: is nil, want the ARN of a secret`,
		},
		"plain and secret": {
			func(a *service.Args) {
				a.Environment = map[string]string{"MODE": "x"}
				a.Secrets = map[string]pulumi.StringInput{"MODE": pulumi.String(secretARN)}
			},
			`Environment["MODE"]: is also in Secrets, want it in one of them`,
		},
		"desired count": {func(a *service.Args) { a.DesiredCount = -1 }, "DesiredCount: is -1, want 0 or more"},
		"grace":         {func(a *service.Args) { a.HealthCheckGraceSeconds = 3601 }, "HealthCheckGraceSeconds: is 3601, want 0 to 3600"},
		"minimum":       {func(a *service.Args) { a.MinimumHealthyPercent = 101 }, "MinimumHealthyPercent: is 101, want 0 to 100"},
		"maximum":       {func(a *service.Args) { a.MaximumPercent = 201 }, "MaximumPercent: is 201, want 100 to 200"},
		"no room to deploy": {
			func(a *service.Args) { a.DesiredCount, a.MinimumHealthyPercent, a.MaximumPercent = 1, 50, 150 },
			"MaximumPercent: is 150: with MinimumHealthyPercent 50 and DesiredCount 1 no task could ever be replaced, want more room, such as 200",
		},
		"retention":         {func(a *service.Args) { a.LogRetentionDays = 31 }, "LogRetentionDays: is 31, want one of CloudWatch's retentions: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653"},
		"egress port":       {func(a *service.Args) { a.EgressPorts = []int{0} }, "EgressPorts[0]: is 0, want 1 to 65535"},
		"egress port 443":   {func(a *service.Args) { a.EgressPorts = []int{443} }, "EgressPorts[0]: is 443, which is always allowed, want other ports"},
		"egress port twice": {func(a *service.Args) { a.EgressPorts = []int{25, 25} }, "EgressPorts[1]: is 25 a second time, want each port once"},
		"nil in After":      {func(a *service.Args) { a.After = []pulumi.Resource{nil} }, "After[0]: is nil, want a resource"},
		"no account":        {func(a *service.Args) { a.AccountID = nil }, "AccountID: is required"},
		"no image":          {func(a *service.Args) { a.Image = nil }, "Image: is required"},
		"no VPC":            {func(a *service.Args) { a.VPCID = nil }, "VPCID: is required"},
		"no subnets":        {func(a *service.Args) { a.SubnetIDs = nil }, "SubnetIDs: is required"},
		"no ingress group":  {func(a *service.Args) { a.IngressSecurityGroupID = nil }, "IngressSecurityGroupID: is required"},
		"no target group":   {func(a *service.Args) { a.TargetGroupARN = nil }, "TargetGroupARN: is required"},
		"no repository":     {func(a *service.Args) { a.RepositoryARN = nil }, "RepositoryARN: is required"},
		"all at once, sorted": {
			func(a *service.Args) { a.Port, a.Image, a.CPU = 0, nil, 1 },
			"CPU: is 1, want one of Fargate's sizes: 256, 512, 1024, 2048, 4096, 8192, 16384\nImage: is required\nPort: is 0, want 1 to 65535",
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			a := valid()
			tc.change(a)
			pulumitest.Refused(t, service.New, a, tc.want)
		})
	}
}

func TestNilArgs(t *testing.T) {
	pulumitest.RegistersNothing(t, program(nil), "service: args is nil")
}

// One task can be replaced by starting another one first (200 percent) or by
// stopping it first (0 percent).
func TestDeploymentsThatHaveRoom(t *testing.T) {
	for _, c := range [][3]int{{1, 100, 200}, {1, 0, 100}, {2, 100, 150}, {2, 50, 100}, {0, 100, 100}, {10, 100, 110}} {
		a := valid()
		a.DesiredCount, a.MinimumHealthyPercent, a.MaximumPercent = c[0], c[1], c[2]
		assert.NoError(t, a.Validate(), "%v", c)
	}
	for _, c := range [][3]int{{1, 100, 100}, {1, 1, 199}, {3, 100, 133}, {9, 90, 111}} {
		a := valid()
		a.DesiredCount, a.MinimumHealthyPercent, a.MaximumPercent = c[0], c[1], c[2]
		assert.ErrorContains(t, a.Validate(), "no task could ever be replaced", "%v", c)
	}
}

func TestCheckSize(t *testing.T) {
	for _, ok := range [][2]int{
		{256, 512},
		{256, 1024},
		{256, 2048},
		{512, 1024},
		{512, 4096},
		{1024, 2048},
		{1024, 8192},
		{2048, 4096},
		{2048, 16384},
		{4096, 8192},
		{4096, 30720},
		{8192, 16384},
		{8192, 20480},
		{8192, 61440},
		{16384, 32768},
		{16384, 122880},
	} {
		assert.NoError(t, service.CheckSize(ok[0], ok[1]), "%v", ok)
	}
	bad := map[[2]int]string{
		{0, 512}:        "CPU",
		{300, 512}:      "CPU",
		{32768, 131072}: "CPU",
		{256, 0}:        "MemoryMiB: is 0, want 512, 1024 or 2048 with 256 CPU units",
		{256, 1536}:     "MemoryMiB: is 1536, want 512, 1024 or 2048 with 256 CPU units",
		{512, 512}:      "MemoryMiB: is 512, want 1024 to 4096 in steps of 1024 with 512 CPU units",
		{1024, 2500}:    "MemoryMiB: is 2500, want 2048 to 8192 in steps of 1024 with 1024 CPU units",
		{4096, 31744}:   "MemoryMiB: is 31744, want 8192 to 30720 in steps of 1024 with 4096 CPU units",
		{8192, 17408}:   "MemoryMiB: is 17408, want 16384 to 61440 in steps of 4096 with 8192 CPU units",
		{16384, 36864}:  "MemoryMiB: is 36864, want 32768 to 122880 in steps of 8192 with 16384 CPU units",
		{16384, 131072}: "MemoryMiB: is 131072, want 32768 to 122880 in steps of 8192 with 16384 CPU units",
	}
	for size, want := range bad {
		err := service.CheckSize(size[0], size[1])
		require.ErrorContains(t, err, want, "%v", size)
		assert.Len(t, check.All(err), 1, "one problem, which callers can address by its path")
	}
}
