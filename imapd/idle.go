package imapd

import (
	"context"
	"errors"
	"strings"

	"github.com/catchpost/catchpost/store"
)

// idleKinds are the changes that can be news to a view. A message that is
// received enters mailboxes, one that is deleted leaves them.
var idleKinds = []store.ChangeKind{
	store.MessageReceived, store.MessageUpdated, store.MessageDeleted, store.EntryChanged, store.EntryAdded,
	store.EntryExpunged, store.MailboxDeleted, store.AccountChanged, store.SandboxDeleted,
	store.MetadataChanged,
}

// idle is IDLE, RFC 9051 §6.3.13: one select over the client's line and the
// store's changes. Both readers end before it returns.
func (s *session) idle() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	kinds := idleKinds
	if s.notify != nil {
		kinds = notifyKinds
	}
	sub := s.backend.Subscribe(store.Interest{Sandbox: s.acc.Sandbox, Kinds: kinds})
	defer sub.Close()
	if r, ok := s.refresh(); !ok { // subscribed first, then looked
		return r
	}
	// The news of what came before follows the continuation: Thunderbird takes what it
	// reads first for its end.
	s.enc.Atom("+ idling\r\n")
	if s.flush() != nil {
		return result{none: true, quit: true}
	}
	s.news(true)
	s.tellMetadataNews()
	if s.flush() != nil {
		return result{none: true, quit: true}
	}
	ctx, cancel := context.WithCancel(s.ctx)
	changes := make(chan error)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		watch(ctx, sub, changes)
	}()
	defer func() { cancel(); <-ended }()
	line := make(chan error, 1)
	go func() { line <- s.conn.Await(s.dec.Next) }()
	for {
		select {
		case err := <-line:
			return s.endIdle(err)
		case err := <-changes:
			if r, ok := s.idleNews(err); !ok {
				s.conn.Leave(errSandboxEnded) // ends the pending read
				<-line
				return r
			}
		}
	}
}

// watch hands the subscription's wake-ups over, one at a time.
func watch(ctx context.Context, sub *store.Subscription, changes chan<- error) {
	for {
		_, err := sub.Next(ctx)
		if errors.Is(err, store.ErrLagged) { // the view looks for itself
			err = nil
		}
		select {
		case changes <- err:
		case <-ctx.Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// idleNews tells what changed; ok is false when the session must end.
func (s *session) idleNews(err error) (result, bool) {
	if err != nil {
		return s.failed(err), false
	}
	if s.view == nil && s.notify == nil {
		if _, err := s.backend.Sandbox(s.ctx, s.acc.Sandbox); err != nil {
			return s.failed(err), false
		}
	} else if r, ok := s.tellEvents(true); !ok { // after NOTIFY the events it asked for, RFC 5465 §4
		return r, false
	}
	s.tellMetadataNews()
	if s.flush() != nil {
		return result{none: true, quit: true}, false
	}
	return result{}, true
}

// endIdle takes the line that ended it: DONE, or the connection's error.
func (s *session) endIdle(err error) result {
	if err != nil {
		return s.lost(err)
	}
	if line := s.dec.RawLine(); !strings.EqualFold(line, "DONE") {
		return bad("expected DONE")
	}
	return ok("IDLE completed")
}
