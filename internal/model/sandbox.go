package model

import (
	"encoding/json"
	"time"
)

// Sandbox is an isolated capture space. Token, passwords, SMTP.URL and the token
// in PageURL are filled in the answer to its creation only.
type Sandbox struct {
	Name      string            `json:"name"`
	Token     string            `json:"token,omitempty"`
	CreatedAt time.Time         `json:"created_at"`
	ExpiresAt *time.Time        `json:"expires_at"`
	Labels    map[string]string `json:"labels"`
	Messages  int64             `json:"messages"`
	Bytes     int64             `json:"bytes"`
	Pruned    int64             `json:"pruned"`
	Sequence  uint64            `json:"sequence"`
	Limits    Limits            `json:"limits"`
	Domain    string            `json:"domain"`
	SMTP      *Access           `json:"smtp"`
	POP3      *Access           `json:"pop3"`
	IMAP      *Access           `json:"imap"`
	APIURL    string            `json:"api_url"`
	PageURL   string            `json:"page_url"`
}

// Limits bound a sandbox; null is no limit. Age is a duration ("24h").
type Limits struct {
	Messages *int64  `json:"messages"`
	Bytes    *int64  `json:"bytes"`
	Age      *string `json:"age"`
	OnFull   string  `json:"on_full"`
}

// Access says how a client reaches one server for a sandbox.
type Access struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	User     string `json:"user"`
	Password string `json:"password,omitempty"`
	URL      string `json:"url,omitempty"`
}

// Nullable tells an absent JSON key (not Set) from null (Null).
type Nullable[T any] struct {
	Set   bool
	Null  bool
	Value T
}

// UnmarshalJSON implements json.Unmarshaler.
func (n *Nullable[T]) UnmarshalJSON(b []byte) error {
	n.Set = true
	if string(b) == "null" {
		n.Null = true
		return nil
	}
	return json.Unmarshal(b, &n.Value)
}

// IsZero leaves absent keys out of JSON (omitzero).
func (n Nullable[T]) IsZero() bool { return !n.Set }

// MarshalJSON implements json.Marshaler.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	if n.Null {
		return []byte("null"), nil
	}
	return json.Marshal(n.Value)
}

// NewSandbox is the body of POST /sandboxes. TTL is a duration; null is for ever.
type NewSandbox struct {
	Name   string            `json:"name,omitempty"`
	TTL    Nullable[string]  `json:"ttl,omitzero" swaggertype:"string"`
	Limits *LimitsChange     `json:"limits,omitempty"`
	Labels map[string]string `json:"labels,omitzero"`
}

// SandboxChange is the body of PATCH /sandboxes/{name}; absent keys stay. TTL
// counts from now.
type SandboxChange struct {
	TTL    Nullable[string]   `json:"ttl,omitzero" swaggertype:"string"`
	Limits *LimitsChange      `json:"limits,omitempty"`
	Labels *map[string]string `json:"labels,omitempty"`
}

// LimitsChange changes limits; absent keys stay, null is no limit.
type LimitsChange struct {
	Messages Nullable[int64]  `json:"messages,omitzero" swaggertype:"integer"`
	Bytes    Nullable[int64]  `json:"bytes,omitzero" swaggertype:"integer"`
	Age      Nullable[string] `json:"age,omitzero" swaggertype:"string"`
	OnFull   string           `json:"on_full,omitempty" enums:"prune,refuse"`
}

// Sandboxes answers GET /sandboxes.
type Sandboxes struct {
	Sandboxes []Sandbox `json:"sandboxes"`
}
