package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/legacy"

	"github.com/catchpost/catchpost/openapi"
)

// TestRoutesAreOperations: what is served is what is documented.
func TestRoutesAreOperations(t *testing.T) {
	w := newWorld(t, nil)
	var routes []string
	for _, rt := range w.api.Routes() {
		routes = append(routes, rt.Method+" "+rt.Path)
	}
	slices.Sort(routes)
	documented := openapi.Operations()
	for _, rt := range routes {
		if !slices.Contains(documented, rt) {
			t.Errorf("%s is served, not documented", rt)
		}
	}
	for _, op := range documented {
		if !slices.Contains(routes, op) {
			t.Errorf("%s is documented, not served", op)
		}
	}
}

// TestBodiesAreJSON: a client that goes by the document sends what is taken.
func TestBodiesAreJSON(t *testing.T) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi.JSON())
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			if op.RequestBody != nil && op.RequestBody.Value.Content["application/json"] == nil {
				t.Errorf("%s %s takes no application/json", method, path)
			}
		}
	}
}

// contract validates answers against the OpenAPI document.
type contract struct {
	*world
	router routers.Router
	tried  map[string]bool // "GET /v1/messages 200"
}

func newContract(w *world) *contract {
	w.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(openapi.JSON())
	if err != nil {
		w.Fatal(err)
	}
	if err := doc.Validate(w.Context()); err != nil {
		w.Fatal(err)
	}
	router, err := legacy.NewRouter(doc)
	if err != nil {
		w.Fatal(err)
	}
	for _, octets := range []string{
		"message/rfc822", "text/plain", "text/html", "application/octet-stream", "text/event-stream", "application/x-pem-file", "application/pdf", "image/png",
	} {
		openapi3filter.RegisterBodyDecoder(octets, openapi3filter.FileBodyDecoder)
	}
	return &contract{w, router, map[string]bool{}}
}

// check sends a request and holds the answer to the document.
func (c *contract) check(status int, method, path, body string, header ...string) answer {
	c.Helper()
	a := c.want(c.do(method, path, "", body, header...), status)
	if err := c.validate(method, path, a); err != nil {
		c.Errorf("%s %s: %v\n%s", method, path, err, clipped(a.body))
	}
	return a
}

func (c *contract) validate(method, path string, a answer) error {
	req, err := http.NewRequest(method, path, nil)
	if err != nil {
		return err
	}
	route, params, err := c.router.FindRoute(req)
	if err != nil {
		return err
	}
	c.tried[method+" "+route.Path] = true
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route},
		Status:                 a.status, Header: a.header, Body: io.NopCloser(bytes.NewReader(a.body)),
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	return openapi3filter.ValidateResponse(context.Background(), in)
}

// TestWrongAnswersFail: the validation is not asleep.
func TestWrongAnswersFail(t *testing.T) {
	c := newContract(newWorld(t, nil))
	a := c.check(200, "GET", "/v1/info", "")
	for _, change := range [][2]string{
		{`"version":`, `"wersion":`},           // a key is missing, another unknown
		{`"open":true`, `"open":"yes"`},        // another type
		{`"version":`, `"more":1,"version":`},  // an unknown key
		{`"version":"test"`, `"version":null`}, // null where none may be
	} {
		wrong := a
		wrong.body = []byte(strings.Replace(string(a.body), change[0], change[1], 1))
		if bytes.Equal(wrong.body, a.body) {
			t.Fatalf("%s is not in %s", change[0], a.body)
		}
		if c.validate("GET", "/v1/info", wrong) == nil {
			t.Errorf("%s passed", wrong.body)
		}
	}
}
