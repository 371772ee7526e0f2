package iampolicy

// operation is what is done to a resource.
type operation uint8

const (
	read operation = 1 << iota
	create
	update
	remove

	write = create | update | remove
)

// scope is what a row's statement is narrowed by besides its ARNs.
type scope uint8

const (
	// tagged wants the resource to have the stack's tags.
	tagged scope = 1 << iota
	// tagging wants the request to give it the stack's tags.
	tagging
)

// row is some actions that the types need for some operations.
type row struct {
	types   []string // without "aws:", for example "ecs/service:Service"
	does    operation
	actions []string // without the service, which is the table's
	// on are ARN patterns; see arn. Empty means everything, and why says why.
	on    []string
	scope scope
	// when are further conditions.
	when map[string]map[string][]string
	why  string
	// unseen says why the recorded stacks never call these. Empty where they do,
	// or where only a change of a value would.
	unseen string
}

// service is the rows of one AWS service.
type service struct {
	prefix string // of its actions
	rows   []row
}

// Reasons for rows without a resource.
const (
	noLevel   = "the action knows no resources"
	noIDYet   = "what does not exist yet has no ARN; the request must give it the stack's tags"
	listsAll  = "it lists, and is asked without a name"
	scopedAll = "CloudWatch refuses a narrower scope for composite alarms"
)

// table is every type that a stack can have.
func table() []service {
	return []service{
		autoscalingRows(), chatRows(), cloudwatchRows(), codedeployRows(), computeRows(), dynamicLogRows(), networkRows(),
		balancerRows(), registryRows(), eventRows(), identityRows(), keyRows(), bucketRows(), secretRows(), topicRows(),
	}
}

// onlyStack is the conditions of a scope.
func (s scope) conditions(in Input) map[string]map[string][]string {
	out := map[string]map[string][]string{}
	equals := map[string][]string{}
	if s&tagged != 0 {
		equals["aws:ResourceTag/Stack"], equals["aws:ResourceTag/Service"] = []string{in.Stack}, []string{in.Service}
	}
	if s&tagging != 0 {
		equals["aws:RequestTag/Stack"], equals["aws:RequestTag/Service"] = []string{in.Stack}, []string{in.Service}
	}
	if len(equals) > 0 {
		out["StringEquals"] = equals
	}
	return out
}
