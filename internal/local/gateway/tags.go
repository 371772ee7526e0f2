package gateway

import (
	"maps"
	"slices"
)

// tagBook keeps tags by ARN for services whose moto backend keeps none.
type tagBook struct{ tags map[string]map[string]string }

func newTagBook() *tagBook { return &tagBook{map[string]map[string]string{}} }

func (b *tagBook) knows(arn string) bool { _, ok := b.tags[arn]; return ok }

func (b *tagBook) remove(arn string) { delete(b.tags, arn) }

// replace starts the tags of a resource; v as for add.
func (b *tagBook) replace(arn string, v any) {
	b.tags[arn] = map[string]string{}
	b.add(arn, v)
}

// add merges tags in either of AWS's forms: an object, or a list of
// {"Key", "Value"}.
func (b *tagBook) add(arn string, v any) {
	if b.tags[arn] == nil {
		b.tags[arn] = map[string]string{}
	}
	switch v := v.(type) {
	case object:
		for k := range v {
			b.tags[arn][k] = text(v, k)
		}
	case []any:
		for _, tag := range v {
			if t, ok := tag.(object); ok {
				b.tags[arn][text(t, "Key")] = text(t, "Value")
			}
		}
	}
}

func (b *tagBook) drop(arn string, keys []string) {
	for _, k := range keys {
		delete(b.tags[arn], k)
	}
}

// list returns the tags as a list of {"Key", "Value"}, ordered by key.
func (b *tagBook) list(arn string) []object {
	out := []object{}
	for _, k := range slices.Sorted(maps.Keys(b.tags[arn])) {
		out = append(out, object{"Key": k, "Value": b.tags[arn][k]})
	}
	return out
}

// object returns the tags as an object.
func (b *tagBook) object(arn string) object {
	out := object{}
	for k, v := range b.tags[arn] {
		out[k] = v
	}
	return out
}

// tagging describes the three tag operations of a service.
type tagging struct {
	service, reason string
	// arn, tags and keys name the parameters.
	arn, tags, keys string
	asList          bool
	// missing is the error code for a resource that is not known; where it is
	// empty, moto is asked instead.
	missing string
	book    func(*memory) *tagBook
}

// completions returns TagResource, UntagResource and ListTagsForResource.
func (t tagging) completions() []Completion {
	of := func(action string, f func(b *tagBook, arn string, in object) object) Completion {
		return Completion{Service: t.service, Action: action, Kind: Answers, Reason: t.reason, answer: func(m *memory, e *exchange) *reply {
			book, arn := t.book(m), text(e.input(), t.arn)
			if book.knows(arn) {
				return jsonReply(f(book, arn, e.input()))
			}
			if t.missing == "" {
				return nil
			}
			return jsonFailure(t.missing, "no resource %s", arn)
		}}
	}
	return []Completion{
		of("TagResource", func(b *tagBook, arn string, in object) object {
			b.add(arn, in[t.tags])
			return object{}
		}),
		of("UntagResource", func(b *tagBook, arn string, in object) object {
			b.drop(arn, texts(in, t.keys))
			return object{}
		}),
		of("ListTagsForResource", func(b *tagBook, arn string, _ object) object {
			if t.asList {
				return object{t.tags: b.list(arn)}
			}
			return object{t.tags: b.object(arn)}
		}),
	}
}
