package local

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// Alarm is an alarm and its state, as the emulated AWS has them. The emulator
// evaluates none: a state stays what it was at first until somebody sets it, as
// `aws cloudwatch set-alarm-state` does.
type Alarm struct {
	Name string `json:"name"`
	// Type is "metric" or "composite".
	Type string `json:"type"`
	// State is "OK", "ALARM" or "INSUFFICIENT_DATA".
	State string `json:"state"`
	// Tells are the topics that hear of it, by name; none for an alarm that only
	// others depend on.
	Tells []string `json:"tells,omitempty"`
	// Scaling marks those that AWS makes for scaling policies, and owns.
	Scaling bool `json:"scaling,omitempty"`
}

// scalingPrefix starts the names of the alarms that AWS makes for scaling
// policies.
// https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-target-tracking.html
const scalingPrefix = "TargetTracking-"

// AskAlarms asks the emulated AWS for every alarm of the account, and its
// state. There are none while nothing runs.
func (s *Status) AskAlarms(ctx context.Context, req *Request) error {
	if !s.Running {
		return nil
	}
	pages := cloudwatch.NewDescribeAlarmsPaginator(cloudwatch.NewFromConfig(req.awsConfig(s.Endpoint)), &cloudwatch.DescribeAlarmsInput{
		AlarmTypes: []types.AlarmType{types.AlarmTypeCompositeAlarm, types.AlarmTypeMetricAlarm},
	})
	s.Alarms = nil
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("list the alarms: %w", err)
		}
		for _, a := range page.CompositeAlarms {
			s.add(a.AlarmName, "composite", a.StateValue, a.AlarmActions)
		}
		for _, a := range page.MetricAlarms {
			s.add(a.AlarmName, "metric", a.StateValue, a.AlarmActions)
		}
	}
	slices.SortFunc(s.Alarms, func(a, b Alarm) int {
		return cmp.Or(strings.Compare(strings.Join(a.Tells, " "), strings.Join(b.Tells, " ")), strings.Compare(a.Name, b.Name))
	})
	return nil
}

func (s *Status) add(name *string, kind string, state types.StateValue, actions []string) {
	s.Alarms = append(s.Alarms, Alarm{
		Name: aws.ToString(name), Type: kind, State: string(state), Tells: topics(actions),
		Scaling: strings.HasPrefix(aws.ToString(name), scalingPrefix),
	})
}

// topics names the topics among actions.
func topics(actions []string) []string {
	var out []string
	for _, arn := range actions {
		if parts := strings.Split(arn, ":"); len(parts) == 6 && parts[2] == "sns" {
			out = append(out, parts[5])
		}
	}
	return out
}

// writeAlarms writes how many alarms are in which state, and each of those that
// tell somebody.
func (s *Status) writeAlarms(p *printer) {
	if len(s.Alarms) == 0 {
		return
	}
	feeding, scaling := 0, 0
	for _, a := range s.Alarms {
		switch {
		case a.Scaling:
			scaling++
		case len(a.Tells) == 0:
			feeding++
		}
	}
	p.linef("alarms\t%d, of which %d only feed others; %d more of autoscaling", len(s.Alarms)-scaling, feeding, scaling)
	for _, a := range s.Alarms {
		// One of autoscaling is in ALARM whenever a service idles.
		if len(a.Tells) > 0 || a.State == string(types.StateValueAlarm) && !a.Scaling {
			p.linef("  %s\t%s\t%s", a.Name, a.State, strings.Join(a.Tells, ", "))
		}
	}
}
