package smtpd

import (
	"fmt"
	"strings"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/internal/sasl"
)

// hello is HELO, RFC 5321 §4.1.1.1.
func (s *session) hello(p *parser) reply {
	name, r := heloName(p)
	if r != nil {
		return *r
	}
	s.reset() // RFC 5321 §4.1.4
	s.helo, s.extended = name, false
	return reply{code: 250, text: s.cfg.Hostname}
}

// ehlo is EHLO, and LMTP's LHLO.
func (s *session) ehlo(p *parser) reply {
	name, r := heloName(p)
	if r != nil {
		return *r
	}
	s.reset()
	s.helo, s.extended = name, true
	return reply{code: 250, text: s.cfg.Hostname + "\n" + strings.Join(s.extensions(), "\n")}
}

// heloName = Domain / address-literal.
func heloName(p *parser) (string, *reply) {
	name := strings.TrimLeft(p.in, " ")
	if name == "" {
		return "", &reply{code: 501, enhanced: "5.5.4", text: "Say who you are: a domain or an address literal"}
	}
	if _, err := address.ParseDomain(name, true); err != nil {
		return "", &reply{code: 501, enhanced: "5.5.4", text: oneLine(fmt.Sprintf("%q is no domain and no address literal", clip(name)))}
	}
	return name, nil
}

// extensions are the EHLO keywords that hold now.
func (s *session) extensions() []string {
	list := []string{
		"PIPELINING",
		fmt.Sprintf("SIZE %d", s.cfg.Limits.MessageSize),
		"8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES",
		fmt.Sprintf("LIMITS RCPTMAX=%d", s.cfg.Limits.Recipients), // RFC 9422 §4
	}
	if s.cfg.TLS != nil && s.c.TLS() == nil {
		list = append(list, "STARTTLS")
	}
	if s.c.TLS() != nil {
		list = append(list, "REQUIRETLS")
	}
	if mechs := s.mechanisms(); len(mechs) > 0 {
		list = append(list, "AUTH "+strings.Join(mechs, " "))
	}
	return append(list, "VRFY", "EXPN", "VERB", "HELP")
}

// mechanisms are those of AUTH that may be used now: none before TLS where it is
// demanded, none after a login.
func (s *session) mechanisms() []string {
	if s.mech != "" || s.needsTLS() {
		return nil
	}
	list := []string{sasl.Plain, sasl.Login}
	if !s.cfg.ClearOnly {
		list = append(list, sasl.CRAMMD5)
	}
	if s.cfg.SCRAM {
		list = append([]string{sasl.SCRAMSHA256}, list...)
	}
	return append(list, sasl.XOAuth2, sasl.OAuthBearer)
}

func (s *session) needsTLS() bool { return s.cfg.AuthNeedsTLS && s.c.TLS() == nil }
