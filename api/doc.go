// Package api serves the HTTP contract of Catchpost: the native REST API under
// /v1, its event streams, health, metrics and documentation. Handlers take a
// judged request and return a value or an error; one place writes the answer,
// one function turns errors into application/problem+json (RFC 9457).
//
// The comments above the handlers are the source of the OpenAPI document, see
// package openapi.
package api

// General description of the OpenAPI document, read by swag.
//
//	@title						Catchpost
//	@version					1
//	@description				A mail testing sandbox: capture by SMTP, look, wait and assert over HTTP. Filters are query parameters of the form [not.]field[.op]=value, see /docs/filters.
//	@license.name				MIT
//	@BasePath					/
//	@securityDefinitions.basic	sandbox
//	@securityDefinitions.apikey	token
//	@in							header
//	@name						Authorization
//	@description				Bearer TOKEN: a sandbox's token or the administrator's.
