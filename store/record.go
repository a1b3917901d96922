package store

import (
	"encoding/binary"
	"time"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
)

const recordVersion = 1

// A record begins with its version and the UID, which the committer fills in;
// everything else is encoded before the commit.
const recordUIDAt = 1

// record is a message's row: what never changes of it.
type record struct {
	space SpaceID
	blob  string // name of the file that holds the octets; "" when they are in the raw bucket
	m     *Message
}

func setRecordUID(row []byte, uid UID) {
	binary.BigEndian.PutUint32(row[recordUIDAt:], uint32(uid))
}

func encodeRecord(rec *record) []byte {
	m := rec.m
	w := writer{b: make([]byte, 0, 1024)}
	w.octet(recordVersion)
	w.fixed32(uint32(m.UID))
	w.uint(uint64(rec.space))
	w.string(rec.blob)
	w.string(m.Origin)
	w.time(m.ReceivedAt)
	w.string(m.ReversePath)
	w.strings(m.ForwardPaths)
	w.strings(m.Accounts)
	w.int(m.Size)
	w.digestHead(m.Digest)
	w.digestRest(m.Digest)
	w.envelope(&m.Envelope)
	return w.b
}

// decodeRecord decodes a record; ID, Sandbox and state are the caller's to set.
func decodeRecord(seq Sequence, row []byte) (*record, error) {
	r := reader{b: row}
	rec := r.recordHead(seq)
	r.digestRest(rec.m.Digest)
	rec.m.Envelope = r.envelope()
	return rec, r.finish("message record")
}

// decodeRecordHead decodes what a summary and the index need.
func decodeRecordHead(seq Sequence, row []byte) (*record, error) {
	r := reader{b: row}
	rec := r.recordHead(seq)
	return rec, r.finish("message record")
}

func (r *reader) recordHead(seq Sequence) *record {
	r.version(recordVersion)
	m := &Message{Sequence: seq, UID: UID(r.fixed32())}
	rec := &record{m: m, space: SpaceID(r.uint()), blob: r.string()}
	m.Origin = r.string()
	m.ReceivedAt = r.time()
	m.ReversePath = r.string()
	m.ForwardPaths = r.strings()
	m.Accounts = r.strings()
	m.Size = r.int()
	m.Digest = r.digestHead()
	return rec
}

// digestHead writes what stands in a summary.
func (w *writer) digestHead(d *message.Digest) {
	w.string(d.Subject)
	for _, list := range [][]model.Address{d.From, d.To, d.Cc, d.Bcc, d.ReplyTo} {
		w.addresses(list)
	}
	w.time(d.Date)
	_, zone := d.Date.Zone()
	w.int(int64(zone))
	w.string(d.MessageID)
	w.string(d.Snippet)
	w.uint(uint64(d.Attachments))
	w.uint(uint64(d.SearchQ))
}

func (w *writer) digestRest(d *message.Digest) {
	w.strings(d.InReplyTo)
	w.strings(d.References)
	w.int(int64(d.TextPart))
	w.int(int64(d.HTMLPart))
	w.bytes(d.Envelope)
	w.bytes(d.Body)
	w.bytes(d.BodyStructure)
	w.uint(uint64(len(d.Warnings)))
	for _, v := range d.Warnings {
		w.string(v.Code)
		w.string(v.Detail)
		w.int(v.Offset)
	}
	w.uint(uint64(len(d.Parts)))
	for i := range d.Parts {
		w.part(&d.Parts[i])
	}
}

func (r *reader) digestHead() *message.Digest {
	d := &message.Digest{Subject: r.string()}
	for _, list := range []*[]model.Address{&d.From, &d.To, &d.Cc, &d.Bcc, &d.ReplyTo} {
		*list = r.addresses()
	}
	d.Date = r.time()
	if zone := int(r.int()); zone != 0 && !d.Date.IsZero() && zone > -86400 && zone < 86400 {
		d.Date = d.Date.In(time.FixedZone("", zone))
	}
	d.MessageID = r.string()
	d.Snippet = r.string()
	d.Attachments = int(r.uint())
	d.SearchQ = int(r.uint())
	return d
}

func (r *reader) digestRest(d *message.Digest) {
	d.InReplyTo = r.strings()
	d.References = r.strings()
	d.TextPart = int(r.int())
	d.HTMLPart = int(r.int())
	d.Envelope = r.bytes()
	d.Body = r.bytes()
	d.BodyStructure = r.bytes()
	d.Warnings = elements(r, func() model.Warning {
		return model.Warning{Code: r.string(), Detail: r.string(), Offset: r.int()}
	})
	d.Parts = elements(r, r.part)
}

// appendWire appends the three wire fields of a record's row and says where each
// ends. Nothing else of the row is decoded.
func appendWire(arena, row []byte) ([]byte, [3]int, error) {
	r := reader{b: row}
	r.version(recordVersion)
	r.fixed32()
	r.skipRecordHead()
	r.skipStrings(1) // In-Reply-To
	r.skipStrings(1) // References
	r.int()          // text part
	r.int()          // HTML part
	var ends [3]int
	for i := range ends {
		arena = append(arena, r.take(r.uint())...)
		ends[i] = len(arena)
	}
	return arena, ends, r.finish("message record")
}

// skipRecordHead passes over what stands between the UID and the rest of the digest.
func (r *reader) skipRecordHead() {
	r.skipToSubject()
	r.skipToMessageID()
	r.take(r.uint()) // Message-ID
	r.take(r.uint()) // snippet
	r.uint()         // attachments
	r.uint()         // SearchQ
}

// skipToSubject passes over what stands between the UID and the subject.
func (r *reader) skipToSubject() {
	r.uint()         // space
	r.take(r.uint()) // blob
	r.take(r.uint()) // origin
	r.time()
	r.take(r.uint()) // reverse-path
	r.skipStrings(1) // forward-paths
	r.skipStrings(1) // accounts
	r.int()          // size
}

// skipToMessageID passes over subject, addresses and date.
func (r *reader) skipToMessageID() {
	r.take(r.uint()) // subject
	for range 5 {
		r.skipStrings(2) // From, To, Cc, Bcc, Reply-To
	}
	r.time()
	r.int() // zone
}

// skipStrings passes over a list of elements of n strings each.
func (r *reader) skipStrings(n int) {
	for range r.count() * n {
		r.take(r.uint())
	}
}

func (w *writer) addresses(list []model.Address) {
	w.uint(uint64(len(list)))
	for _, a := range list {
		w.string(a.Name)
		w.string(a.Address)
	}
}

func (r *reader) addresses() []model.Address {
	return elements(r, func() model.Address { return model.Address{Name: r.string(), Address: r.string()} })
}

func (w *writer) part(p *message.Part) {
	w.string(p.Path)
	w.int(int64(p.Parent))
	w.int(p.HeaderStart)
	w.int(p.BodyStart)
	w.int(p.BodyEnd)
	w.int(p.Lines)
	w.string(p.Type)
	w.params(p.Params)
	w.string(p.Encoding)
	w.string(p.Disposition)
	w.params(p.DispParams)
	w.string(p.ContentID)
	w.string(p.Description)
	w.string(p.Name)
	w.int(p.Size)
	w.string(p.SHA256)
	w.bool(p.Attachment)
}

func (r *reader) part() message.Part {
	return message.Part{
		Path: r.string(), Parent: int(r.int()), HeaderStart: r.int(), BodyStart: r.int(), BodyEnd: r.int(),
		Lines: r.int(), Type: r.string(), Params: r.params(), Encoding: r.string(), Disposition: r.string(),
		DispParams: r.params(), ContentID: r.string(), Description: r.string(), Name: r.string(),
		Size: r.int(), SHA256: r.string(), Attachment: r.bool(),
	}
}

func (w *writer) params(list []message.Param) {
	w.uint(uint64(len(list)))
	for _, p := range list {
		w.string(p.Name)
		w.string(p.Value)
	}
}

func (r *reader) params() []message.Param {
	return elements(r, func() message.Param { return message.Param{Name: r.string(), Value: r.string()} })
}

func (w *writer) envelope(e *model.Envelope) {
	w.string(e.HELO)
	w.string(e.ClientAddress)
	w.string(e.Protocol)
	w.string(e.AuthUser)
	w.string(e.AuthMechanism)
	w.bool(e.AuthVerified)
	w.bool(e.TLS != nil)
	if e.TLS != nil {
		w.string(e.TLS.Version)
		w.string(e.TLS.Cipher)
	}
	w.string(e.Body)
	w.bool(e.SMTPUTF8)
	w.bool(e.RequireTLS)
	w.int(e.DeclaredSize)
	w.string(e.SessionID)
	w.optional(e.DSN.EnvID)
	w.optional(e.DSN.Ret)
	w.uint(uint64(len(e.DSN.Recipients)))
	for _, d := range e.DSN.Recipients {
		w.string(d.Address)
		w.strings(d.Notify)
		w.optional(d.ORCPT)
	}
}

func (r *reader) envelope() model.Envelope {
	e := model.Envelope{
		HELO: r.string(), ClientAddress: r.string(), Protocol: r.string(),
		AuthUser: r.string(), AuthMechanism: r.string(), AuthVerified: r.bool(),
	}
	if r.bool() {
		e.TLS = &model.TLS{Version: r.string(), Cipher: r.string()}
	}
	e.Body = r.string()
	e.SMTPUTF8 = r.bool()
	e.RequireTLS = r.bool()
	e.DeclaredSize = r.int()
	e.SessionID = r.string()
	e.DSN.EnvID = r.optional()
	e.DSN.Ret = r.optional()
	e.DSN.Recipients = elements(r, func() model.DSNRecipient {
		return model.DSNRecipient{Address: r.string(), Notify: append([]string{}, r.strings()...), ORCPT: r.optional()}
	})
	return e
}

const stateVersion = 1

// state is what may change on a message.
type state struct {
	seen, flagged bool
	tags          []string
}

func (s *state) isNew() bool { return !s.seen && !s.flagged && len(s.tags) == 0 }

func encodeState(s state) []byte {
	w := writer{}
	w.octet(stateVersion)
	w.bool(s.seen)
	w.bool(s.flagged)
	w.strings(s.tags)
	return w.b
}

func decodeState(row []byte) (state, error) {
	r := reader{b: row}
	r.version(stateVersion)
	s := state{seen: r.bool(), flagged: r.bool(), tags: r.strings()}
	return s, r.finish("message state")
}
