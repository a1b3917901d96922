package api

import (
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/dsn"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// bounceMessage answers a message as a mail system or a person would.
//
//	@Summary		Bounce a message, complain about it or answer it automatically
//	@Description	Makes what the sender would get (hard and soft: a failure notification; delay: a delay notification; complaint: an abuse report; out-of-office: an automatic reply) and delivers it here, to the account of the message's reverse-path. Its origin is "generated"; it never leaves.
//	@Tags			relay
//	@Param			id		path		string				true	"an ID, or latest"
//	@Param			filter	query		object				false	"with latest"
//	@Param			wait	query		string				false	"with latest"
//	@Param			sandbox	query		string				false	"for the administrator"
//	@Param			body	body		model.BounceBody	true	"type is needed"
//	@Success		201		{object}	model.Message
//	@Failure		default	{object}	model.Problem
//	@Router			/v1/messages/{id}/bounce [post]
func (s *Server) bounceMessage(r *request, body model.BounceBody) (any, error) {
	m, err := r.find()
	if err != nil {
		return nil, err
	}
	path, err := checkBounce(body, m)
	if err != nil {
		return nil, err
	}
	octets, err := s.bounce(r, m, body, path)
	if err != nil {
		return nil, gone(m, err)
	}
	o := s.store.NewOctets()
	defer o.Discard()
	if _, err := o.Write(octets); err != nil {
		return nil, err
	}
	made, err := s.store.Deliver(r.ctx, store.Delivery{
		Origin: model.OriginGenerated, Sandbox: r.sandbox, ForwardPaths: []string{m.ReversePath}, Octets: o,
		Envelope: model.Envelope{HELO: s.hostname(), DeclaredSize: int64(len(octets))},
	})
	if err != nil {
		return nil, err
	}
	answer, err := s.fullOrGone(made[0], s.baseURL(r.Request()), nil)
	return result{http.StatusCreated, answer}, err
}

func (s *Server) hostname() string {
	if s.cfg.Hostname != "" {
		return s.cfg.Hostname
	}
	return "localhost"
}

// Texts of bounces that name none.
const (
	hardText  = "550 5.1.1 no such user here"
	softText  = "452 4.2.2 mailbox full"
	delayText = "451 4.4.1 no answer from host"
)

// bounce composes the octets.
func (s *Server) bounce(r *request, m *store.Message, body model.BounceBody, path string) ([]byte, error) {
	raw, err := s.store.Raw(r.ctx, m)
	if err != nil {
		return nil, err
	}
	now := s.store.SandboxNow(m.Sandbox)
	switch body.Type {
	case "complaint":
		host, _, _ := net.SplitHostPort(m.Envelope.ClientAddress) // "" where there was none
		return dsn.Complaint{MTA: s.hostname(), From: "abuse@" + s.hostname(), To: m.ReversePath, ReversePath: m.ReversePath, ForwardPath: path,
			SourceIP: host, Arrival: m.ReceivedAt, Date: now, Original: raw}.Compose(), nil
	case "out-of-office":
		return s.autoReply(m, path, now), nil
	}
	rc := dsn.Recipient{Final: path, RemoteMTA: "mx." + path[strings.LastIndexByte(path, '@')+1:], LastTry: now, Action: dsn.Failed}
	switch body.Type {
	case "hard":
		rc.Status, rc.Diagnostic = "5.1.1", hardText
	case "soft":
		rc.Status, rc.Diagnostic = "4.2.2", softText
	case "delay":
		rc.Action, rc.Status, rc.Diagnostic, rc.RetryUntil = dsn.Delayed, "4.4.1", delayText, now.Add(5*24*time.Hour)
	}
	rep := dsn.Report{MTA: s.hostname(), From: "MAILER-DAEMON@" + s.hostname(), To: m.ReversePath, Arrival: m.ReceivedAt, Date: now,
		Full: rc.Action == dsn.Failed, Original: raw}
	if m.Envelope.DSN.EnvID != nil {
		rep.EnvID = *m.Envelope.DSN.EnvID
	}
	if ret := m.Envelope.DSN.Ret; ret != nil && strings.EqualFold(*ret, "HDRS") {
		rep.Full = false
	}
	for _, given := range m.Envelope.DSN.Recipients {
		if given.Address == path && given.ORCPT != nil {
			rc.ORCPT = *given.ORCPT
		}
	}
	rep.Recipients = []dsn.Recipient{rc}
	return rep.Compose(), nil
}

// autoReply composes an out-of-office answer, RFC 3834.
func (s *Server) autoReply(m *store.Message, path string, now time.Time) []byte {
	a := dsn.AutoReply{From: path, To: m.ReversePath, Subject: m.Digest.Subject, MessageID: m.Digest.MessageID, Date: now, Until: now.Add(7 * 24 * time.Hour)}
	if full, err := s.store.Subject(m).Full(); err == nil {
		for _, h := range full.Headers {
			if strings.EqualFold(h.Name, "References") {
				for _, ref := range strings.Fields(h.Value) {
					a.References = append(a.References, strings.Trim(ref, "<>"))
				}
			}
		}
	}
	return a.Compose()
}
