package store

// decodeRecordLogin decodes a record's head and the login of its session, and all
// of it where there are attachments.
func decodeRecordLogin(seq Sequence, row []byte) (*record, error) {
	r := reader{b: row}
	rec := r.recordHead(seq)
	if rec.m.Digest.Attachments > 0 {
		r.digestRest(rec.m.Digest)
		rec.m.Envelope = r.envelope()
		return rec, r.finish("message record")
	}
	rec.m.Envelope.AuthUser = r.login()
	return rec, r.finish("message record")
}

// recordLogin reads nothing but the login.
func recordLogin(row []byte) (string, error) {
	r := reader{b: row}
	r.version(recordVersion)
	r.fixed32()
	r.skipRecordHead()
	login := r.login()
	return login, r.finish("message record")
}

// login reads the login of the session, which stands behind the head.
func (r *reader) login() string {
	r.skipDigestRest()
	for range 3 {
		r.take(r.uint()) // HELO, client address, protocol
	}
	return r.string()
}

// skipDigestRest passes over what digestRest reads.
func (r *reader) skipDigestRest() {
	r.skipStrings(1) // In-Reply-To
	r.skipStrings(1) // References
	r.int()          // text part
	r.int()          // HTML part
	for range 3 {
		r.take(r.uint()) // ENVELOPE, BODY, BODYSTRUCTURE
	}
	for range r.count() {
		r.take(r.uint()) // a warning's code
		r.take(r.uint()) // its detail
		r.int()          // its offset
	}
	for range r.count() {
		r.skipPart()
	}
}

// skipPart passes over what part reads.
func (r *reader) skipPart() {
	r.take(r.uint()) // path
	for range 5 {
		r.int() // parent, where header and body stand, lines
	}
	r.take(r.uint()) // type
	r.skipStrings(2) // its parameters
	r.take(r.uint()) // encoding
	r.take(r.uint()) // disposition
	r.skipStrings(2) // its parameters
	for range 3 {
		r.take(r.uint()) // Content-ID, description, name
	}
	r.int()          // size
	r.take(r.uint()) // SHA-256
	r.bool()         // attachment
}
