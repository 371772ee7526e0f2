package gateway

import (
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

const compositeReason = "moto lacks composite alarms; it keeps each as a metric alarm, the gateway its rule. No alarm is ever evaluated"

var cloudwatchCompletions = []Completion{
	{
		Service: "cloudwatch", Action: "PutCompositeAlarm", Kind: Completes, Reason: compositeReason,
		before: asMetricAlarm, after: rememberComposite,
	},
	{Service: "cloudwatch", Action: "DescribeAlarms", Kind: Completes, Reason: compositeReason, after: completeAlarms},
	{Service: "cloudwatch", Action: "DeleteAlarms", Kind: Completes, Reason: compositeReason, after: forgetComposites},
}

// compositeExtras are the fields that metric alarms do not have.
var compositeExtras = []string{"AlarmRule", "ActionsSuppressor", "ActionsSuppressorWaitPeriod", "ActionsSuppressorExtensionPeriod"}

// metricOnly are the fields that composite alarms do not have.
var metricOnly = []string{"Dimensions", "Metrics", "StateReasonData"}

func alarmKey(e *exchange, name string) string { return e.operation.region + " " + name }

// asMetricAlarm renames the action where the protocol keeps it: in the form or
// in the target header.
func asMetricAlarm(_ *memory, e *exchange) {
	const from, to = "PutCompositeAlarm", "PutMetricAlarm"
	if e.operation.protocol != protocolQuery {
		target := e.request.Header.Get("X-Amz-Target")
		e.request.Header.Set("X-Amz-Target", strings.Replace(target, from, to, 1))
		return
	}
	form, err := url.ParseQuery(string(e.body))
	if err != nil {
		return
	}
	form.Set("Action", to)
	e.setBody([]byte(form.Encode()))
}

func rememberComposite(m *memory, e *exchange, r *reply) {
	if r.status != http.StatusOK {
		return
	}
	kept := object{}
	for _, name := range compositeExtras {
		v := e.input()[name]
		if s, ok := v.(string); ok && strings.HasSuffix(name, "Period") {
			v = json.Number(s)
		}
		if v != nil {
			kept[name] = v
		}
	}
	m.composites[alarmKey(e, text(e.input(), "AlarmName"))] = kept
	r.body = []byte(strings.ReplaceAll(string(r.body), "PutMetricAlarm", "PutCompositeAlarm"))
}

func forgetComposites(m *memory, e *exchange, r *reply) {
	if r.status != http.StatusOK {
		return
	}
	for _, name := range texts(e.input(), "AlarmNames") {
		delete(m.composites, alarmKey(e, name))
	}
}

// completeAlarms tells composite alarms from metric alarms, and leaves out the
// kind that was not asked for. Without AlarmTypes that is the composite ones:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_DescribeAlarms.html
func completeAlarms(m *memory, e *exchange, r *reply) {
	if r.status != http.StatusOK {
		return
	}
	if e.operation.protocol == protocolQuery {
		completeAlarmsXML(m, e, r)
		return
	}
	onSuccess(func(m *memory, e *exchange, out object) {
		metric, composite := []any{}, []any{}
		for _, alarm := range objects(out, "MetricAlarms") {
			rule, ok := m.composites[alarmKey(e, text(alarm, "AlarmName"))]
			if !ok {
				metric = append(metric, alarm)
				continue
			}
			for _, name := range metricOnly {
				delete(alarm, name)
			}
			composite = append(composite, merged(alarm, rule))
		}
		out["MetricAlarms"], out["CompositeAlarms"] = onlyAsked(e, "MetricAlarm", metric), onlyAsked(e, "CompositeAlarm", composite)
	})(m, e, r)
}

func onlyAsked[T any](e *exchange, kind string, alarms []T) []T {
	types := texts(e.input(), "AlarmTypes")
	if slices.Contains(types, kind) || len(types) == 0 && kind == "MetricAlarm" {
		return alarms
	}
	return []T{}
}

func completeAlarmsXML(m *memory, e *exchange, r *reply) {
	document, err := parseXML(r.body)
	if err != nil {
		return
	}
	metrics, composites := document.find("MetricAlarms"), document.find("CompositeAlarms")
	if metrics == nil || composites == nil {
		return
	}
	var metric, composite []*element
	for _, alarm := range metrics.Children {
		rule, ok := m.composites[alarmKey(e, alarm.text("AlarmName"))]
		if !ok {
			metric = append(metric, alarm)
			continue
		}
		alarm.Children = slices.DeleteFunc(alarm.Children, func(c *element) bool { return slices.Contains(metricOnly, c.XMLName.Local) })
		for _, name := range compositeExtras {
			if v, ok := rule[name]; ok {
				alarm.add(name, v)
			}
		}
		composite = append(composite, alarm)
	}
	metrics.Children, composites.Children = onlyAsked(e, "MetricAlarm", metric), onlyAsked(e, "CompositeAlarm", composite)
	if out, err := document.bytes(); err == nil {
		r.body = out
	}
}
