package play

// Routing is how a deployment configuration moves traffic.
type Routing struct {
	// Kind is AllAtOnce, TimeBasedCanary or TimeBasedLinear.
	Kind string
	// Percent is moved at first, and with TimeBasedLinear again every Minutes;
	// with TimeBasedCanary the rest is moved after Minutes.
	Percent, Minutes int
}

// Kinds of Routing:
// https://docs.aws.amazon.com/codedeploy/latest/APIReference/API_TrafficRoutingConfig.html
const (
	RouteAtOnce = "AllAtOnce"
	RouteCanary = "TimeBasedCanary"
	RouteLinear = "TimeBasedLinear"
)

// predefined are AWS's own configurations for ECS:
// https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-configurations.html
var predefined = map[string]Routing{
	AllAtOnce: {Kind: RouteAtOnce},
	"CodeDeployDefault.ECSCanary10Percent5Minutes":      {RouteCanary, 10, 5},
	"CodeDeployDefault.ECSCanary10Percent15Minutes":     {RouteCanary, 10, 15},
	"CodeDeployDefault.ECSLinear10PercentEvery1Minutes": {RouteLinear, 10, 1},
	"CodeDeployDefault.ECSLinear10PercentEvery3Minutes": {RouteLinear, 10, 3},
}

// Predefined finds one of AWS's own configurations for ECS.
func Predefined(name string) (Routing, bool) {
	r, ok := predefined[name]
	return r, ok
}

// at is the share of the traffic, in percent, so many minutes after the first
// move.
func (r Routing) at(minutes int) int {
	switch r.Kind {
	case RouteCanary:
		if minutes < r.Minutes {
			return r.Percent
		}
	case RouteLinear:
		return min(100, r.Percent*(1+minutes/max(r.Minutes, 1)))
	}
	return 100
}
