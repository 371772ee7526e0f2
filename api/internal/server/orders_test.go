package server_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const order = `{"customer":"c-1","currency":"EUR","items":[{"sku":"A-1","quantity":2,"unitPrice":150},{"sku":"B","quantity":1,"unitPrice":0}]}`

func TestOrderIsPlacedReadAndMoved(t *testing.T) {
	a := serve(t, nil)
	placed := a.do(t, "POST", "/v1/orders", order)
	require.Equal(t, http.StatusCreated, placed.status, placed.body)
	assert.Equal(t, "application/json", placed.header.Get("Content-Type"))
	assert.Equal(t, "nosniff", placed.header.Get("X-Content-Type-Options"))
	assert.Equal(t, "no-store", placed.header.Get("Cache-Control"))
	o := placed.json(t)
	where := placed.header.Get("Location")
	assert.Equal(t, "/v1/orders/"+o["id"].(string), where)
	assert.EqualValues(t, 300, o["total"])
	assert.Equal(t, "open", o["status"])
	created, err := time.Parse(time.RFC3339, o["createdAt"].(string))
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), created, time.Minute)
	assert.Equal(t, o["createdAt"], o["updatedAt"])

	read := a.do(t, "GET", where, "")
	assert.Equal(t, http.StatusOK, read.status)
	assert.Equal(t, o, read.json(t))

	paid := a.do(t, "PUT", where+"/status", `{"status":"paid"}`)
	assert.Equal(t, "paid", paid.json(t)["status"])
	again := a.do(t, "PUT", where+"/status", `{"status":"paid"}`)
	assert.Equal(t, paid.body, again.body, "a repeated PUT changes nothing")
	doc := a.do(t, "PUT", where+"/status", `{"status":"open"}`).problem(t, http.StatusConflict, "conflict")
	assert.Equal(t, "the order is paid and cannot become open", doc["detail"])

	assert.Equal(t, "/v1/orders/{id}", a.request(t, read.header.Get("X-Request-Id"))["route"])
}

func TestListGoesThroughAllOrders(t *testing.T) {
	a := serve(t, nil)
	var ids []string
	for range 5 {
		ids = append(ids, a.do(t, "POST", "/v1/orders", order).json(t)["id"].(string))
	}
	a.do(t, "PUT", "/v1/orders/"+ids[1]+"/status", `{"status":"cancelled"}`)
	walk := func(query string) (found []string, pages int) {
		next := ""
		for {
			page := a.do(t, "GET", "/v1/orders?"+query+next, "")
			require.Equal(t, http.StatusOK, page.status, page.body)
			doc := page.json(t)
			pages++
			for _, o := range doc["orders"].([]any) {
				found = append(found, o.(map[string]any)["id"].(string))
			}
			cursor, more := doc["next"].(string)
			if !more {
				return found, pages
			}
			next = "&cursor=" + cursor
		}
	}
	found, pages := walk("limit=2")
	assert.Equal(t, []string{ids[4], ids[3], ids[2], ids[1], ids[0]}, found, "newest first")
	assert.Equal(t, 3, pages)
	found, pages = walk("")
	assert.Len(t, found, 5)
	assert.Equal(t, 1, pages)
	found, pages = walk("limit=2&status=open")
	assert.Equal(t, []string{ids[4], ids[3], ids[2], ids[0]}, found)
	assert.Equal(t, 2, pages)
	assert.Equal(t, "{\"orders\":[]}\n", a.do(t, "GET", "/v1/orders?status=shipped", "").body, "an empty list is no null")
}

func TestRefusedRequests(t *testing.T) {
	a := serve(t, nil)
	open := a.do(t, "POST", "/v1/orders", order).header.Get("Location")
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		status             int
		kind, detail       string
	}{
		"no such order":      {"GET", "/v1/orders/ord_1", "", nil, 404, "not-found", `there is no order "ord_1"`},
		"a very long id":     {"GET", "/v1/orders/" + strings.Repeat("x", 5000), "", nil, 404, "not-found", `there is no order "` + strings.Repeat("x", 64) + `…"`},
		"status of no order": {"PUT", "/v1/orders/ord_1/status", `{"status":"paid"}`, nil, 404, "not-found", `there is no order "ord_1"`},
		"no such route":      {"GET", "/v2", "", nil, 404, "not-found", "no route has this path"},
		"unclean path":       {"GET", "//v2/../v3", "", nil, 404, "not-found", "no route has this path"},
		"other method":       {"DELETE", "/v1/orders", "", nil, 405, "method-not-allowed", "want one of GET, HEAD, POST"},
		"no body":            {"POST", "/v1/orders", "", []string{"Content-Type", "application/json"}, 400, "malformed-request", "the body is empty, want a JSON document"},
		"half a body":        {"POST", "/v1/orders", `{"customer":`, nil, 400, "malformed-request", "the JSON document ends too early"},
		"no JSON":            {"POST", "/v1/orders", `{customer}`, nil, 400, "malformed-request", "byte 2: invalid character 'c' looking for beginning of object key string"},
		"two documents":      {"POST", "/v1/orders", order + `{}`, nil, 400, "malformed-request", "something follows the JSON document, want one document"},
		"an array":           {"POST", "/v1/orders", `[]`, nil, 400, "malformed-request", "the document is a JSON array, want an object"},
		"a text for a number": {
			"POST", "/v1/orders", `{"items":[{"quantity":"2"}]}`, nil, 400, "malformed-request",
			"items.quantity is a JSON string, want a whole number",
		},
		"a number of many digits": {
			"POST", "/v1/orders", `{"items":[{"quantity":` + strings.Repeat("9", 5000) + `}]}`, nil, 400, "malformed-request",
			"items.quantity is a JSON number, want a whole number",
		},
		"unknown field": {"POST", "/v1/orders", `{"total":1}`, nil, 400, "malformed-request", `there is no field "total"`},
		"unknown field of many letters": {
			"POST", "/v1/orders", `{"` + strings.Repeat("x", 5000) + `":1}`, nil, 400, "malformed-request",
			`there is no field "` + strings.Repeat("x", 64) + `…"`,
		},
		"too large": {"POST", "/v1/orders", `{"customer":"` + strings.Repeat("x", 64<<10) + `"}`, nil, 413, "too-large", "the body has more than 65536 bytes"},
		"too large behind": {
			"POST", "/v1/orders", order + strings.Repeat(" ", 64<<10), nil, 413, "too-large",
			"the body has more than 65536 bytes",
		},
		"form":         {"POST", "/v1/orders", order, []string{"Content-Type", "text/plain"}, 415, "unsupported-media-type", `Content-Type is "text/plain", want application/json`},
		"no type":      {"POST", "/v1/orders", order, []string{"Content-Type", ""}, 415, "unsupported-media-type", `Content-Type is "", want application/json`},
		"UTF-16":       {"POST", "/v1/orders", order, []string{"Content-Type", "application/json; charset=utf-16"}, 415, "unsupported-media-type", `Content-Type is "application/json; charset=utf-16", want application/json`},
		"wrong status": {"PUT", open + "/status", `{"status":"sold"}`, nil, 422, "invalid-fields", "one value is not acceptable"},
		"wrong query":  {"GET", "/v1/orders?limit=101&cursor=0&status=sold", "", nil, 422, "invalid-fields", "3 values are not acceptable"},
		"empty query":  {"GET", "/v1/orders?limit=&cursor=&status=", "", nil, 422, "invalid-fields", "3 values are not acceptable"},
	} {
		t.Run(name, func(t *testing.T) {
			r := a.do(t, c.method, c.path, c.body, c.headers...)
			doc := r.problem(t, c.status, c.kind)
			assert.Equal(t, c.detail, doc["detail"])
			line := a.request(t, r.header.Get("X-Request-Id"))
			assert.Equal(t, "INFO", line["level"], "a caller's mistake alarms nobody")
			assert.Contains(t, line["error"], c.detail)
			assert.Equal(t, c.status == 405, r.header.Get("Allow") != "")
		})
	}
}

func TestEveryMistakeOfAnOrderIsNamed(t *testing.T) {
	a := serve(t, nil)
	doc := a.do(t, "POST", "/v1/orders", `{"customer":"","currency":"eur","items":[{"sku":"a","quantity":0,"unitPrice":-1}]}`).
		problem(t, http.StatusUnprocessableEntity, "invalid-fields")
	assert.Equal(t, []any{
		map[string]any{"pointer": "#/customer", "detail": "is missing, want 1 to 64 letters, digits, _ or -"},
		map[string]any{"pointer": "#/currency", "detail": `is "eur", want an ISO 4217 code such as EUR`},
		map[string]any{"pointer": "#/items/0/sku", "detail": `is "a", want 1 to 32 capital letters, digits or -`},
		map[string]any{"pointer": "#/items/0/quantity", "detail": "is 0, want 1 to 1000"},
		map[string]any{"pointer": "#/items/0/unitPrice", "detail": "is -1, want 0 to 10000000"},
	}, doc["errors"])
	doc = a.do(t, "GET", "/v1/orders?limit=0", "").problem(t, http.StatusUnprocessableEntity, "invalid-fields")
	assert.Equal(t, []any{map[string]any{"parameter": "limit", "detail": `is "0", want 1 to 100`}}, doc["errors"])
}

// The types that answers name can be read.
func TestEveryKindOfProblemIsExplained(t *testing.T) {
	a := serve(t, nil)
	for _, kind := range []string{"not-found", "invalid-fields", "internal"} {
		r := a.do(t, "GET", "/problems/"+kind, "")
		assert.Equal(t, http.StatusOK, r.status)
		assert.Equal(t, "/problems/"+kind, r.json(t)["type"])
		assert.NotEmpty(t, r.json(t)["meaning"])
	}
	a.do(t, "GET", "/problems/unheard-of", "").problem(t, http.StatusNotFound, "not-found")
}

func TestCallersID(t *testing.T) {
	a := serve(t, nil)
	id := fmt.Sprintf("caller-%d", time.Now().UnixNano())
	assert.Equal(t, id, a.do(t, "GET", "/v1/orders", "", "X-Request-Id", id).header.Get("X-Request-Id"))
	assert.Regexp(t, `^[0-9a-f]{32}$`, a.do(t, "GET", "/v1/orders", "", "X-Request-Id", "{}").header.Get("X-Request-Id"))
}
