package store

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/store/kv"
)

// Bounds of annotations.
const (
	MaxAnnotation     = 64 << 10 // octets of one value
	maxAnnotationName = 500      // octets of a name
	maxAnnotations    = 100      // of one mailbox, of an account, shared of a sandbox
	maxMetadata       = 16 << 20 // octets of names and values of one sandbox
)

// Errors of SetMetadata.
var (
	ErrAnnotationTooBig   = errors.New("an annotation's value is too big")
	ErrTooManyAnnotations = errors.New("there is no room for another annotation")
)

// specialUseName is the annotation that is the mailbox's special use, RFC 6154 §4.
const specialUseName = "/private/specialuse"

// Annotation is a named value of a mailbox or of the server, RFC 5464 §3. Names are
// told apart without regard to case and keep their last spelling.
type Annotation struct {
	Name  string
	Value []byte // nil is none: SetMetadata removes it
}

// AnnotationName checks a name and folds it, RFC 5464 §3.1: it is below /private or
// /shared. Errors: ErrBadName with the reason.
func AnnotationName(name string) (string, error) {
	if len(name) > maxAnnotationName {
		return "", fmt.Errorf("%w: an annotation's name has at most %d octets", ErrBadName, maxAnnotationName)
	}
	folded := []byte(name)
	for i, c := range folded {
		switch {
		case c < 0x20 || c >= 0x7f, c == '*', c == '%':
			return "", fmt.Errorf("%w: an annotation's name is printable ASCII without * and %%", ErrBadName)
		case 'A' <= c && c <= 'Z':
			folded[i] = c - 'A' + 'a'
		}
	}
	n := string(folded)
	if !strings.HasPrefix(n, "/private/") && !strings.HasPrefix(n, "/shared/") {
		return "", fmt.Errorf("%w: an annotation's name begins with /private/ or /shared/", ErrBadName)
	}
	if strings.HasSuffix(n, "/") || strings.Contains(n, "//") {
		return "", fmt.Errorf("%w: an annotation's name has no empty component", ErrBadName)
	}
	return n, nil
}

// Whose an annotation is: the octet behind the sandbox in its key.
const (
	ofMailbox = 1 // ‖ mailbox ID
	ofAccount = 2 // ‖ account key ‖ 0: the server's, private
	ofSandbox = 3 // the server's, shared
)

const annotationVersion = 1

func mailboxMetadata(id SpaceID, box MailboxID) []byte {
	return binary.BigEndian.AppendUint64(append(spaceKey(id), ofMailbox), uint64(box))
}

func accountMetadata(id SpaceID, key string) []byte {
	return append(append(append(spaceKey(id), ofAccount), key...), 0)
}

// metadataPrefix is where an annotation stands: of a mailbox, or with box 0 of the
// server, as an account sees it.
func metadataPrefix(acc *account, box MailboxID, folded string) []byte {
	switch {
	case box != 0:
		return mailboxMetadata(acc.space.id, box)
	case strings.HasPrefix(folded, "/private/"):
		return accountMetadata(acc.space.id, acc.key)
	}
	return append(spaceKey(acc.space.id), ofSandbox)
}

func encodeAnnotation(a Annotation) []byte {
	w := writer{}
	w.octet(annotationVersion)
	w.string(a.Name)
	w.bytes(a.Value)
	return w.b
}

func decodeAnnotation(row []byte) (Annotation, error) {
	r := reader{b: row}
	r.version(annotationVersion)
	a := Annotation{Name: r.string(), Value: []byte(r.string())}
	return a, r.finish("annotation")
}

// annotationSize is what an annotation counts for.
func annotationSize(a Annotation) int64 { return int64(len(a.Name) + len(a.Value)) }

// Metadata returns the annotations of a mailbox of the account, or with box 0 those
// of the server that the account sees: its own private ones and the sandbox's shared
// ones. They are in the order of their folded names. Errors: ErrNotFound,
// ErrNoSandbox, ErrSandboxEnded.
func (s *Store) Metadata(ctx context.Context, ref AccountRef, box MailboxID) ([]Annotation, error) {
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return nil, err
	}
	prefixes := [][]byte{metadataPrefix(acc, box, "/private/")}
	var list []Annotation
	if box == 0 {
		prefixes = append(prefixes, metadataPrefix(acc, 0, "/shared/"))
	} else {
		info, err := s.MailboxByID(ctx, box)
		if err == nil && info.Account != acc.ref() {
			err = fmt.Errorf("mailbox of another account: %w", ErrNotFound)
		}
		if err != nil {
			return nil, err
		}
		if info.SpecialUse != "" {
			list = append(list, Annotation{specialUseName, []byte(info.SpecialUse)})
		}
	}
	err = s.view(func(r kv.Reader) error {
		for _, p := range prefixes {
			for _, row := range r.Scan(bucketMetadata, p, after(p), 0, false) {
				a, err := decodeAnnotation(row)
				if err != nil {
					return err
				}
				list = append(list, a)
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Annotation) int {
		return strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name))
	})
	return list, err
}

// SetMetadata sets and removes annotations of a mailbox or, with box 0, of the
// server, all or none, and returns the change's sequence, 0 if nothing changed. The
// mailbox's /private/specialuse is its special use. Errors: ErrBadName,
// ErrAnnotationTooBig, ErrTooManyAnnotations, ErrFull, ErrDiskFull, ErrNotFound,
// ErrConflict (a special use that cannot be had).
func (s *Store) SetMetadata(ctx context.Context, ref AccountRef, box MailboxID, changes []Annotation) (Sequence, error) {
	folded := make(map[string]Annotation, len(changes))
	for _, c := range changes {
		name, err := AnnotationName(c.Name)
		if err != nil {
			return 0, err
		}
		if len(c.Value) > MaxAnnotation {
			return 0, fmt.Errorf("%w: at most %d octets", ErrAnnotationTooBig, MaxAnnotation)
		}
		folded[name] = c
	}
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return 0, err
	}
	var at Sequence
	err = s.alone(ctx, func(t *tx) error {
		at = 0
		if err := t.editable(acc); err != nil {
			return err
		}
		var m *mailbox
		if box != 0 {
			if m, err = t.s.livingBox(box); err != nil {
				return err
			}
			if m.acc != acc {
				return fmt.Errorf("mailbox of another account: %w", ErrNotFound)
			}
		}
		at, err = t.setMetadata(acc, m, folded)
		return err
	})
	return at, err
}

// setMetadata writes what differs and logs it in one change.
func (t *tx) setMetadata(acc *account, m *mailbox, changes map[string]Annotation) (Sequence, error) {
	box := MailboxID(0)
	if m != nil {
		box = m.id
	}
	put := make(map[string]Annotation)
	room := make(map[string]int) // annotations more, by prefix
	var names []string
	var use *string
	grown := int64(0)
	for name, c := range changes {
		if m != nil && name == specialUseName {
			wanted, err := t.wantedUse(m, string(c.Value))
			if err != nil {
				return 0, err
			}
			if wanted != m.specialUse {
				use, names = &wanted, append(names, name)
			}
			continue
		}
		prefix := metadataPrefix(acc, box, name)
		key := string(prefix) + name
		row := t.Get(bucketMetadata, []byte(key))
		var old Annotation
		if row != nil {
			var err error
			if old, err = decodeAnnotation(row); err != nil {
				return 0, err
			}
		}
		same := row != nil && c.Value != nil && old.Name == c.Name && bytes.Equal(old.Value, c.Value)
		if same || row == nil && c.Value == nil {
			continue
		}
		names = append(names, c.Name)
		put[key] = c
		grown -= annotationSize(old)
		switch {
		case c.Value == nil:
			room[string(prefix)]--
			continue
		case row == nil:
			room[string(prefix)]++
		}
		grown += annotationSize(c)
	}
	if len(names) == 0 {
		return 0, nil
	}
	if err := t.admitsMetadata(acc.space, room, grown); err != nil {
		return 0, err
	}
	for key, c := range put {
		if c.Value == nil {
			t.Delete(bucketMetadata, []byte(key))
		} else {
			t.Put(bucketMetadata, []byte(key), encodeAnnotation(c))
		}
	}
	t.countMetadata(acc.space.id, grown)
	seq := t.nextSequence()
	if use != nil {
		t.putMailbox(m, nil, 0, 0)
		row := t.boxes[m.id]
		row.specialUse = *use
		t.Put(bucketMailbox, mailboxKey(acc.space.id, m.id), encodeMailbox(row))
		t.apply(func() { m.specialUse = *use })
	}
	slices.Sort(names)
	t.changeAt(acc.space, seq, Change{Kind: MetadataChanged, ID: acc.key, Mailbox: box, Annotations: names})
	return seq, nil
}

// admitsMetadata holds the bounds.
func (t *tx) admitsMetadata(sp *space, room map[string]int, grown int64) error {
	for prefix, more := range room {
		if more <= 0 {
			continue
		}
		n := more
		for range t.Scan(bucketMetadata, []byte(prefix), after([]byte(prefix)), 0, false) {
			n++
		}
		if n > maxAnnotations {
			return fmt.Errorf("%w: at most %d", ErrTooManyAnnotations, maxAnnotations)
		}
	}
	if grown <= 0 {
		return nil
	}
	if t.s.domain.metadata[sp.id]+grown > maxMetadata {
		return fmt.Errorf("%w: its annotations have at most %d octets", ErrFull, maxMetadata)
	}
	if t.s.disk.full(t.now) {
		return fmt.Errorf("%w: less than 5 %% is free", ErrDiskFull)
	}
	return nil
}

// wantedUse reads the special use that a mailbox is to have, "" for none.
func (t *tx) wantedUse(m *mailbox, value string) (string, error) {
	use, err := parseSpecialUse(strings.TrimSpace(value))
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrConflict, err)
	}
	if use != "" && m.isInbox() {
		return "", fmt.Errorf("%w: INBOX has no special use", ErrConflict)
	}
	for _, other := range m.acc.boxes {
		if use != "" && other != m && other.specialUse == use {
			return "", fmt.Errorf("%w: %s has the special use %s", ErrConflict, other.name, use)
		}
	}
	return use, nil
}

// countMetadata adds to what a sandbox's annotations take.
func (t *tx) countMetadata(id SpaceID, octets int64) {
	t.apply(func() { t.s.domain.metadata[id] += octets })
}

// dropMetadata removes the annotations under a prefix.
func (t *tx) dropMetadata(id SpaceID, prefix []byte) error {
	octets := int64(0)
	for _, row := range t.Scan(bucketMetadata, prefix, after(prefix), 0, false) {
		a, err := decodeAnnotation(row)
		if err != nil {
			return err
		}
		octets += annotationSize(a)
	}
	if octets > 0 {
		t.DeleteRange(bucketMetadata, prefix, after(prefix))
		t.countMetadata(id, -octets)
	}
	return nil
}

// copyMetadata gives a new mailbox the annotations of another: a RENAME of INBOX
// leaves them with both (RFC 5464 §4.1).
func (t *tx) copyMetadata(from, to *mailbox) error {
	id, octets := from.acc.space.id, int64(0)
	prefix := mailboxMetadata(id, from.id)
	rows := make(map[string][]byte)
	for k, row := range t.Scan(bucketMetadata, prefix, after(prefix), 0, false) {
		a, err := decodeAnnotation(row)
		if err != nil {
			return err
		}
		octets += annotationSize(a)
		rows[string(k[len(prefix):])] = bytes.Clone(row)
	}
	if t.s.domain.metadata[id]+octets > maxMetadata {
		return fmt.Errorf("%w: its annotations have at most %d octets", ErrFull, maxMetadata)
	}
	for name, row := range rows {
		t.Put(bucketMetadata, append(mailboxMetadata(id, to.id), name...), row)
	}
	t.countMetadata(id, octets)
	return nil
}

// loadMetadata counts what annotations take.
func (s *Store) loadMetadata(r kv.Reader) error {
	s.domain.metadata = make(map[SpaceID]int64)
	for k, row := range r.Scan(bucketMetadata, nil, nil, 0, false) {
		id, _, ok := parseSpaceKey(k)
		a, err := decodeAnnotation(row)
		if !ok || err != nil {
			return fmt.Errorf("%w: annotation %x: %w", ErrCorrupt, k, err)
		}
		s.domain.metadata[id] += annotationSize(a)
	}
	return nil
}
