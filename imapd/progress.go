package imapd

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/catchpost/catchpost/store"
)

// progressEvery is how long a command works before its client hears of it, whatever
// the number of its steps, and the time between two such lines (RFC 9585 §4 asks for 10 to 15 seconds).
const progressEvery = 10 * time.Second

// progress is how far a command is: done of total steps, which are unknown while
// total is 0. The goroutine that works counts, the session's tells.
type progress struct{ done, total atomic.Int64 }

// begin starts counting to n.
func (p *progress) begin(n int) {
	p.done.Store(0)
	p.total.Store(int64(n))
}

// patiently runs what may take long in a goroutine of its own and meanwhile tells
// the client that the command is being worked on, by INPROGRESS (RFC 9585 §3). fn
// may not write to the client; a panic of it is the session's.
func (s *session) patiently(fn func()) {
	if s.waiting { // the caller's caller tells
		fn()
		return
	}
	s.waiting = true
	s.progress.begin(0)
	defer func() { s.waiting = false }()
	var thrown any
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer func() {
			if p := recover(); p != nil {
				thrown = fmt.Errorf("%v\n%s", p, debug.Stack())
			}
		}()
		fn()
	}()
	timer := time.NewTimer(progressEvery - time.Since(s.heard))
	defer timer.Stop()
	for {
		select {
		case <-done:
			if thrown != nil {
				panic(thrown)
			}
			return
		case <-timer.C:
			s.tellProgress()
			s.heard = time.Now()
			timer.Reset(progressEvery)
		}
	}
}

// tellProgress sends * OK [INPROGRESS ("tag" done total)].
func (s *session) tellProgress() {
	done, total := s.progress.done.Load(), s.progress.total.Load()
	if total > 0 && done < total {
		s.untagged(`OK [INPROGRESS ("%s" %d %d)] Still working, %d%% done`, s.tag, done, total, 100*done/total)
	} else {
		s.untagged(`OK [INPROGRESS ("%s" NIL NIL)] Still working`, s.tag)
	}
	_ = s.flush() // the command goes on; its answer finds the same error
}

// patient is the store with its long writes done patiently: each is one
// transaction, whose steps cannot be counted.
type patient struct {
	Backend
	s *session
}

// StoreFlags is the store's.
func (p patient) StoreFlags(ctx context.Context, id store.MailboxID, uids []store.UID, c store.FlagChange) (r []store.FlagResult, err error) {
	p.s.patiently(func() { r, err = p.Backend.StoreFlags(ctx, id, uids, c) })
	return r, err
}

// Expunge is the store's.
func (p patient) Expunge(ctx context.Context, id store.MailboxID, uids []store.UID, any bool) (gone []store.UID, at store.Sequence, err error) {
	p.s.patiently(func() { gone, at, err = p.Backend.Expunge(ctx, id, uids, any) })
	return gone, at, err
}

// Copy is the store's.
func (p patient) Copy(ctx context.Context, src store.MailboxID, uids []store.UID, dst store.MailboxID) (t store.Transfer, err error) {
	p.s.patiently(func() { t, err = p.Backend.Copy(ctx, src, uids, dst) })
	return t, err
}

// Move is the store's.
func (p patient) Move(ctx context.Context, src store.MailboxID, uids []store.UID, dst store.MailboxID) (t store.Transfer, err error) {
	p.s.patiently(func() { t, err = p.Backend.Move(ctx, src, uids, dst) })
	return t, err
}

// Append is the store's.
func (p patient) Append(ctx context.Context, id store.MailboxID, items []store.AppendItem) (t store.Transfer, err error) {
	p.s.patiently(func() { t, err = p.Backend.Append(ctx, id, items) })
	return t, err
}

// Replace is the store's.
func (p patient) Replace(ctx context.Context, src store.MailboxID, uid store.UID, dst store.MailboxID, item store.AppendItem) (t store.Transfer, err error) {
	p.s.patiently(func() { t, err = p.Backend.Replace(ctx, src, uid, dst, item) })
	return t, err
}

// RenameMailbox is the store's.
func (p patient) RenameMailbox(ctx context.Context, acc store.AccountRef, from, to string) (err error) {
	p.s.patiently(func() { err = p.Backend.RenameMailbox(ctx, acc, from, to) })
	return err
}

// DeleteMailbox is the store's.
func (p patient) DeleteMailbox(ctx context.Context, acc store.AccountRef, name string) (err error) {
	p.s.patiently(func() { err = p.Backend.DeleteMailbox(ctx, acc, name) })
	return err
}
