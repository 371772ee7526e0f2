package metricmath

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// ErrNeedsModel is the error of ANOMALY_DETECTION_BAND: the band comes from a
// model that CloudWatch trains on up to two weeks of the metric.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Anomaly_Detection.html
var ErrNeedsModel = errors.New("ANOMALY_DETECTION_BAND needs a trained model")

// Eval gives the series of e for the periods of w. Every id in env counts as a
// metric. It is an error when e names an id that is not in env, when a point of
// it is not at the start of a period, when a function or operator gets what the
// guide does not list for it, and when the result is a number or several
// series: what an alarm watches is one series.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func (e *Expr) Eval(env Env, w Window) (Series, error) {
	return e.eval(&evaluation{metrics: env, window: w})
}

func (e *Expr) eval(ev *evaluation) (Series, error) {
	if err := ev.window.check(); err != nil {
		return Series{}, err
	}
	v, err := ev.value(e.root)
	if err != nil {
		return Series{}, err
	}
	switch v.kind {
	case scalarKind:
		return Series{}, errors.New("the result is a number, want a series: TIME_SERIES makes one of it")
	case arrayKind:
		return Series{}, fmt.Errorf("the result is an array of %d series, want one", len(v.array))
	case seriesKind:
	}
	return ev.window.collect(v.series), nil
}

// Named is an expression with the id that other expressions name it by.
type Named struct {
	ID   string
	Text string
}

// EvalAll evaluates expressions that name metrics and each other, in any order,
// and returns the metrics together with a series for every expression. Two of
// one id, and an expression that depends on itself, are errors. METRICS stands
// for the metrics alone.
func EvalAll(w Window, metrics Env, expressions []Named) (Env, error) {
	a := &all{
		ev:   evaluation{metrics: metrics, expressions: Env{}, window: w},
		expr: map[string]*Expr{},
	}
	for _, x := range expressions {
		if x.ID == "" || x.ID[0] < 'a' || x.ID[0] > 'z' || span(x.ID, isWord) < len(x.ID) {
			return nil, fmt.Errorf("expression %q: is no id, want a lower-case letter, then letters, digits and underscores", x.ID)
		}
		if _, taken := metrics[x.ID]; taken || a.expr[x.ID] != nil {
			return nil, fmt.Errorf("expression %s: the id is taken, want one that is not", x.ID)
		}
		parsed, err := Parse(x.Text)
		if err != nil {
			return nil, fmt.Errorf("expression %s: %w", x.ID, err)
		}
		a.expr[x.ID] = parsed
	}
	for _, x := range expressions {
		if err := a.resolve(x.ID, nil); err != nil {
			return nil, err
		}
	}
	result := maps.Clone(a.ev.expressions)
	maps.Copy(result, metrics)
	return result, nil
}

type all struct {
	ev   evaluation
	expr map[string]*Expr
}

// resolve evaluates the expression after those it names. via is how it came to
// be needed.
func (a *all) resolve(id string, via []string) error {
	if _, done := a.ev.expressions[id]; done {
		return nil
	}
	if i := slices.Index(via, id); i >= 0 {
		return fmt.Errorf("expression %s: depends on itself: %s", id, strings.Join(append(via[i:], id), " -> "))
	}
	for _, needed := range a.expr[id].IDs() {
		if a.expr[needed] == nil {
			continue
		}
		if err := a.resolve(needed, append(slices.Clone(via), id)); err != nil {
			return err
		}
	}
	s, err := a.expr[id].eval(&a.ev)
	if err != nil {
		return fmt.Errorf("expression %s: %w", id, err)
	}
	a.ev.expressions[id] = s
	return nil
}

type kind int

const (
	scalarKind kind = iota
	seriesKind
	arrayKind
)

func (k kind) String() string {
	return [...]string{"a number", "a series", "an array of series"}[k]
}

// value is a number, a series or an array of series. A series has one value for
// each period of the window; NaN is a missing one.
type value struct {
	kind   kind
	scalar float64
	series []float64
	array  [][]float64
}

func scalar(v float64) value           { return value{kind: scalarKind, scalar: known(v)} }
func oneSeries(values []float64) value { return value{kind: seriesKind, series: values} }

// known is v, or missing where v is no finite number.
func known(v float64) float64 {
	if finite(v) {
		return v
	}
	return math.NaN()
}

type evaluation struct {
	metrics, expressions Env
	window               Window
}

func (ev *evaluation) value(n node) (value, error) {
	switch n := n.(type) {
	case numberNode:
		return scalar(float64(n)), nil
	case refNode:
		return ev.ref(string(n))
	case listNode:
		return ev.list(n)
	case minusNode:
		of, err := ev.value(n.of)
		if err != nil {
			return value{}, err
		}
		return of.each(func(v float64) float64 { return -v }), nil
	case binaryNode:
		left, err := ev.value(n.left)
		if err != nil {
			return value{}, err
		}
		right, err := ev.value(n.right)
		if err != nil {
			return value{}, err
		}
		return binary(n.op, left, right)
	case callNode:
		return ev.call(n)
	}
	return value{}, fmt.Errorf("%v is no value", n)
}

func (ev *evaluation) ref(id string) (value, error) {
	s, found := ev.metrics[id]
	if !found {
		s, found = ev.expressions[id]
	}
	if !found {
		return value{}, fmt.Errorf("%s: is no metric or expression here", id)
	}
	values, err := s.grid(ev.window)
	if err != nil {
		return value{}, fmt.Errorf("%s: %w", id, err)
	}
	return oneSeries(values), nil
}

// list joins series and arrays, as in [m1, METRICS("5xx")].
func (ev *evaluation) list(items []node) (value, error) {
	joined := value{kind: arrayKind}
	for _, item := range items {
		v, err := ev.value(item)
		if err != nil {
			return value{}, err
		}
		switch v.kind {
		case scalarKind:
			return value{}, errors.New("[...]: a number is in it, want series: TIME_SERIES makes one of a number")
		case seriesKind:
			joined.array = append(joined.array, v.series)
		case arrayKind:
			joined.array = append(joined.array, v.array...)
		}
	}
	return joined, nil
}

// each applies f to every value that is not missing.
func (v value) each(f func(float64) float64) value {
	if v.kind == scalarKind {
		return scalar(f(v.scalar))
	}
	return v.eachSeries(func(s []float64) []float64 { return eachOf(s, f) })
}

// eachSeries applies f to the series, or to every series of the array.
func (v value) eachSeries(f func([]float64) []float64) value {
	if v.kind == seriesKind {
		return oneSeries(f(v.series))
	}
	mapped := value{kind: arrayKind}
	for _, s := range v.array {
		mapped.array = append(mapped.array, f(s))
	}
	return mapped
}

func eachOf(values []float64, f func(float64) float64) []float64 {
	mapped := make([]float64, len(values))
	for i, v := range values {
		mapped[i] = known(f(v))
	}
	return mapped
}
