package stacks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"evenkeel/components/autoscaling"
	"evenkeel/components/ingress"
	"evenkeel/components/network"
	"evenkeel/components/notifications"
	"evenkeel/components/objectives"
	"evenkeel/components/registry"
	"evenkeel/components/secrets"
	"evenkeel/components/service"
)

// Program is the Pulumi program of every stack.
func Program(ctx *pulumi.Context) error {
	cfg, err := Load(ctx)
	if err != nil {
		return err
	}
	s := &stack{ctx: ctx, cfg: cfg, name: cfg.BaseName(ctx.Stack())}
	return s.compose()
}

// stack is one run of the program.
type stack struct {
	ctx  *pulumi.Context
	cfg  *Config
	name string // starts physical names: "<service>-<stack>"

	image     string // by digest, empty when none was ever deployed
	serving   bool   // whether the last update had an image
	switching bool   // whether another service takes the place of what serves
	providers pulumi.ResourceOption
	accountID pulumi.StringInput
	account   string          // the same, as text
	types     map[string]bool // of what was registered, with a pipeline
}

func (s *stack) compose() (err error) {
	if err := s.chooseImage(); err != nil {
		return err
	}
	if err := s.watchTypes(); err != nil {
		return err
	}
	if err := s.provider(); err != nil {
		return err
	}
	net, err := s.network()
	if err != nil {
		return err
	}
	reg, err := registry.New(s.ctx, "registry", &registry.Args{
		Name: s.name, KeepReleases: s.cfg.Registry.KeepReleases, ReleaseTagPrefix: s.cfg.Registry.ReleaseTagPrefix,
		Protect: s.production(), ForceDelete: !s.production(),
	}, s.providers)
	if err != nil {
		return err
	}
	sec, err := s.secrets()
	if err != nil {
		return err
	}
	topics, err := s.notifications()
	if err != nil {
		return err
	}
	in, err := s.ingress(net)
	if err != nil {
		return err
	}
	told, err := s.objectives(topics, in)
	if err != nil {
		return err
	}
	svc, err := s.service(net, reg, sec, in, told)
	if err != nil {
		return err
	}
	if err := s.autoscaling(in, svc); err != nil {
		return err
	}
	del, err := s.delivery(in, svc)
	if err != nil {
		return err
	}
	if err := s.observe(in, told, svc); err != nil {
		return err
	}
	s.export(net, reg, topics, in, svc)
	s.exportDelivery(in, svc, del)
	return s.pipeline()
}

func (s *stack) production() bool { return s.cfg.Environment == Production }

// provider registers the stack's only AWS provider. Its default tags reach
// every resource, which is how costs and resources find their owner.
func (s *stack) provider() error {
	p, err := aws.NewProvider(s.ctx, "aws", &aws.ProviderArgs{
		Region:            pulumi.String(s.cfg.AWS.Region),
		AllowedAccountIds: pulumi.ToStringArray(s.cfg.AWS.AccountIDs),
		DefaultTags: &aws.ProviderDefaultTagsArgs{Tags: pulumi.StringMap{
			"Stack":      pulumi.String(s.ctx.Stack()),
			"Service":    pulumi.String(s.cfg.Service.Name),
			"Team":       pulumi.String(s.cfg.Owner.Team),
			"CostCenter": pulumi.String(s.cfg.Owner.CostCenter),
			"Repository": pulumi.String(s.cfg.Owner.Repository),
			"ManagedBy":  pulumi.String("pulumi"),
		}},
		// What "evenkeel release" notes on a revision of the task definition.
		IgnoreTags: &aws.ProviderIgnoreTagsArgs{KeyPrefixes: pulumi.ToStringArray([]string{Namespace + ":"})},
	})
	if err != nil {
		return fmt.Errorf("register the AWS provider: %w", err)
	}
	s.providers = pulumi.Providers(p)
	id, err := aws.GetCallerIdentity(s.ctx, &aws.GetCallerIdentityArgs{}, pulumi.Provider(p))
	if err != nil {
		return fmt.Errorf("ask AWS for the account: %w", err)
	}
	s.account, s.accountID = id.AccountId, pulumi.String(id.AccountId)
	return nil
}

func (s *stack) network() (*network.Network, error) {
	c := s.cfg.Network
	args := &network.Args{Name: s.name, Region: s.cfg.AWS.Region, Mode: network.Mode(c.Mode)}
	switch c.Mode {
	case NetworkCreate:
		args.Create = &network.CreateArgs{CIDR: c.CIDR, Zones: c.Zones, NAT: network.NAT(c.NAT)}
		if c.FlowLogDays > 0 {
			args.Create.FlowLogs = &network.FlowLogsArgs{RetentionDays: c.FlowLogDays}
		}
	case NetworkAdopt:
		args.Adopt = &network.AdoptArgs{
			VPCID: c.VPCID, PublicSubnetIDs: c.PublicSubnetIDs, PrivateSubnetIDs: c.PrivateSubnetIDs,
		}
	case NetworkDefault:
	}
	return network.New(s.ctx, "network", args, s.providers)
}

// secrets makes the stack's own secrets, or nothing when it has none.
func (s *stack) secrets() (*secrets.Secrets, error) {
	if len(s.cfg.Secrets.Create) == 0 {
		return nil, nil
	}
	return secrets.New(s.ctx, "secrets", &secrets.Args{
		Name: s.name, AccountID: s.accountID, Region: s.cfg.AWS.Region,
		Names: s.cfg.Secrets.Create, RecoveryDays: s.cfg.Secrets.RecoveryDays, Protect: s.production(),
	}, s.providers)
}

func (s *stack) notifications() (*notifications.Notifications, error) {
	c := s.cfg.Notifications
	args := &notifications.Args{
		Name: s.name, AccountID: s.accountID,
		Page: notifications.Targets(c.Page), Ticket: notifications.Targets(c.Ticket),
	}
	if c.Chat.Channel != "" {
		chat := notifications.Chat(c.Chat)
		args.Chat = &chat
	}
	return notifications.New(s.ctx, "notifications", args, s.providers)
}

func (s *stack) ingress(net *network.Network) (*ingress.Ingress, error) {
	c := s.cfg.Ingress
	args := &ingress.Args{
		Name: s.name, AccountID: s.accountID, Region: s.cfg.AWS.Region,
		VPCID: net.VPCID, SubnetIDs: net.PublicSubnetIDs,
		CertificateARN: c.CertificateARN, AllowPlainHTTP: c.CertificateARN == "",
		TargetPort: s.cfg.Service.Port,
		HealthCheck: ingress.HealthCheck{
			Path: c.HealthCheck.Path, IntervalSeconds: c.HealthCheck.IntervalSeconds, TimeoutSeconds: c.HealthCheck.TimeoutSeconds,
			HealthyThreshold: c.HealthCheck.HealthyThreshold, UnhealthyThreshold: c.HealthCheck.UnhealthyThreshold,
		},
		DeregistrationDelaySeconds: c.DeregistrationDelaySeconds, IdleTimeoutSeconds: c.IdleTimeoutSeconds,
		AllowedCIDRs: c.AllowedCIDRs, DeletionProtection: c.DeletionProtection, Protect: s.production(),
	}
	if c.AccessLogDays > 0 {
		args.AccessLogs = &ingress.AccessLogsArgs{RetentionDays: c.AccessLogDays}
	}
	if s.cfg.Deployment.Strategy.CodeDeploy() {
		args.Test = &ingress.TestArgs{Port: s.cfg.testPort()}
	} else {
		args.TakeOver = s.switching
	}
	return ingress.New(s.ctx, "ingress", args, s.providers)
}

func (s *stack) service(net *network.Network, reg *registry.Registry, sec *secrets.Secrets, in *ingress.Ingress, told *objectives.Objectives) (*service.Service, error) {
	c := s.cfg.Service
	low, _ := s.bounds()
	args := &service.Args{
		Name: s.name, ServiceName: c.Name, Region: s.cfg.AWS.Region, AccountID: s.accountID,
		CPU: c.CPU, MemoryMiB: c.MemoryMiB, Architecture: strings.ToUpper(string(c.Architecture)),
		Image: s.imageReference(reg.RepositoryURL), Port: c.Port, Command: c.Command, User: c.User,
		Environment: c.Environment, Secrets: map[string]pulumi.StringInput{},
		// The update that brings the first image starts the first tasks; from then
		// on the count is autoscaling's.
		DesiredCount: low, Scaled: s.serving, StopTimeoutSeconds: c.StopTimeoutSeconds,
		HealthCheckCommand: c.HealthCommand, HealthCheckGraceSeconds: c.HealthGraceSeconds,
		LogRetentionDays: c.LogDays, Exec: c.Exec, Spot: c.Capacity == Spot, ContainerInsights: c.ContainerInsights,
		MinimumHealthyPercent: s.cfg.Deployment.MinimumHealthyPercent, MaximumPercent: s.cfg.Deployment.MaximumPercent,
		VPCID: net.VPCID, SubnetIDs: net.PrivateSubnetIDs, AssignPublicIP: net.AssignPublicIP, EgressPorts: c.EgressPorts,
		IngressSecurityGroupID: in.SecurityGroupID, TargetGroupARN: in.TargetGroupARN, RepositoryARN: reg.RepositoryARN,
	}
	for name, ref := range c.Secrets {
		args.Secrets[name] = pulumi.String(ref)
		if sec != nil {
			if arn, own := sec.ARNs[ref]; own {
				args.Secrets[name], args.SecretsKeyARN = arn, sec.KeyARN
			}
		}
	}
	// ECS refuses a service whose target group no listener uses yet, and a
	// deployment can be rolled back only on alarms that exist.
	args.After = slices.Concat(in.Ready, told.Alarms)
	if s.cfg.Deployment.Strategy.CodeDeploy() {
		args.CodeDeploy, args.Serving = true, s.serving && !s.switching
	} else {
		args.RollbackAlarms = s.rollbackAlarms()
	}
	return service.New(s.ctx, c.Name, args, s.providers)
}

func (s *stack) autoscaling(in *ingress.Ingress, svc *service.Service) error {
	c := s.cfg.Autoscaling
	low, high := s.bounds()
	args := &autoscaling.Args{
		Name: s.name, Cluster: pulumi.String(s.name), Service: svc.ServiceName, Min: low, Max: high,
		CPUPercent: c.CPUPercent, MemoryPercent: c.MemoryPercent, RequestsPerTask: c.RequestsPerTask,
		LoadBalancerARNSuffix: in.LoadBalancerARNSuffix, TargetGroupARNSuffix: in.TargetGroupARNSuffix,
		ScaleOutCooldownSeconds: c.ScaleOutCooldownSeconds, ScaleInCooldownSeconds: c.ScaleInCooldownSeconds,
		DisableScaleIn: !c.ScaleIn, Schedules: map[string]autoscaling.Schedule{},
	}
	if s.cfg.Deployment.Strategy.CodeDeploy() {
		args.Swap = in.GreenTargetGroupARNSuffix
	}
	if s.image != "" { // a schedule would start tasks
		for name, sc := range c.Schedules {
			args.Schedules[name] = autoscaling.Schedule{At: sc.At, TimeZone: sc.TimeZone, Min: sc.MinimumTasks, Max: sc.MaximumTasks}
		}
	}
	_, err := autoscaling.New(s.ctx, "autoscaling", args, s.providers)
	return err
}

// export publishes what operators and other programs ask for. Names are API.
func (s *stack) export(net *network.Network, reg *registry.Registry, topics *notifications.Notifications, in *ingress.Ingress, svc *service.Service) {
	s.ctx.Export("url", in.URL)
	s.ctx.Export("region", pulumi.String(s.cfg.AWS.Region))
	s.ctx.Export(imageOutput, pulumi.String(s.image))
	s.ctx.Export("repositoryUrl", reg.RepositoryURL)
	s.ctx.Export("clusterName", svc.ClusterName)
	s.ctx.Export("serviceName", svc.ServiceName)
	s.ctx.Export("taskDefinitionArn", svc.TaskDefinitionARN)
	s.ctx.Export("logGroupName", svc.LogGroupName)
	s.ctx.Export("pageTopicArn", topics.PageTopicARN)
	s.ctx.Export("ticketTopicArn", topics.TicketTopicARN)
	s.ctx.Export("dashboardUrl", pulumi.String(s.cfg.dashboardURL(s.name)))
	s.ctx.Export("vpcId", net.VPCID)
	if s.image == "" {
		s.ctx.Export("nextStep", pulumi.Sprintf("no task runs yet: push an image to %s, then "+
			"`evenkeel release --stack %s --image sha256:<digest>`", reg.RepositoryURL, s.ctx.Stack()))
	}
}
