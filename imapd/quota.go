package imapd

// The one quota root is the account's sandbox, named ""; its limits are set by the
// API alone (RFC 9208 §4.1.1).

// getQuota is GETQUOTA.
func (s *session) getQuota() result {
	d := s.dec
	d.ExpectSP()
	root := d.AString()
	if !d.ExpectEnd() {
		return result{}
	}
	if root != "" {
		return no("NONEXISTENT", "no such quota root")
	}
	if r := s.tellQuota(); r.status != "" {
		return r
	}
	return ok("GETQUOTA completed")
}

// getQuotaRoot is GETQUOTAROOT.
func (s *session) getQuotaRoot() result {
	d := s.dec
	d.ExpectSP()
	name := d.Mailbox()
	if !d.ExpectEnd() {
		return result{}
	}
	if _, err := s.backend.Mailbox(s.ctx, s.acc, name); err != nil {
		return s.failed(err)
	}
	s.enc.Atom("* QUOTAROOT ")
	s.enc.Mailbox(name)
	s.enc.Atom(` ""`)
	s.enc.CRLF()
	if r := s.tellQuota(); r.status != "" {
		return r
	}
	return ok("GETQUOTAROOT completed")
}

// setQuota is SETQUOTA, which is not offered (no QUOTASET): RFC 9208 §4.1.3.
func (s *session) setQuota() result {
	d := s.dec
	d.ExpectSP()
	d.AString()
	d.ExpectSP()
	d.List(func() { d.ExpectAtom() })
	if !d.ExpectEnd() {
		return result{}
	}
	return no("NOPERM", "limits are set through the API")
}

// tellQuota writes the usage; a resource without a limit is not told (RFC 9208 §4.2.1).
func (s *session) tellQuota() result {
	sb, err := s.backend.Sandbox(s.ctx, s.acc.Sandbox)
	if err != nil {
		return s.failed(err)
	}
	e := s.enc
	e.Atom(`* QUOTA "" (`)
	sep := ""
	if sb.Limits.Bytes > 0 { // STORAGE counts units of 1024 octets, RFC 9208 §5.1
		e.Atom("STORAGE " + itoa(uint64((sb.Bytes+1023)/1024)) + " " + itoa(uint64(sb.Limits.Bytes/1024)))
		sep = " "
	}
	if sb.Limits.Messages > 0 {
		e.Atom(sep + "MESSAGE " + itoa(uint64(sb.Messages)) + " " + itoa(uint64(sb.Limits.Messages)))
	}
	e.Atom(")\r\n")
	return result{}
}
