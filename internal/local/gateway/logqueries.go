package gateway

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

const queryReason = "moto lacks saved Logs Insights queries"

var queryCompletions = []Completion{
	{Service: "logs", Action: "PutQueryDefinition", Kind: Answers, Reason: queryReason, answer: putQuery},
	{Service: "logs", Action: "DescribeQueryDefinitions", Kind: Answers, Reason: queryReason, answer: describeQueries},
	{Service: "logs", Action: "DeleteQueryDefinition", Kind: Answers, Reason: queryReason, answer: deleteQuery},
}

func putQuery(m *memory, e *exchange) *reply {
	in := e.input()
	id := text(in, "queryDefinitionId")
	if id == "" {
		id = uuid.NewString()
	} else if _, ok := m.queries[queryKey(e, id)]; !ok {
		return jsonFailure("ResourceNotFoundException", "no query definition %s", id)
	}
	query := object{"queryDefinitionId": id, "lastModified": time.Now().UnixMilli(), "logGroupNames": []any{}}
	for _, name := range []string{"name", "queryString", "logGroupNames", "queryLanguage"} {
		if v := in[name]; v != nil {
			query[name] = v
		}
	}
	m.queries[queryKey(e, id)] = query
	return jsonReply(object{"queryDefinitionId": id})
}

func describeQueries(m *memory, e *exchange) *reply {
	found := []object{}
	for _, key := range slices.Sorted(maps.Keys(m.queries)) {
		query := m.queries[key]
		if strings.HasPrefix(key, queryKey(e, "")) && strings.HasPrefix(text(query, "name"), text(e.input(), "queryDefinitionNamePrefix")) {
			found = append(found, query)
		}
	}
	return jsonReply(object{"queryDefinitions": found})
}

func deleteQuery(m *memory, e *exchange) *reply {
	key := queryKey(e, text(e.input(), "queryDefinitionId"))
	if _, ok := m.queries[key]; !ok {
		return jsonFailure("ResourceNotFoundException", "no query definition %s", text(e.input(), "queryDefinitionId"))
	}
	delete(m.queries, key)
	return jsonReply(object{"success": true})
}

func queryKey(e *exchange, id string) string { return e.operation.region + " " + id }
