// Package openapi holds the OpenAPI 3.0 document of the HTTP contract, generated
// from the comments of package api's handlers and the types of internal/model,
// and committed.
package openapi

import (
	_ "embed" // the document
	"encoding/json"
	"slices"
	"strings"
)

//go:generate go run ./gen

//go:embed openapi.json
var document []byte

// JSON returns the document. It is shared: do not modify.
func JSON() []byte { return document }

// Operations returns every operation as "GET /v1/messages", sorted.
func Operations() []string {
	var doc struct {
		Paths map[string]map[string]json.RawMessage `json:"paths"`
	}
	if err := json.Unmarshal(document, &doc); err != nil {
		panic("openapi: the embedded document is not JSON: " + err.Error()) // a test reads it
	}
	var out []string
	for path, methods := range doc.Paths {
		for method := range methods {
			out = append(out, strings.ToUpper(method)+" "+path)
		}
	}
	slices.Sort(out)
	return out
}
