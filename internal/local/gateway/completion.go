package gateway

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"evenkeel/internal/local/gateway/play"
)

// MotoVersion is the release of moto that the completions were written for.
const MotoVersion = "5.2.1"

// Kind is how far an answer is the gateway's own.
type Kind string

const (
	// Answers means that moto is not asked.
	Answers Kind = "answers"
	// Completes means that moto is asked, and request or answer are changed.
	Completes Kind = "completes"
)

// Completion is one operation that the gateway answers or completes.
type Completion struct {
	Service, Action string
	Kind            Kind
	// Reason says in one line what moto lacks or gets wrong.
	Reason string

	// before may change the request that moto will see.
	before func(*memory, *exchange)
	// answer replaces moto's answer; nil lets moto answer after all.
	answer func(*memory, *exchange) *reply
	// after may change moto's answer.
	after func(*memory, *exchange, *reply)
}

// changes says whether moto's request or answer is changed.
func (c *Completion) changes() bool { return c != nil && (c.before != nil || c.after != nil) }

// object is a JSON object.
type object = map[string]any

// memory is what the gateway keeps because moto does not.
type memory struct {
	account  string
	upstream *upstream
	// world plays services and their deployments.
	world *play.World
	// scans are the findings of scanned images, by region, repository and digest.
	scans      map[string]*scan
	services   map[string]object
	scaling    *tagBook
	targets    map[string]string
	budgets    *budgetMemory
	anomalies  *anomalyMemory
	queries    map[string]object
	codedeploy *codedeployMemory
	payers     map[string]string
	policies   map[string]string
	composites map[string]object
	rules      map[string]string
}

func newMemory(account string, moto *upstream, world *play.World) *memory {
	return &memory{
		account:    account,
		upstream:   moto,
		world:      world,
		scans:      map[string]*scan{},
		services:   map[string]object{},
		scaling:    newTagBook(),
		targets:    map[string]string{},
		budgets:    newBudgetMemory(),
		anomalies:  newAnomalyMemory(),
		queries:    map[string]object{},
		codedeploy: newCodedeployMemory(),
		payers:     map[string]string{},
		policies:   map[string]string{},
		composites: map[string]object{},
		rules:      map[string]string{},
	}
}

// completions is every operation that does not simply go through, by name.
var completions = sync.OnceValue(func() map[string]*Completion {
	out := map[string]*Completion{}
	for _, list := range [][]Completion{
		ecsCompletions, taskCompletions, scalingCompletions, cloudwatchCompletions, budgetCompletions, anomalyCompletions,
		codedeployCompletions, stateMachineCompletions, queryCompletions, balancerCompletions, bucketCompletions, bucketPolicyCompletions, ruleCompletions,
		imageCompletions,
	} {
		for _, c := range list {
			out[c.Service+":"+c.Action] = &c
		}
	}
	return out
})

func find(o operation) *Completion { return completions()[o.name()] }

// Completions lists what the gateway answers or completes, ordered by service
// and action.
func Completions() []Completion {
	var out []Completion
	for _, c := range completions() {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Completion) int {
		return strings.Compare(a.Service+":"+a.Action, b.Service+":"+b.Action)
	})
	return out
}

// onSuccess runs f on the JSON object of a successful answer and writes back
// what f left in it. Other answers, and other formats, stay as they are.
func onSuccess(f func(m *memory, e *exchange, out object)) func(*memory, *exchange, *reply) {
	return func(m *memory, e *exchange, r *reply) {
		if r.status != 200 {
			return
		}
		v, err := decodeJSON(r.body)
		out, ok := v.(object)
		if err != nil || !ok {
			if len(r.body) > 0 {
				return
			}
			out = object{}
		}
		f(m, e, out)
		body, err := json.Marshal(out)
		if err != nil {
			return
		}
		r.body = body
	}
}

// text reads a string parameter; empty if it is not there.
func text(o object, key string) string {
	s, _ := o[key].(string)
	return s
}

// child reads an object parameter; nil if it is not there.
func child(o object, key string) object {
	c, _ := o[key].(object)
	return c
}

// objects reads a list of objects, leaving out what is none.
func objects(o object, key string) []object {
	list, _ := o[key].([]any)
	var out []object
	for _, v := range list {
		if c, ok := v.(object); ok {
			out = append(out, c)
		}
	}
	return out
}

// texts reads a list of strings, leaving out what is none.
func texts(o object, key string) []string {
	list, _ := o[key].([]any)
	var out []string
	for _, v := range list {
		if s, ok := v.(string); ok {
			out = append(out, s)
		}
	}
	return out
}

// shortName is the last part of an ARN, or a plain name as it is.
func shortName(arn string) string { return arn[strings.LastIndexByte(arn, '/')+1:] }

func jsonFailure(code, format string, args ...any) *reply {
	return failure(protocolJSON, code, fmt.Sprintf(format, args...))
}
