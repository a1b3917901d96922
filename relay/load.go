package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/store"
)

// timeNever is the due time of what will not be tried again.
var timeNever time.Time

// loadError is a permanent reason why a message cannot be relayed.
type loadError struct{ enhanced, text string }

func (e *loadError) Error() string { return e.text }

func loadResult(err error) result {
	if le := (*loadError)(nil); errors.As(err, &le) {
		return result{outcomeFailed, "load", 0, le.enhanced, le.text}
	}
	return result{outcomeDeferred, "load", 0, "4.3.0", "the message could not be read: " + err.Error()}
}

// load reads the message and makes what goes before it; release gives its
// memory back. The prefix is empty where the row has it already.
func (r *Relay) load(ctx context.Context, rows []store.QueueEntry) (t transaction, release func(), err error) {
	first := rows[0]
	release = func() {}
	m, err := r.c.Store.Message(ctx, first.Sandbox, first.MessageID)
	if err != nil {
		return t, release, gone(err)
	}
	size := min(m.Size, octetsMost)
	if err := r.octets.Acquire(ctx, size); err != nil {
		return t, release, err
	}
	release = func() { r.octets.Release(size) }
	raw, err := r.c.Store.Raw(ctx, m)
	if err != nil {
		return t, release, gone(err)
	}
	header := headerOf(raw)
	if n := receivedFields(header); n >= receivedMost { // RFC 5321 §6.3
		return t, release, &loadError{"5.4.6", fmt.Sprintf("mail loop: the message has %d Received fields", n)}
	}
	t = transaction{
		reversePath: r.c.Rewrite.reversePath(first.ReversePath), ret: first.Ret, envid: first.EnvID, prefix: first.Received, raw: raw,
		binary: m.Envelope.Body == "BINARYMIME", requireTLS: m.Envelope.RequireTLS,
		eightBit: !ascii(raw) || !ascii(first.Received),
	}
	if len(first.Attempts) == 0 {
		if t.prefix, err = r.c.Rewrite.prefix(first.Received, raw); err != nil {
			return t, release, &loadError{"5.7.0", err.Error()}
		}
	}
	t.utf8 = !ascii(t.reversePath) || m.Envelope.SMTPUTF8 && !ascii(header) // RFC 6531 §3.4
	for _, rc := range recipients(rows) {
		t.utf8 = t.utf8 || !ascii(rc.path)
	}
	return t, release, nil
}

// gone makes an error of the store permanent where the message is no longer there.
func gone(err error) error {
	if errors.Is(err, store.ErrNotFound) || errors.Is(err, store.ErrNoSandbox) || errors.Is(err, store.ErrSandboxEnded) {
		return &loadError{"5.3.0", "the message is gone"}
	}
	return err
}

func recipients(rows []store.QueueEntry) []recipient {
	out := make([]recipient, len(rows))
	for i, e := range rows {
		out[i] = recipient{path: rcptPath(e), notify: e.DSN.Notify}
		if e.DSN.ORCPT != nil {
			out[i].orcpt = *e.DSN.ORCPT
		}
	}
	return out
}

// rcptPath is the forward-path as it goes out. A domain alone does not make
// SMTPUTF8 necessary: it goes as its A-label, RFC 6531 §3.2.
func rcptPath(e store.QueueEntry) string {
	if ascii(e.ForwardPath) || e.Domain == "" {
		return e.ForwardPath
	}
	a, err := address.ParseMailbox(e.ForwardPath)
	i := strings.LastIndexByte(e.ForwardPath, '@')
	if err != nil || !ascii(a.Local) || i < 0 {
		return e.ForwardPath
	}
	return e.ForwardPath[:i+1] + e.Domain
}

func ascii[T string | []byte](s T) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// receivedMost is the number of trace fields that means a loop, RFC 5321 §6.3.
const receivedMost = 100

// headerOf is the header section with its last line's end.
func headerOf(raw []byte) []byte {
	for at := 0; at < len(raw); {
		i := bytes.IndexByte(raw[at:], '\n')
		if i < 0 {
			break
		}
		if len(bytes.TrimRight(raw[at:at+i], "\r")) == 0 {
			return raw[:at]
		}
		at += i + 1
	}
	return raw
}

// receivedFields counts the trace fields of a header.
func receivedFields(header []byte) int {
	n := 0
	for line := range bytes.Lines(header) {
		if name, _, ok := bytes.Cut(line, []byte(":")); ok && strings.EqualFold(string(bytes.TrimRight(name, " \t")), "Received") {
			n++
		}
	}
	return n
}
