package imapd

import (
	"slices"

	"github.com/catchpost/catchpost/store"
)

// maxCompressions bounds how often one connection may start COMPRESS anew: each
// leaves a reader behind.
const maxCompressions = 20

// unauthenticate is UNAUTHENTICATE, RFC 8437 §3: all state of the session goes, but
// for TLS and what ID told. It cannot answer NO, so that a client may send its next
// login without waiting for the answer.
func (s *session) unauthenticate() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	if s.srv.opts.NoUnauthenticate {
		return bad("unknown command")
	}
	if s.compressed && s.dec.Buffered() > 0 { // RFC 8437 §4.1: the layer ends at the command's CRLF
		return bye("BAD", "octets in the compressed stream behind UNAUTHENTICATE", "octets in the compressed stream behind UNAUTHENTICATE")
	}
	s.srv.sandboxes.Remove(s.acc.Sandbox, s.conn)
	if !slices.Contains(s.earlier, s.acc.Sandbox) {
		s.earlier = append(s.earlier, s.acc.Sandbox)
	}
	s.log = s.srv.opts.Log.With("server", "imap", "session", s.conn.ID())
	s.forget()
	r := ok("UNAUTHENTICATE completed, log in again")
	if s.compressed {
		// The answer's CRLF stands in the stream's last block: whether a client reads
		// to the end of the stream or to the CRLF, it ends at the same octet.
		s.enc.Reset(s.deflater, func() error {
			if err := s.deflater.Close(); err != nil {
				return err
			}
			return s.conn.Flush()
		})
		r.after = s.endCompress
	}
	return r
}

// forget resets what a login, ENABLE and the selected mailbox made of the session
// (RFC 8437 §4.1).
func (s *session) forget() {
	s.view = nil
	s.metadata.end()
	s.stopNotify()
	s.owes = owed{}
	s.state = notAuthenticated
	s.id, s.acc = store.Identity{}, store.AccountRef{}
	s.condstore, s.qresync, s.rev2, s.uidOnly = false, false, false, false
	s.dec.UTF8, s.enc.UTF8 = false, false
}

// endCompress takes DEFLATE out again, behind the answer.
func (s *session) endCompress() {
	s.compressed = false
	s.inflater.end()
	s.inflater, s.deflater = nil, nil
	s.enc.Reset(s.conn.Layer(), s.conn.Flush)
}

// recordedSandbox is whose session this was: a token of one sandbox may not read
// what was said in another, so one that logged in to several is the administrator's.
func (s *session) recordedSandbox() string {
	names := slices.DeleteFunc(append(slices.Clone(s.earlier), s.acc.Sandbox), func(name string) bool { return name == "" })
	slices.Sort(names)
	if names = slices.Compact(names); len(names) == 1 {
		return names[0]
	}
	return ""
}
