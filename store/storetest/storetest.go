// Package storetest opens stores for tests: every one is checked and closed
// when its test ends.
package storetest

import (
	"context"
	"errors"
	"path/filepath"
	"testing"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// Open opens a store in a file of the test's own, or in memory with
// store.InMemory as o.Path. At the end of the test it must be consistent.
func Open(tb testing.TB, o store.Options) *store.Store {
	tb.Helper()
	if o.Path == "" {
		o.Path = filepath.Join(tb.TempDir(), "catchpost.db")
	}
	s, err := store.Open(context.Background(), o)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.CheckConsistency(); err != nil && !errors.Is(err, store.ErrClosed) {
			tb.Errorf("the store is not consistent: %v", err)
		}
		if err := s.Close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

// Deliver delivers a message as SMTP does and returns it; with forward-paths in
// several sandboxes it returns the first.
func Deliver(tb testing.TB, s *store.Store, raw string, forwardPaths ...string) *store.Message {
	tb.Helper()
	return DeliverTo(tb, s, "", raw, forwardPaths...)
}

// DeliverTo is Deliver into one sandbox, as if it was named by the login.
func DeliverTo(tb testing.TB, s *store.Store, sandbox, raw string, forwardPaths ...string) *store.Message {
	tb.Helper()
	o := s.NewOctets()
	if _, err := o.Write([]byte(raw)); err != nil {
		tb.Fatal(err)
	}
	messages, err := s.Deliver(context.Background(), store.Delivery{
		Origin: model.OriginSMTP, Sandbox: sandbox, ReversePath: "sender@test.example",
		ForwardPaths: forwardPaths, Octets: o,
	})
	if err != nil {
		tb.Fatal(err)
	}
	return messages[0]
}
