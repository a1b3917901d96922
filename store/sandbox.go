package store

import (
	"context"
	"time"
)

// NewSandbox describes a sandbox to create; an empty Name has one generated.
type NewSandbox struct {
	Name   string
	TTL    time.Duration // 0: the default of 24 h; negative: never
	Limits *Limits
	Labels map[string]string
}

// CreateSandbox makes a sandbox and its token (shown this once).
// Errors: ErrSandboxExists, ErrBadName.
func (s *Store) CreateSandbox(ctx context.Context, n NewSandbox) (Sandbox, string, error) {
	panic("being built")
}

// Sandbox returns one. Errors: ErrNoSandbox, ErrSandboxEnded (kept 7 days).
func (s *Store) Sandbox(ctx context.Context, name string) (Sandbox, error) { panic("being built") }

// Sandboxes returns the living ones by name.
func (s *Store) Sandboxes(ctx context.Context) ([]Sandbox, error) { panic("being built") }

// SandboxChange says what to change; nil fields stay.
type SandboxChange struct {
	TTL    *time.Duration
	Limits *Limits
	Labels *map[string]string
}

// UpdateSandbox changes one.
func (s *Store) UpdateSandbox(ctx context.Context, name string, c SandboxChange) (Sandbox, error) {
	panic("being built")
}

// EndSandbox marks it dead in one commit; its rows are freed in chunks afterwards.
func (s *Store) EndSandbox(ctx context.Context, name string) error { panic("being built") }

// SandboxOfToken finds the sandbox a token opens. Errors: ErrBadLogin, ErrSandboxEnded.
func (s *Store) SandboxOfToken(ctx context.Context, token string) (Sandbox, error) {
	panic("being built")
}
