package program

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/tlsca"
	"github.com/catchpost/catchpost/store"
)

// Instance is a running catchpost.
type Instance struct {
	Options   Options
	Store     *store.Store
	Listening []Listening

	log     *slog.Logger
	outward outward
	tls     *tls.Config
	ca      *tlsca.CA // nil where a certificate was given
	servers []server
	counts  map[string][]func() int // open connections, by kind of listener
	serving sync.WaitGroup
	failed  chan error // the first server that ended by itself
}

// server is what smtpd, pop3d, imapd and api have in common.
type server interface {
	Serve(net.Listener) error
	Shutdown(context.Context) error
}

// Listening is a listener and what it is for.
type Listening struct {
	Name    string // smtp, smtps, …
	Network string // tcp or unix
	Address string // HOST:PORT or a path
	TLS     string // "", "starttls" or "implicit"
	Auth    bool   // whether a login is demanded
}

// StartOptions are what Start needs beyond Options.
type StartOptions struct {
	Log      *slog.Logger
	Progress func(done, total int) // while the data file's indexes are rebuilt
}

// Start opens the data file and the listeners and serves. Errors are one line.
func Start(ctx context.Context, o Options, so StartOptions) (*Instance, error) {
	if so.Log == nil {
		so.Log = slog.New(slog.DiscardHandler)
	}
	in := &Instance{Options: o, log: so.Log, failed: make(chan error, 1), counts: map[string][]func() int{}}
	open, err := o.Listeners.listen()
	if err != nil {
		return nil, err
	}
	closeAll := func() {
		for _, l := range open {
			_ = l.Close()
		}
	}
	if err := in.openStore(ctx, so.Progress); err != nil {
		closeAll()
		return nil, err
	}
	if err := in.startOutward(); err != nil {
		closeAll()
		return nil, errors.Join(err, in.Store.Close())
	}
	if err := in.serve(open); err != nil {
		closeAll()
		in.outward.cancel()
		in.serving.Wait()
		return nil, errors.Join(err, in.Store.Close())
	}
	return in, nil
}

// sandboxLimits are what a created sandbox has where its creator says nothing.
func (in *Instance) sandboxLimits() store.Limits {
	return store.Limits{Bytes: int64(in.Options.Data.SandboxMaxBytes)}
}

// openStore opens the data file, whose folder is made when it is the default one.
func (in *Instance) openStore(ctx context.Context, progress func(done, total int)) error {
	o := &in.Options
	path, err := dataFile(o.Data.Data)
	if err != nil {
		return err
	}
	o.Data.Data = path
	if path != store.InMemory {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("the folder of the data file: %w", err)
		}
	}
	so := store.Options{
		Path: path, Relaxed: o.Data.Durability == "relaxed",
		DefaultLimits: store.Limits{Messages: o.Data.MaxMessages, Bytes: int64(o.Data.MaxBytes), Age: o.Data.MaxAge, Refuse: o.Data.OnFull == "refuse"},
		SandboxLimits: in.sandboxLimits(),
		SandboxDomain: in.sandboxDomain(), UnknownLogin: o.Login.UnknownLogin, AdminToken: o.Login.AdminToken,
		MaxSessions: o.Data.MaxSessions, MaxSessionBytes: int64(o.Data.MaxSessionBytes),
		Log: in.log, Progress: progress, Derive: in.outward.derive, DeriveChange: in.outward.deriveChange,
	}
	if o.HTTP.Compat == "mailpit" {
		so.Tag = o.HTTP.tagSources.Tags
	}
	if o.Login.users != nil {
		so.Accounts = plainAccounts(o.Login.users)
	}
	if o.Login.AccountsFile != "" {
		if so.Accounts, err = readAccounts(o.Login.AccountsFile); err != nil {
			return err
		}
	}
	in.Store, err = store.Open(ctx, so)
	return err
}

// Failed yields the error of a server that ended by itself.
func (in *Instance) Failed() <-chan error { return in.failed }

// shutdownMost is how long a shutdown in good order may take.
const shutdownMost = 20 * time.Second

// Shutdown ends every server in good order, then the store. Requests that wait
// are answered; commits in flight end before their connections are told 421.
func (in *Instance) Shutdown(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, shutdownMost)
	defer cancel()
	errs := make([]error, len(in.servers))
	var wg sync.WaitGroup
	for i, s := range in.servers {
		wg.Go(func() { errs[i] = s.Shutdown(ctx) })
	}
	wg.Wait()
	in.outward.cancel()
	in.serving.Wait()
	return errors.Join(errors.Join(errs...), in.Store.Close())
}

// Addr is the address of the first listener of that name; "" if there is none.
func (in *Instance) Addr(name string) string {
	for _, l := range in.Listening {
		if l.Name == name {
			return l.Address
		}
	}
	return ""
}
