package gateway

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

const anomalyReason = "moto lacks Cost Explorer's anomaly detection; definitions are kept, nothing is detected"

// anomalyKind is one of the two kinds of object of anomaly detection.
type anomalyKind struct {
	// noun is in the actions' names, short in the parameters' names.
	noun, short, path string
	missing           string
	// fill adds what AWS adds when it creates one.
	fill func(account string) object
}

var (
	monitorKind = anomalyKind{
		noun: "AnomalyMonitor", short: "Monitor", path: "anomalymonitor", missing: "UnknownMonitorException",
		fill: func(string) object {
			today := time.Now().UTC().Format(time.DateOnly)
			return object{"CreationDate": today, "LastUpdatedDate": today}
		},
	}
	subscriptionKind = anomalyKind{
		noun: "AnomalySubscription", short: "Subscription", path: "anomalysubscription", missing: "UnknownSubscriptionException",
		fill: func(account string) object { return object{"AccountId": account} },
	}
)

var anomalyCompletions = slices.Concat(monitorKind.completions(), subscriptionKind.completions(), tagging{
	service: "ce", reason: "moto keeps tags of cost categories only; those still go to moto",
	arn: "ResourceArn", tags: "ResourceTags", keys: "ResourceTagKeys", asList: true,
	book: func(m *memory) *tagBook { return m.anomalies.tags },
}.completions())

// anomalyMemory is by ARN.
type anomalyMemory struct {
	known map[string]object
	tags  *tagBook
}

func newAnomalyMemory() *anomalyMemory { return &anomalyMemory{map[string]object{}, newTagBook()} }

func (k anomalyKind) arnKey() string { return k.short + "Arn" }

func (k anomalyKind) completions() []Completion {
	of := func(action string, f func(*memory, *exchange) *reply) Completion {
		return Completion{Service: "ce", Action: action, Kind: Answers, Reason: anomalyReason, answer: f}
	}
	return []Completion{
		of("Create"+k.noun, k.create),
		of("Get"+k.noun+"s", k.get),
		of("Update"+k.noun, k.update),
		of("Delete"+k.noun, k.remove),
	}
}

func (k anomalyKind) create(m *memory, e *exchange) *reply {
	arn := "arn:aws:ce::" + m.account + ":" + k.path + "/" + uuid.NewString()
	made := merged(k.fill(m.account), child(e.input(), k.noun))
	made[k.arnKey()] = arn
	m.anomalies.known[arn] = made
	m.anomalies.tags.replace(arn, e.input()["ResourceTags"])
	return jsonReply(object{k.arnKey(): arn})
}

func (k anomalyKind) get(m *memory, e *exchange) *reply {
	wanted := texts(e.input(), k.arnKey()+"List")
	found := []object{}
	for _, arn := range slices.Sorted(maps.Keys(m.anomalies.known)) {
		if strings.Contains(arn, ":"+k.path+"/") && (len(wanted) == 0 || slices.Contains(wanted, arn)) {
			found = append(found, m.anomalies.known[arn])
		}
	}
	return jsonReply(object{k.noun + "s": found})
}

func (k anomalyKind) update(m *memory, e *exchange) *reply {
	arn := text(e.input(), k.arnKey())
	known, ok := m.anomalies.known[arn]
	if !ok {
		return jsonFailure(k.missing, "no %s %s", k.noun, arn)
	}
	m.anomalies.known[arn] = merged(known, e.input())
	return jsonReply(object{k.arnKey(): arn})
}

func (k anomalyKind) remove(m *memory, e *exchange) *reply {
	arn := text(e.input(), k.arnKey())
	if _, ok := m.anomalies.known[arn]; !ok {
		return jsonFailure(k.missing, "no %s %s", k.noun, arn)
	}
	delete(m.anomalies.known, arn)
	m.anomalies.tags.remove(arn)
	return jsonReply(object{})
}
