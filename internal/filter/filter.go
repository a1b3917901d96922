// Package filter compiles the one filter grammar of the product into one
// predicate. Looking runs it over the index, waking over the new messages only.
package filter

import (
	"net/url"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// Subject is the message a filter looks at; the store implements it. Cheap
// fields come from Summary; the others open the octets at first use and are
// remembered.
type Subject interface {
	Summary() *model.Summary
	Full() (*model.Message, error)           // text, html, headers, attachments, envelope, warnings
	BodyText() (string, error)               // field "body"
	SearchText() (q, rest string, err error) // folded, see message.Digest
	AttachmentTexts() ([]string, error)      // one for each of Full().Attachments
	Links() ([]model.Link, error)
	Codes() ([]model.Code, error)
}

// Error is a mistake in a filter. Code is an API error code: unknown_filter,
// bad_operator, bad_value, empty_value, bad_duration, bad_json.
type Error struct {
	Code   string
	Param  string
	Detail string
}

func (e *Error) Error() string { return e.Detail }

// Filter is a compiled filter; the zero value matches everything. It is
// immutable and safe for concurrent use.
type Filter struct{ clauses []Clause }

// Clause is one condition, for verdicts. (Conditions on one family are judged
// together by Filter.Match and one by one here.)
type Clause struct{ clause }
type clause struct{}

// ParseURL compiles the pairs of a query string that are not controls
// (sandbox order limit cursor include wait min all pretty).
func ParseURL(v url.Values, now time.Time) (*Filter, error) { panic("being built") }

// ParseJSON compiles a decoded JSON or YAML object. path prefixes Error.Param
// ("assertions[1].where").
func ParseJSON(m map[string]any, path string, now time.Time) (*Filter, error) { panic("being built") }

// ParseArgs compiles command-line words "field.op=value".
func ParseArgs(args []string, now time.Time) (*Filter, error) { panic("being built") }

// Match reports whether every condition holds.
func (f *Filter) Match(s Subject) (bool, error) { panic("being built") }

// Clauses returns the conditions in their order.
func (f *Filter) Clauses() []Clause { panic("being built") }

// Judge evaluates one condition on one message: whether it held and the actual
// values that it looked at (bounded in number and length).
func (c Clause) Judge(s Subject) (held bool, actual []string, err error) { panic("being built") }

// Plan says which indexes can narrow the candidates; every hint is necessary,
// none sufficient. It is computed at compile time.
type Plan struct {
	IDs           [][]string // id.eq / id.in: each group is a disjunction, groups are a conjunction
	After, Before uint64     // exclusive bounds on sequence; 0 is none
	Addresses     [][]string // lower-cased whole addresses of from/to/cc/bcc/reply_to/forward_paths/reverse_path eq, groups as above
	Needles       []string   // folded substrings that must stand in SearchText (q or rest)
	CheapOnly     bool       // Match touches Summary only
	WantsAppend   bool       // origin is asked for, so origin=append is not left out
	Seen          *bool
	Flagged       *bool
	Tags          []string
}

// Plan returns the compiled plan.
func (f *Filter) Plan() Plan { panic("being built") }

// String gives the filter back in its URL form, for logs and messages.
func (f *Filter) String() string { panic("being built") }
