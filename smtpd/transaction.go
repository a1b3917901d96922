package smtpd

import (
	"slices"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// transaction is what RSET forgets: the envelope and the mail data so far.
type transaction struct {
	reversePath  string
	forwardPaths []string // exact spelling
	sandboxes    []string // where they go, each once, in order
	recipients   []model.DSNRecipient
	refused      int // RCPTs that were not taken

	size       int64  // declared
	body       string // 7BIT, 8BITMIME, BINARYMIME or ""
	smtpUTF8   bool
	requireTLS bool
	ret, envID *string

	octets  *store.Octets
	chunked bool // BDAT began
}

// reset forgets the transaction.
func (s *session) reset() {
	if s.tx != nil && s.tx.octets != nil {
		s.tx.octets.Discard()
	}
	s.tx = nil
}

// chosen is the sandbox that the login chose, "" where each forward-path finds
// its own: without a login, and with one that names no sandbox.
func (s *session) chosen() string {
	if s.mech == "" || s.login.Sandbox == store.DefaultSandbox && !namesDefault(s.login.User) {
		return ""
	}
	return s.login.Sandbox
}

func namesDefault(user string) bool {
	const name = store.DefaultSandbox
	return user == name || len(user) > len(name) && user[:len(name)+1] == name+"/"
}

// accept adds a forward-path.
func (tx *transaction) accept(path, sandbox string, dsn model.DSNRecipient) {
	tx.forwardPaths = append(tx.forwardPaths, path)
	tx.recipients = append(tx.recipients, dsn)
	if !slices.Contains(tx.sandboxes, sandbox) {
		tx.sandboxes = append(tx.sandboxes, sandbox)
	}
}

// envelope is what the session and the transaction said.
func (s *session) envelope() model.Envelope {
	tx := s.tx
	return model.Envelope{
		HELO: s.helo, ClientAddress: s.c.ClientAddress(), Protocol: s.protocol(),
		AuthUser: s.login.User, AuthMechanism: s.mech, AuthVerified: s.mech != "" && s.login.Verified,
		TLS: s.c.TLS(), Body: tx.body, SMTPUTF8: tx.smtpUTF8, RequireTLS: tx.requireTLS,
		DeclaredSize: tx.size, SessionID: s.c.ID(),
		DSN: model.DSN{EnvID: tx.envID, Ret: tx.ret, Recipients: tx.recipients},
	}
}

// protocol is the "with" of a Received field, RFC 3848 and RFC 6531 §4.3.
func (s *session) protocol() string {
	p := "SMTP"
	switch {
	case s.cfg.Mode == LMTP:
		p = "LMTP"
	case !s.extended:
		return p
	case !s.tx.smtpUTF8:
		p = "ESMTP"
	}
	if s.tx.smtpUTF8 {
		p = "UTF8" + p
	}
	if s.c.TLS() != nil {
		p += "S"
	}
	if s.mech != "" {
		p += "A"
	}
	return p
}
