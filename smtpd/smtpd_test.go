package smtpd

import (
	"context"
	"errors"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/fault"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// fakeStore is a store whose lookups, failures and sessions a test can see.
type fakeStore struct {
	*store.Store
	mu         sync.Mutex
	deliveries []store.Delivery
	deliverErr error
	routeErr   map[string]error
	accounts   []string
	aliases    map[string][]string
	sessions   chan *model.Session
	published  int
}

func (f *fakeStore) Route(sandbox, path string) (string, error) {
	if err := f.routeErr[path]; err != nil {
		return "", err
	}
	return f.Store.Route(sandbox, path)
}

func (f *fakeStore) Deliver(ctx context.Context, d store.Delivery) ([]*store.Message, error) {
	if f.deliverErr != nil {
		d.Octets.Discard()
		return nil, f.deliverErr
	}
	f.mu.Lock()
	f.deliveries = append(f.deliveries, d)
	f.mu.Unlock()
	return f.Store.Deliver(ctx, d)
}

func (f *fakeStore) Alias(_ context.Context, _, addr string) (store.Alias, error) {
	if members, ok := f.aliases[addr]; ok {
		return store.Alias{Address: addr, Members: members}, nil
	}
	return store.Alias{}, store.ErrNotFound
}

func (f *fakeStore) Account(_ context.Context, ref store.AccountRef) (store.Account, error) {
	a := store.Account{AccountRef: ref, Address: ref.Key}
	if slices.Contains(f.accounts, ref.Key) {
		a.Messages = 1
	}
	return a, nil
}

func (f *fakeStore) Accounts(context.Context, string) ([]store.Account, error) {
	var list []store.Account
	for _, a := range f.accounts {
		list = append(list, store.Account{AccountRef: store.AccountRef{Key: a}, Address: a})
	}
	return list, nil
}

func (f *fakeStore) SaveSession(_ context.Context, s *model.Session) error {
	f.sessions <- s
	return nil
}

func (f *fakeStore) PublishSession(*model.Session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.published++
}

// raw returns the octets of the newest message.
func (f *fakeStore) raw(t testing.TB) string {
	t.Helper()
	page, err := f.List(context.Background(), store.Query{Sandbox: store.DefaultSandbox, Limit: 1})
	if err != nil || len(page.Messages) == 0 {
		t.Fatalf("no message: %v", err)
	}
	b, err := f.Raw(context.Background(), page.Messages[0])
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func openStore(t testing.TB) *fakeStore {
	t.Helper()
	st, err := store.Open(context.Background(), store.Options{Path: ":memory:", SandboxDomain: "catchpost.test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(st.CheckConsistency(), st.Close()); err != nil {
			t.Error(err)
		}
	})
	return &fakeStore{Store: st, sessions: make(chan *model.Session, 100), routeErr: map[string]error{}, aliases: map[string][]string{}}
}

// start serves cfg on a loopback port and returns its address.
func start(t testing.TB, cfg Config, implicitTLS bool) string {
	t.Helper()
	cfg.Hostname = "mx.catchpost.test"
	srv := New(cfg)
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() {
		if implicitTLS {
			ended <- srv.ServeTLS(ln)
		} else {
			ended <- srv.Serve(ln)
		}
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, ErrServerClosed) {
			t.Error(err)
		}
	})
	return ln.Addr().String()
}

func rules(t testing.TB, list ...fault.Rule) *fault.Set {
	t.Helper()
	s := new(fault.Set)
	if err := s.Replace(list); err != nil {
		t.Fatal(err)
	}
	return s
}
