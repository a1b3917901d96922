package model

import "time"

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
