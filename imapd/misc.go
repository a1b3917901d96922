package imapd

import (
	"compress/flate"
	"strings"
)

// noop is NOOP and CHECK: the news comes with every answer.
func (s *session) noop() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	return ok("completed")
}

// logout is LOGOUT, RFC 9051 §6.1.3.
func (s *session) logout() result {
	if !s.dec.ExpectEnd() {
		return result{}
	}
	return bye("OK", "LOGOUT completed", "until next time")
}

// idCommand is ID, RFC 2971. What the client says of itself goes into the session.
func (s *session) idCommand() result {
	d := s.dec
	d.ExpectSP()
	var pairs []string
	if d.Peek() == '(' {
		name, fields := "", 0
		d.List(func() {
			if fields++; fields > 60 { // RFC 2971 §3.3: at most 30 pairs
				d.Fail("too many fields")
			} else if fields%2 == 1 {
				name = d.String()
			} else if v, set := d.NString(); set {
				pairs = append(pairs, name+"="+v)
			}
		})
		if d.OK() && fields%2 == 1 {
			d.Fail("a field without a value")
		}
	} else if _, set := d.NString(); set {
		d.Fail("expected a list or NIL")
	}
	if !d.ExpectEnd() {
		return result{}
	}
	s.log.Debug("imap client", "id", strings.Join(pairs, " "))
	s.untagged(`ID ("name" "Catchpost" "vendor" "Catchpost" "version" %q)`, s.srv.opts.Version)
	return ok("ID completed")
}

// compress is COMPRESS, RFC 4978: both directions are deflated behind the answer.
func (s *session) compress() result {
	d := s.dec
	d.ExpectSP()
	word := upperAtom(d)
	if !d.ExpectEnd() {
		return result{}
	}
	if word != "DEFLATE" {
		return bad("unknown compression mechanism")
	}
	if s.compressed {
		return no("COMPRESSIONACTIVE", "DEFLATE is active")
	}
	if s.compressions++; s.compressions > maxCompressions {
		return no("LIMIT", "COMPRESS was started too often on this connection")
	}
	r := ok("DEFLATE active")
	r.after = s.startCompress
	return r
}

// startCompress puts DEFLATE between the protocol and the connection.
func (s *session) startCompress() {
	s.compressed = true
	fw, err := flate.NewWriter(s.conn.Layer(), flate.BestSpeed)
	if err != nil { // the level is a constant
		panic(err)
	}
	// What the client sent behind its command is compressed already.
	s.deflater, s.inflater = fw, newInflater(s.dec.Rest())
	s.dec.Reset(s.inflater)
	s.enc.Reset(fw, func() error {
		if err := fw.Flush(); err != nil {
			return err
		}
		return s.conn.Flush()
	})
}
