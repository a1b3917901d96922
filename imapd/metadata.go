package imapd

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/catchpost/catchpost/store"
)

// maxEntries bounds the entries that one command names.
const maxEntries = 200

// entryQuery is what GETMETADATA and LIST RETURN (METADATA …) ask for.
type entryQuery struct {
	entries []string // as written
	deep    int      // levels below each that are told too; -1 is all
	maxSize int      // octets of the longest value that is told; -1 is any
	longest int      // octets of the longest that was left out
}

// getMetadata is GETMETADATA, RFC 5464 §4.2. The options stand before the mailbox by
// its grammar and behind it in its examples: both are taken.
func (s *session) getMetadata() result {
	d := s.dec
	q := &entryQuery{maxSize: -1}
	d.ExpectSP()
	if d.Peek() == '(' {
		s.parseMetadataOptions(q)
		d.ExpectSP()
	}
	name := d.ListReference()
	d.ExpectSP()
	if d.PeekString("(MAXSIZE ") || d.PeekString("(DEPTH ") {
		s.parseMetadataOptions(q)
		d.ExpectSP()
	}
	s.parseEntries(q)
	if !d.ExpectEnd() {
		return result{}
	}
	info, r := s.annotated(name)
	if r.status != "" {
		return r
	}
	list, err := s.backend.Metadata(s.ctx, s.acc, info.ID)
	if err != nil {
		return s.failed(err)
	}
	s.tellMetadata(info.Name, list, q)
	if q.longest > 0 { // RFC 5464 §4.2.1
		return okCode(fmt.Sprintf("METADATA LONGENTRIES %d", q.longest), "GETMETADATA completed, but for the long ones")
	}
	return ok("GETMETADATA completed")
}

// parseMetadataOptions reads "(" getmetadata-option *(SP getmetadata-option) ")".
func (s *session) parseMetadataOptions(q *entryQuery) {
	d := s.dec
	d.List(func() {
		word := upperAtom(d)
		d.ExpectSP()
		switch word {
		case "MAXSIZE":
			q.maxSize = int(d.Number())
		case "DEPTH":
			switch depth := upperAtom(d); depth {
			case "0", "1":
				q.deep = int(depth[0] - '0')
			case "INFINITY":
				q.deep = -1
			default:
				d.Fail("DEPTH is 0, 1 or infinity")
			}
		default:
			d.Fail("unknown GETMETADATA option " + word)
		}
	})
}

// parseEntries reads entry / "(" entry *(SP entry) ")", and a bare list, which the
// RFC's examples have.
func (s *session) parseEntries(q *entryQuery) {
	d := s.dec
	entry := func() {
		name := d.AString()
		if d.OK() && q.deep != 0 && (strings.EqualFold(name, "/private") || strings.EqualFold(name, "/shared")) {
			// All that is below: the prefix alone names no entry (RFC 5464 §6).
		} else if _, err := store.AnnotationName(name); d.OK() && err != nil {
			d.Fail(oneLine(err))
		}
		if q.entries = append(q.entries, name); len(q.entries) > maxEntries {
			d.Fail("too many entries")
		}
	}
	if d.Peek() == '(' {
		d.List(entry)
	} else {
		for entry(); d.OK() && d.SP(); {
			entry()
		}
	}
	if d.OK() && len(q.entries) == 0 {
		d.Fail("expected an entry")
	}
}

// listMetadata tells the annotations of a mailbox that LIST told (RFC 9590 §3). One
// that went meanwhile has none.
func (s *session) listMetadata(info *store.MailboxInfo, q *entryQuery) error {
	list, err := s.backend.Metadata(s.ctx, s.acc, info.ID)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err == nil {
		s.tellMetadata(info.Name, list, q)
	}
	return err
}

// annotated finds whom a mailbox argument means: "" is the server.
func (s *session) annotated(name string) (store.MailboxInfo, result) {
	if name == "" {
		return store.MailboxInfo{}, result{}
	}
	info, err := s.backend.Mailbox(s.ctx, s.acc, name)
	if err != nil {
		return info, s.failed(err)
	}
	return info, result{}
}

// wants reports whether an annotation is asked for.
func (q *entryQuery) wants(name string) bool {
	folded := strings.ToLower(name)
	for _, entry := range q.entries {
		rest, below := strings.CutPrefix(folded, strings.ToLower(entry))
		switch {
		case below && rest == "":
			return true
		case q.deep != 0 && below && rest[0] == '/' && (q.deep < 0 || !strings.Contains(rest[1:], "/")):
			return true
		}
	}
	return false
}

// tellMetadata writes the METADATA response with values (RFC 5464 §4.4.1). An entry
// that was named and is not there is NIL, as RFC 9590 §4 shows; with a depth what
// is not there is left out.
func (s *session) tellMetadata(mailbox string, list []store.Annotation, q *entryQuery) {
	e := s.enc
	told := false
	tell := func(a store.Annotation) {
		if !told {
			e.Atom("* METADATA ")
			s.metadataMailbox(mailbox)
			e.Atom(" (")
		} else {
			e.SP()
		}
		told = true
		s.entryName(a.Name)
		e.SP()
		switch {
		case a.Value == nil:
			e.NIL()
		case bytes.IndexByte(a.Value, 0) >= 0:
			e.LiteralHead(len(a.Value), true)
			e.Data(a.Value)
		default:
			e.String(string(a.Value))
		}
	}
	for _, a := range list {
		switch {
		case !q.wants(a.Name):
		case q.maxSize >= 0 && len(a.Value) > q.maxSize:
			q.longest = max(q.longest, len(a.Value))
		default:
			tell(a)
		}
	}
	if q.deep == 0 {
		for _, entry := range q.missing(list) {
			tell(store.Annotation{Name: entry})
		}
	}
	if told {
		e.Atom(")\r\n")
	}
	e.Drain()
}

// missing are the entries asked for that are not in a list, each once.
func (q *entryQuery) missing(list []store.Annotation) (out []string) {
	there := make(map[string]bool, len(list))
	for _, a := range list {
		there[strings.ToLower(a.Name)] = true
	}
	for _, entry := range q.entries {
		if folded := strings.ToLower(entry); !there[folded] {
			there[folded] = true
			out = append(out, entry)
		}
	}
	return out
}

func (s *session) metadataMailbox(name string) {
	if name == "" {
		s.enc.Atom(`""`)
	} else {
		s.enc.Mailbox(name)
	}
}

// entryName writes an entry's name as an astring.
func (s *session) entryName(name string) {
	if strings.ContainsAny(name, "(){ \"\\") {
		s.enc.String(name)
	} else {
		s.enc.Atom(name)
	}
}

// setMetadata is SETMETADATA, RFC 5464 §4.3. A value that is too big is refused
// before it is sent.
func (s *session) setMetadata() result {
	d := s.dec
	d.ExpectSP()
	name := d.ListReference()
	d.ExpectSP()
	changes, r := s.parseAnnotations()
	if r.status != "" {
		return r
	}
	if d.OK() && len(changes) == 0 {
		d.Fail("expected an entry and its value")
	}
	if !d.ExpectEnd() {
		return result{}
	}
	info, r := s.annotated(name)
	if r.status != "" {
		return r
	}
	for _, c := range changes {
		if name == "" && strings.EqualFold(c.Name, "/shared/admin") { // RFC 5464 §3.2.1.1
			return no("NOPERM", "/shared/admin is read-only")
		}
	}
	at, err := s.backend.SetMetadata(s.ctx, s.acc, info.ID, changes)
	switch {
	case errors.Is(err, store.ErrAnnotationTooBig):
		return annotationTooBig()
	case errors.Is(err, store.ErrTooManyAnnotations):
		return no("METADATA TOOMANY", oneLine(err))
	case errors.Is(err, store.ErrConflict): // RFC 6154 §4, §6
		return no("USEATTR", oneLine(err))
	case err != nil:
		return s.failed(err)
	}
	if at > 0 {
		s.metadata.own(at)
	}
	return ok("SETMETADATA completed")
}

// parseAnnotations reads "(" entry SP value *(SP entry SP value) ")".
func (s *session) parseAnnotations() (changes []store.Annotation, r result) {
	d := s.dec
	d.List(func() {
		a := store.Annotation{Name: d.AString()}
		if _, err := store.AnnotationName(a.Name); d.OK() && err != nil {
			d.Fail(oneLine(err))
		}
		d.ExpectSP()
		if lit, is := d.NextLiteral(); is && lit.Size > store.MaxAnnotation {
			r = annotationTooBig()
			d.Fail("the value is too big")
			return
		}
		if value, set := d.NString(); set {
			a.Value = []byte(value)
		}
		if changes = append(changes, a); len(changes) > maxEntries {
			d.Fail("too many entries")
		}
	})
	return changes, r
}

func annotationTooBig() result {
	return no(fmt.Sprintf("METADATA MAXSIZE %d", store.MaxAnnotation), "the value is too big")
}
