package smtpd

import (
	"errors"
	"time"

	"github.com/catchpost/catchpost/internal/daemon"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// record is the session as it is shown.
func (s *session) record(lines bool) *model.Session {
	sess := s.c.Session(lines)
	sess.HELO, sess.AuthUser = s.helo, s.login.User
	sess.Sandbox = s.sandbox()
	sess.Verbs = append(sess.Verbs, s.verbs...)
	sess.Messages = append(sess.Messages, s.messages...)
	return sess
}

// sandbox is whose session this is: the login's; else the only one that mail
// reached; else the default one.
func (s *session) sandbox() string {
	switch {
	case s.mech != "" && s.login.Sandbox != "":
		return s.login.Sandbox
	case len(s.sandboxes) == 1:
		return s.sandboxes[0]
	}
	return store.DefaultSandbox
}

// publish tells of the session's progress, not too often.
func (s *session) publish() {
	now := time.Now()
	if now.Sub(s.published) < publishEvery {
		return
	}
	s.published = now
	s.cfg.Backend.PublishSession(s.record(false))
}

// outcome sums a session up in one of the words of model.Session.
func (s *session) outcome(aborted bool) string {
	switch {
	case s.failure != "":
		return s.failure
	case len(s.messages) > 0:
		return "delivered"
	case errors.Is(s.lost, daemon.ErrIdle):
		return "timeout"
	case s.rejected || s.errors > 0 && s.begun:
		return "rejected"
	case aborted || s.begun:
		return "aborted"
	case s.errors > 0:
		return "rejected"
	}
	return "empty"
}
