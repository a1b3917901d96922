package pop3d

import (
	"bytes"
	"context"
	"fmt"

	"github.com/catchpost/catchpost/store"
)

// Maildrops is what the server asks of the store, which is its one implementation.
type Maildrops interface {
	Mailbox(ctx context.Context, acc store.AccountRef, name string) (store.MailboxInfo, error)
	MailboxState(ctx context.Context, id store.MailboxID) (*store.MailboxState, error)
	FetchRaw(ctx context.Context, id store.MailboxID, uids []store.UID, fn func(store.UID, []byte) error) error
	Expunge(ctx context.Context, id store.MailboxID, uids []store.UID, any bool) ([]store.UID, store.Sequence, error)
}

// maildrop is the INBOX as it was at login (RFC 1939 §4): numbering, sizes and
// marks. It needs no socket, and the store only for what it was not told.
type maildrop struct {
	id       store.MailboxID
	validity store.UIDValidity
	uids     []store.UID // message-number 1 is uids[0]
	octets   []int64     // as sent, see sentOctets; -1 while not known
	deleted  []bool
	marks    int
}

func newMaildrop(st *store.MailboxState) *maildrop {
	m := &maildrop{id: st.ID, validity: st.UIDValidity, uids: st.UIDs,
		octets: make([]int64, len(st.UIDs)), deleted: make([]bool, len(st.UIDs))}
	for i := range m.octets {
		m.octets[i] = -1
	}
	return m
}

// sentOctets is how many octets RETR sends of a message, dots stuffed for
// transparency not counted (RFC 1939 §11): every line ends in CRLF, also where
// the message has a bare LF or no end.
func sentOctets(raw []byte) int64 {
	n := int64(len(raw))
	n += int64(bytes.Count(raw, []byte("\n")) - bytes.Count(raw, []byte("\r\n")))
	if len(raw) > 0 && raw[len(raw)-1] != '\n' {
		n += 2
		if raw[len(raw)-1] == '\r' {
			n--
		}
	}
	return n
}

// measure learns the sizes that are not known: of one message, or of all with i < 0.
func (m *maildrop) measure(ctx context.Context, s Maildrops, i int) error {
	var uids []store.UID
	if i >= 0 {
		if m.octets[i] >= 0 {
			return nil
		}
		uids = m.uids[i : i+1]
	} else {
		for k, n := range m.octets {
			if n < 0 {
				uids = append(uids, m.uids[k])
			}
		}
	}
	if len(uids) == 0 {
		return nil
	}
	at := max(i, 0)
	err := s.FetchRaw(ctx, m.id, uids, func(uid store.UID, raw []byte) error {
		for m.uids[at] != uid {
			at++
		}
		m.octets[at] = sentOctets(raw)
		return nil
	})
	for k := range m.octets { // gone since login: it has no octets any more
		if err == nil && m.octets[k] < 0 && (i < 0 || i == k) {
			m.octets[k] = 0
		}
	}
	return err
}

// present returns the index of a message-number; marked messages do not count
// (RFC 1939 §5).
func (m *maildrop) present(n int) (int, bool) {
	if n < 1 || n > len(m.uids) || m.deleted[n-1] {
		return 0, false
	}
	return n - 1, true
}

// stat counts messages and octets that are not marked.
func (m *maildrop) stat() (count int, octets int64) {
	for i, d := range m.deleted {
		if !d {
			count++
			octets += m.octets[i]
		}
	}
	return count, octets
}

func (m *maildrop) mark(i int) {
	m.deleted[i] = true
	m.marks++
}

func (m *maildrop) reset() {
	clear(m.deleted)
	m.marks = 0
}

// marked lists the UIDs that QUIT removes.
func (m *maildrop) marked() []store.UID {
	out := make([]store.UID, 0, m.marks)
	for i, d := range m.deleted {
		if d {
			out = append(out, m.uids[i])
		}
	}
	return out
}

// uniqueID is stable for ever: UIDVALIDITY and UID (RFC 1939 §7 UIDL).
func (m *maildrop) uniqueID(i int) string { return fmt.Sprintf("%d.%d", m.validity, m.uids[i]) }
