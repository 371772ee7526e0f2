package stacks

// Namespace is the project's name, which is the namespace of its
// configuration keys in Pulumi.<stack>.yaml.
const Namespace = "evenkeel"

// Config is the configuration of a stack: each field is one key
// "evenkeel:<name>" of Pulumi.<stack>.yaml.
//
// Tags of the fields say what is accepted; see rule. Defaults says what a field
// is that nobody sets. Decode's checks, docs/evenkeel.schema.json and
// docs/configuration.md are all made from these, and from the comments.
type Config struct {
	// Environment is what the stack is for.
	Environment Environment `json:"environment" required:"true" example:"production" change:"changes every default that depends on it, rolls out new tasks, and protects what must not be deleted, or stops protecting it"`
	// Image is the digest of the image to run: in the stack's own repository,
	// or after a full "host/repository@". Without one the image that was
	// deployed last stays; until there was one, no task runs.
	Image string `json:"image" format:"digest" example:"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" change:"rolls out new tasks"`
	// AWS is where the stack lives.
	AWS AWS `json:"aws"`
	// Owner is whose stack it is: its keys become tags of every resource.
	Owner Owner `json:"owner"`
	// Network is the VPC.
	Network Network `json:"network"`
	// Registry is the image repository.
	Registry Registry `json:"registry"`
	// Ingress is the load balancer.
	Ingress Ingress `json:"ingress"`
	// Service is the API itself.
	Service Service `json:"service"`
	// Secrets are the secrets that the stack creates, without their values.
	Secrets Secrets `json:"secrets"`
	// Deployment is how new versions replace old ones.
	Deployment Deployment `json:"deployment"`
	// Autoscaling is how the number of tasks follows load.
	Autoscaling Autoscaling `json:"autoscaling"`
	// Objectives are what users are promised, over 30 days. Alarms page when the
	// error budget that they leave is spent too fast.
	Objectives Objectives `json:"objectives"`
	// Notifications are who hears of trouble.
	Notifications Notifications `json:"notifications"`
	// Pipeline is what delivers to the stack. What its roles may do follows from
	// all other keys; the role that deploys cannot change its own rights, so that
	// an administrator makes the update that changes them.
	Pipeline Pipeline `json:"pipeline"`
}

// AWS says where a stack lives.
type AWS struct {
	// Region is the AWS region. Those of China and GovCloud are not supported.
	Region string `json:"region" required:"true" format:"region" example:"eu-west-1" change:"does not move what exists: deploy another stack"`
	// AccountIDs are the accounts that the stack may be deployed to. Required in
	// production, so that a wrong login cannot deploy to another account.
	AccountIDs []string `json:"accountIds" format:"account" example:"['111122223333']"`
}

// Owner says whose stack it is. All fields become tags.
type Owner struct {
	// Team is who is paged and asked.
	Team string `json:"team" required:"it becomes a tag of every resource" format:"tag" example:"payments"`
	// CostCenter is who pays.
	CostCenter string `json:"costCenter" required:"it becomes a tag of every resource" format:"tag" example:"cc-1234"`
	// Repository is where the code is.
	Repository string `json:"repository" required:"it becomes a tag of every resource" format:"tag" example:"github.com/example/orders"`
}

// Network is the VPC.
type Network struct {
	// Mode is where the network comes from.
	Mode NetworkMode `json:"mode" example:"adopt" change:"needs another stack: what runs in one VPC cannot move to another, so choose before the first deployment"`
	// CIDR is the address range of a created VPC: a private one, by its first
	// address.
	CIDR string `json:"cidr" format:"vpcRange" example:"10.20.0.0/20" change:"replaces the VPC, and needs another stack as mode does"`
	// Zones is how many availability zones a created VPC spans. It can grow and
	// shrink without replacing a subnet that stays.
	Zones int `json:"zones" min:"2" max:"3" unit:"availability zones" example:"3" change:"rolls out new tasks"`
	// NAT is how tasks in a created VPC reach the internet.
	NAT NAT `json:"nat" example:"single" change:"from or to none moves the tasks to other subnets, which rolls out new tasks"`
	// FlowLogDays is how long flow logs of a created VPC are kept.
	FlowLogDays int `json:"flowLogDays" oneof:"logRetention" zero:"no logs" unit:"days" example:"30"`
	// VPCID is the VPC to adopt. Required with mode "adopt", refused otherwise.
	VPCID string `json:"vpcId" format:"vpc" example:"vpc-0123456789abcdef0" change:"needs another stack, as mode does"`
	// PublicSubnetIDs are the adopted VPC's subnets for the load balancer, two
	// or more in different zones. Required with mode "adopt", refused otherwise.
	PublicSubnetIDs []string `json:"publicSubnetIds" format:"subnet" unique:"subnet" example:"[subnet-0123456789abcdef0, subnet-0123456789abcdef1]"`
	// PrivateSubnetIDs are the adopted VPC's subnets for tasks, two or more in
	// different zones. Required with mode "adopt", refused otherwise.
	PrivateSubnetIDs []string `json:"privateSubnetIds" format:"subnet" unique:"subnet" example:"[subnet-0123456789abcdef2, subnet-0123456789abcdef3]" change:"rolls out new tasks"`
}

// Registry is the image repository.
type Registry struct {
	// KeepReleases is how many release images survive, the newest first. Keep
	// more than you may want to roll back.
	KeepReleases int `json:"keepReleases" min:"1" max:"1000" unit:"images" example:"50"`
	// ReleaseTagPrefix is how the tags of release images start. Only images with
	// such a tag are safe from the clean-up.
	ReleaseTagPrefix string `json:"releaseTagPrefix" format:"tagPrefix" example:"v"`
}

// Ingress is the load balancer.
type Ingress struct {
	// CertificateARN is the ACM certificate for HTTPS, in the stack's region.
	// Without one the API is served as plain HTTP, which production refuses
	// unless allowPlainHttp is set.
	CertificateARN string `json:"certificateArn" format:"certificate" example:"arn:aws:acm:eu-west-1:111122223333:certificate/12345678-1234-1234-1234-123456789012"`
	// AllowPlainHTTP is whether a production stack without a certificate is
	// meant. Refused together with a certificate.
	AllowPlainHTTP bool `json:"allowPlainHttp" example:"true"`
	// AllowedCIDRs are the IPv4 ranges that may reach the load balancer. A
	// security group holds 60 rules, two for each range, three with a test port.
	// https://docs.aws.amazon.com/vpc/latest/userguide/amazon-vpc-limits.html#vpc-limits-security-groups
	AllowedCIDRs []string `json:"allowedCidrs" min:"1" max:"30" unit:"ranges" format:"ipv4Range" example:"[203.0.113.0/24]"`
	// HealthCheck is the load balancer's check of each task.
	HealthCheck HealthCheck `json:"healthCheck"`
	// DeregistrationDelaySeconds is how long a leaving task may finish its
	// requests.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html
	DeregistrationDelaySeconds int `json:"deregistrationDelaySeconds" min:"1" max:"3600" unit:"seconds" example:"20"`
	// IdleTimeoutSeconds is how long a connection without traffic stays open.
	// The API must keep its own idle connections longer.
	// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
	IdleTimeoutSeconds int `json:"idleTimeoutSeconds" min:"1" max:"4000" unit:"seconds" example:"120"`
	// DeletionProtection is whether AWS refuses to delete the load balancer.
	DeletionProtection bool `json:"deletionProtection" example:"true"`
	// AccessLogDays is how long access logs are kept.
	AccessLogDays int `json:"accessLogDays" min:"1" max:"3650" zero:"for no logs" unit:"days" example:"30"`
}

// HealthCheck is the load balancer's check of a task.
// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
type HealthCheck struct {
	// Path is what answers 200 when the task can serve.
	Path string `json:"path" format:"path" example:"/readyz"`
	// IntervalSeconds is the time between checks.
	IntervalSeconds int `json:"intervalSeconds" min:"5" max:"300" unit:"seconds" example:"15"`
	// TimeoutSeconds is how long an answer may take; less than the interval.
	TimeoutSeconds int `json:"timeoutSeconds" min:"2" max:"120" unit:"seconds" example:"3"`
	// HealthyThreshold is how many good answers in a row make a task healthy.
	HealthyThreshold int `json:"healthyThreshold" min:"2" max:"10" unit:"checks" example:"3"`
	// UnhealthyThreshold is how many bad answers in a row make it unhealthy.
	UnhealthyThreshold int `json:"unhealthyThreshold" min:"2" max:"10" unit:"checks" example:"2"`
}

// Service is the API itself.
type Service struct {
	// Name is the service's name. Most resources are named "<name>-<stack>",
	// which may have 24 characters.
	Name string `json:"name" required:"true" format:"serviceName" example:"orders" change:"replaces nearly everything, tasks, images and secrets included, so choose before the first deployment"`
	// Port is the TCP port that the container listens on.
	Port int `json:"port" min:"1" max:"65535" example:"3000" change:"replaces the target group and rolls out new tasks; requests fail until they are there"`
	// CPU is the task's share of processors: 1024 units are one vCPU. Which
	// memory goes with it: see the table below.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
	CPU int `json:"cpu" oneof:"fargateCPU" unit:"CPU units" example:"1024" change:"rolls out new tasks"`
	// MemoryMiB is the task's memory, one of those that go with the CPU size.
	MemoryMiB int `json:"memoryMiB" oneof:"fargateMemory" unit:"MiB" example:"2048" change:"rolls out new tasks"`
	// Architecture is the processor architecture that the image is built for.
	Architecture Architecture `json:"architecture" example:"x86_64" change:"rolls out new tasks"`
	// Capacity is what tasks run on.
	Capacity Capacity `json:"capacity" example:"spot" change:"rolls out new tasks"`
	// Command is what the container runs instead of the image's own command.
	Command []string `json:"command" example:"[/api, serve]" change:"rolls out new tasks"`
	// User is the numeric "uid" or "uid:gid" that the container runs as.
	User string `json:"user" format:"user" example:"'1000:1000'" change:"rolls out new tasks"`
	// Environment is the container's plain variables, name to value. ECS itself
	// sets those that start with AWS_ and ECS_.
	Environment map[string]string `json:"environment" keys:"plainVariable" format:"value" example:"{LOG_LEVEL: info}" change:"rolls out new tasks"`
	// Secrets are the container's secret variables, name to an entry of
	// evenkeel:secrets.create or to the full ARN of a secret that exists, with a
	// JSON key, version stage and version id if need be.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
	Secrets map[string]string `json:"secrets" keys:"variable" format:"secretReference" example:"{DATABASE_URL: database-url}" change:"rolls out new tasks"`
	// HealthCommand is run in the container to tell whether it is healthy.
	// Without one only the load balancer checks.
	HealthCommand []string `json:"healthCommand" example:"[/app, check]" change:"rolls out new tasks"`
	// HealthGraceSeconds is how long a starting task may fail its checks.
	HealthGraceSeconds int `json:"healthGraceSeconds" min:"0" max:"3600" unit:"seconds" example:"120" change:"rolls out new tasks"`
	// StopTimeoutSeconds is the time between SIGTERM and SIGKILL, at least
	// ingress.deregistrationDelaySeconds. Fargate allows two minutes.
	// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
	StopTimeoutSeconds int `json:"stopTimeoutSeconds" min:"2" max:"120" unit:"seconds" example:"60" change:"rolls out new tasks"`
	// LogDays is how long the API's logs are kept.
	LogDays int `json:"logDays" oneof:"logRetention" unit:"days" example:"90"`
	// EgressPorts are the TCP ports that tasks may connect to anywhere, besides 443,
	// which is always allowed, as is every port in the private address ranges.
	EgressPorts []int `json:"egressPorts" min:"1" max:"65535" unique:"port" example:"[5432]"`
	// Exec is whether `aws ecs execute-command` into tasks is allowed.
	Exec bool `json:"exec" example:"true" change:"rolls out new tasks"`
	// ContainerInsights is whether task-level metrics go to CloudWatch, at a
	// price.
	ContainerInsights bool `json:"containerInsights" example:"true"`
}

// Secrets are the secrets that the stack creates. Their values are set by
// hand or by another program, never by Pulumi.
type Secrets struct {
	// Create is the list of entries, each "<service>-<stack>/<entry>" in Secrets
	// Manager.
	Create []string `json:"create" format:"entry" unique:"entry" example:"[database-url]" change:"deletes a secret whose entry is gone, with its value, after recoveryDays; production refuses that"`
	// RecoveryDays is how long a deleted secret can be restored.
	// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
	RecoveryDays int `json:"recoveryDays" min:"7" max:"30" zero:"to delete at once" unit:"days" example:"7"`
}

// Deployment says how new versions replace old ones.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html
type Deployment struct {
	// Strategy is how a new version replaces the old one. All but rolling need
	// "evenkeel release" for it.
	Strategy Strategy `json:"strategy" example:"canary" change:"between rolling and the others replaces the service, all tasks included, which takes replaceService; among the others it counts from the next deployment on"`
	// CanaryPercent is the share of the traffic that a canary gets first. With 5 or
	// less the alarm on errors, which rings at 5 % of all requests, never could.
	CanaryPercent int `json:"canaryPercent" min:"6" max:"99" unit:"percent" example:"20"`
	// CanaryMinutes is how long a canary has it before the rest follows.
	// https://docs.aws.amazon.com/codedeploy/latest/userguide/limits.html
	CanaryMinutes int `json:"canaryMinutes" min:"1" max:"2880" unit:"minutes" example:"15"`
	// LinearPercent is the share of the traffic that each step moves.
	LinearPercent int `json:"linearPercent" min:"1" max:"99" unit:"percent" example:"20"`
	// LinearMinutes is the time between two steps.
	LinearMinutes int `json:"linearMinutes" min:"1" max:"2880" unit:"minutes" example:"3"`
	// TerminationWaitMinutes is how long old tasks are kept when all traffic has
	// moved: until then going back takes seconds. Not with rolling, as the other
	// keys of the other strategies.
	TerminationWaitMinutes int `json:"terminationWaitMinutes" min:"1" max:"2800" unit:"minutes" example:"30"`
	// TestPort is where the load balancer serves a new version before users reach
	// it. Without one: 8443 with a certificate, else 8080.
	TestPort int `json:"testPort" min:"1" max:"65535" zero:"for the default" example:"9443"`
	// SmokePath is what "evenkeel release" asks a new version for, to see that it
	// answers. Without one: ingress.healthCheck.path.
	SmokePath string `json:"smokePath" format:"path" example:"/v1/orders?limit=1"`
	// ReplaceService is whether changing the strategy between rolling and the
	// others may stop all tasks and start new ones. Set it for that one update.
	ReplaceService bool `json:"replaceService" example:"true"`
	// MinimumHealthyPercent is how many of the desired tasks keep running during
	// a rolling deployment, rounded up.
	MinimumHealthyPercent int `json:"minimumHealthyPercent" min:"0" max:"100" unit:"percent" example:"50" change:"rolls out new tasks"`
	// MaximumPercent is how many of the desired tasks may run during a rolling
	// deployment, rounded down.
	MaximumPercent int `json:"maximumPercent" min:"100" max:"200" unit:"percent" example:"150" change:"rolls out new tasks"`
}

// Autoscaling says how the number of tasks follows load.
type Autoscaling struct {
	// MinimumTasks is how many tasks always run, and how many a new service
	// starts with. None runs before the first image.
	MinimumTasks int `json:"minimumTasks" min:"1" max:"1000" unit:"tasks" example:"3"`
	// MaximumTasks is how many tasks run at most.
	// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
	MaximumTasks int `json:"maximumTasks" min:"1" max:"1000" unit:"tasks" example:"20"`
	// CPUPercent is the mean use of the tasks' CPU that scaling keeps.
	CPUPercent int `json:"cpuPercent" min:"10" max:"90" zero:"not to look at it" unit:"percent" example:"50"`
	// MemoryPercent is the mean use of the tasks' memory that scaling keeps.
	MemoryPercent int `json:"memoryPercent" min:"10" max:"90" zero:"not to look at it" unit:"percent" example:"70"`
	// RequestsPerTask is how many requests a minute each task gets. Nobody can
	// know it but by measuring.
	RequestsPerTask int `json:"requestsPerTask" min:"1" max:"1000000" zero:"not to look at it" unit:"requests a minute" example:"1000"`
	// ScaleOutCooldownSeconds is the least time between two additions.
	ScaleOutCooldownSeconds int `json:"scaleOutCooldownSeconds" min:"1" max:"3600" unit:"seconds" example:"30"`
	// ScaleInCooldownSeconds is the least time between two removals.
	ScaleInCooldownSeconds int `json:"scaleInCooldownSeconds" min:"1" max:"3600" unit:"seconds" example:"600"`
	// ScaleIn is whether tasks are taken away again when load falls.
	ScaleIn bool `json:"scaleIn" example:"false"`
	// Schedules are changes of the bounds at known times: fewer tasks off hours,
	// or more before a known peak.
	Schedules map[string]Schedule `json:"schedules" keys:"scheduleName" example:"{night: {at: 'cron(0 20 ? * MON-FRI *)', timeZone: Europe/Berlin, minimumTasks: 0, maximumTasks: 0}, morning: {at: 'cron(0 7 ? * MON-FRI *)', timeZone: Europe/Berlin, minimumTasks: 1, maximumTasks: 2}}"`
}

// Schedule is a change of the bounds that stays until the next one.
type Schedule struct {
	// At is when: "at(yyyy-mm-ddThh:mm:ss)", or "cron(minute hour day month
	// weekday year)".
	// https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
	At string `json:"at" required:"true" format:"schedule" example:"cron(0 20 ? * MON-FRI *)"`
	// TimeZone is whose clock that is.
	TimeZone string `json:"timeZone" required:"true" format:"timeZone" example:"Europe/Berlin"`
	// MinimumTasks is the minimum from then on. 0, with a maximum of 0, stops the
	// service.
	MinimumTasks int `json:"minimumTasks" required:"true" min:"0" max:"1000" unit:"tasks" example:"0"`
	// MaximumTasks is the maximum from then on.
	MaximumTasks int `json:"maximumTasks" required:"true" min:"0" max:"1000" unit:"tasks" example:"0"`
}

// Objectives are what users are promised.
type Objectives struct {
	// Availability is the share of requests that are not answered with a server
	// error (5xx).
	Availability float64 `json:"availability" format:"objective" unit:"percent of requests" example:"99.5"`
	// Latency is how fast requests are answered.
	Latency LatencyObjective `json:"latency"`
	// SlowestMilliseconds is the 99th percentile of answer times above which
	// somebody is paged, whatever the objective; at least
	// latency.withinMilliseconds.
	SlowestMilliseconds int `json:"slowestMilliseconds" min:"1" max:"4000000" unit:"milliseconds" example:"2000"`
}

// LatencyObjective says which share of requests is answered in which time.
type LatencyObjective struct {
	// Percent is the share of answered requests.
	Percent float64 `json:"percent" format:"objective" unit:"percent of requests" example:"95"`
	// WithinMilliseconds is the longest good time, from the load balancer's side,
	// less than ingress.idleTimeoutSeconds.
	WithinMilliseconds int `json:"withinMilliseconds" min:"1" max:"4000000" unit:"milliseconds" example:"500"`
}

// Notifications says who hears of trouble.
type Notifications struct {
	// Page is whom to reach at any hour: whoever is on call.
	Page Targets `json:"page"`
	// Ticket is whom to reach in working hours: the team.
	Ticket Targets `json:"ticket"`
	// Chat is a Slack channel that hears both.
	Chat Chat `json:"chat"`
	// RunbookURL is where the runbooks are that alarms link. Without one: under
	// docs/runbooks on the main branch of the owner's repository.
	RunbookURL string `json:"runbookUrl" format:"page" example:"https://wiki.example.com/orders/runbooks"`
}

// Chat is a Slack channel. Its workspace must have been authorized once, by
// hand, in the console of Amazon Q Developer in chat applications.
type Chat struct {
	// Workspace is the id of the Slack workspace. Required with a channel.
	Workspace string `json:"workspace" format:"slackWorkspace" example:"T07EA123LEP"`
	// Channel is the id of the channel. Required with a workspace.
	Channel string `json:"channel" format:"slackChannel" example:"C07EZ1ABC23"`
}

// Targets are subscribers of a topic.
type Targets struct {
	// Emails are addresses. Each receives nothing until its owner has confirmed
	// AWS's first mail.
	Emails []string `json:"emails" format:"email" unique:"address" example:"[oncall@example.com]"`
	// HTTPS are endpoints, such as a PagerDuty integration's. They are treated
	// as secrets, because they often hold a key.
	HTTPS []string `json:"https" format:"https" unique:"URL" example:"['https://events.example.com/sns/key']"`
}
