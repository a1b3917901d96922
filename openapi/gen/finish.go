package main

import (
	"maps"
	"slices"
	"strings"
)

// object is a JSON object of the document.
type object = map[string]any

func shortName(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i+1:]
	}
	return name
}

// finish says what Swagger 2.0 could not.
func finish(doc object, types map[string]map[string]field) {
	doc["servers"] = []any{object{"url": "/"}}
	doc["security"] = []any{object{}, object{"token": []any{}}, object{"sandbox": []any{}}}
	components := doc["components"].(object)
	schemas := components["schemas"].(object)
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		if fields, ok := types[name]; ok {
			finishSchema(schemas[name].(object), fields)
		}
	}
	for _, path := range doc["paths"].(object) {
		for _, operation := range path.(object) {
			finishOperation(operation.(object))
		}
	}
}

// finishSchema lists what is always there, allows null where Go has a pointer,
// and forbids what is not named.
func finishSchema(schema object, fields map[string]field) {
	properties, _ := schema["properties"].(object)
	var required []any
	for _, name := range slices.Sorted(maps.Keys(properties)) {
		f, known := fields[name]
		if !known {
			continue
		}
		if !f.optional {
			required = append(required, name)
		}
		p := properties[name].(object)
		if f.time {
			p["format"] = "date-time"
		}
		if f.unsigned {
			p["minimum"] = 0
		}
		if !f.nullable {
			continue
		}
		if ref, ok := p["$ref"]; ok {
			p = object{"allOf": []any{object{"$ref": ref}}}
			properties[name] = p
		} else if all, ok := p["allOf"]; ok {
			p = object{"allOf": all}
			properties[name] = p
		}
		p["nullable"] = true
	}
	if required != nil {
		schema["required"] = required
	}
	schema["additionalProperties"] = false
}

func finishOperation(op object) {
	if params, ok := op["parameters"].([]any); ok {
		for _, p := range params {
			finishParameter(p.(object))
		}
	}
	for status, response := range op["responses"].(object) {
		finishResponse(status, response.(object))
	}
	body, ok := op["requestBody"].(object)
	if !ok {
		return
	}
	delete(body, "x-originalParamName")
	delete(op, "x-originalParamName")
	content, _ := body["content"].(object)
	if media, ok := content["*/*"]; ok { // what swag says of a body without @Accept
		delete(content, "*/*")
		content["application/json"] = media
	}
	if media, ok := content["message/rfc822"]; ok {
		media.(object)["schema"] = binary()
	}
	// An assertion comes alone or with others: "one or many".
	for _, media := range content {
		m := media.(object)
		schema, _ := m["schema"].(object)
		if schema["$ref"] == "#/components/schemas/Assertion" {
			m["schema"] = object{"oneOf": []any{schema, object{"type": "array", "minItems": 1, "items": schema}}}
		}
	}
}

// finishParameter makes "filter" what it is: any number of free pairs.
func finishParameter(p object) {
	if p["name"] == "filter" && p["in"] == "query" {
		p["style"], p["explode"] = "form", true
		p["schema"] = object{"type": "object", "additionalProperties": object{"type": "string"}}
	}
}

// finishResponse gives problems their media type, and octets their schema.
func finishResponse(status string, response object) {
	if response["description"] == "" {
		response["description"] = "a problem, see /docs/errors"
	}
	content, ok := response["content"].(object)
	if !ok {
		return
	}
	if status == "default" {
		var schema any
		for _, media := range content {
			schema = media.(object)["schema"]
		}
		response["content"] = object{"application/problem+json": object{"schema": schema}}
		return
	}
	for mediaType, media := range content {
		if mediaType != "application/json" {
			media.(object)["schema"] = binary()
		}
	}
}

func binary() object { return object{"type": "string", "format": "binary"} }
