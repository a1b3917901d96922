package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/catchpost/catchpost/store/kv"
)

// annotations spells what a mailbox (0: the server) has.
func annotations(t *testing.T, s *Store, ref AccountRef, box MailboxID) string {
	t.Helper()
	list, err := s.Metadata(context.Background(), ref, box)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, a := range list {
		fmt.Fprintf(&b, "%s=%s ", a.Name, a.Value)
	}
	return strings.TrimSuffix(b.String(), " ")
}

func annotate(t *testing.T, s *Store, ref AccountRef, box MailboxID, pairs ...string) Sequence {
	t.Helper()
	seq, err := s.SetMetadata(context.Background(), ref, box, annotationsOf(pairs...))
	if err != nil {
		t.Fatal(err)
	}
	return seq
}

func annotationsOf(pairs ...string) (list []Annotation) {
	for i := 0; i < len(pairs); i += 2 {
		a := Annotation{Name: pairs[i], Value: []byte(pairs[i+1])}
		if pairs[i+1] == "NIL" {
			a.Value = nil
		}
		list = append(list, a)
	}
	return list
}

func metadataRows(t *testing.T, s *Store) (n int) {
	t.Helper()
	if err := s.view(func(r kv.Reader) error {
		n = 0
		for range r.Scan(bucketMetadata, nil, nil, 0, false) {
			n++
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	return n
}

func boxNamed(t *testing.T, s *Store, ref AccountRef, name string) MailboxID {
	t.Helper()
	m, err := s.Mailbox(context.Background(), ref, name)
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func TestMetadata(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	anna, bert := AccountRef{Sandbox: "default", Key: "anna@x.test"}, AccountRef{Sandbox: "default", Key: "bert@x.test"}
	work, err := s.CreateMailbox(ctx, anna, "Work/2026", "")
	if err != nil {
		t.Fatal(err)
	}
	sub := s.Subscribe(Interest{Kinds: []ChangeKind{MetadataChanged}})
	defer sub.Close()
	at := annotate(t, s, anna, work.ID, "/Shared/Comment", "ours", "/private/comment", "mine", "/private/none", "NIL")
	changes, err := sub.Next(ctx)
	if err != nil || len(changes) != 1 || changes[0].Sequence != at || changes[0].Mailbox != work.ID ||
		changes[0].ID != anna.Key || strings.Join(changes[0].Annotations, " ") != "/Shared/Comment /private/comment" {
		t.Errorf("%+v %v", changes, err)
	}
	if seq := annotate(t, s, anna, work.ID, "/private/comment", "mine", "/shared/x", "NIL"); seq != 0 {
		t.Errorf("nothing changed, but %d", seq)
	}
	annotate(t, s, anna, 0, "/shared/comment", "hello", "/private/color", "")
	annotate(t, s, bert, 0, "/private/color", "red")
	want := func(ref AccountRef, box MailboxID, want string) {
		t.Helper()
		if got := annotations(t, s, ref, box); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	want(anna, work.ID, "/private/comment=mine /Shared/Comment=ours")
	want(anna, 0, "/private/color= /shared/comment=hello")
	want(bert, 0, "/private/color=red /shared/comment=hello")
	if _, err := s.Metadata(ctx, bert, work.ID); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	if _, err := s.SetMetadata(ctx, bert, work.ID, annotationsOf("/shared/comment", "x")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}

	// They follow a mailbox through RENAME, stay with INBOX and go to its new name too,
	// and outlive a restart.
	inbox := boxNamed(t, s, anna, Inbox)
	annotate(t, s, anna, inbox, "/private/comment", "in")
	if err := errors.Join(s.RenameMailbox(ctx, anna, "Work", "Done"), s.RenameMailbox(ctx, anna, Inbox, "Old")); err != nil {
		t.Fatal(err)
	}
	s = reopen(t, s)
	want(anna, boxNamed(t, s, anna, "Done/2026"), "/private/comment=mine /Shared/Comment=ours")
	want(anna, inbox, "/private/comment=in")
	want(anna, boxNamed(t, s, anna, "Old"), "/private/comment=in")
	want(anna, 0, "/private/color= /shared/comment=hello")

	// A mailbox of the same name begins without; an account takes its own along.
	if err := s.DeleteMailbox(ctx, anna, "Old"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.CreateMailbox(ctx, anna, "Old", ""); err != nil {
		t.Fatal(err)
	}
	want(anna, boxNamed(t, s, anna, "Old"), "")
	if err := s.DeleteAccount(ctx, anna); err != nil {
		t.Fatal(err)
	}
	if n := metadataRows(t, s); n != 2 {
		t.Errorf("%d rows", n)
	}
	want(anna, 0, "/shared/comment=hello")
}

// /private/specialuse is the special use that LIST tells (RFC 6154 §4).
func TestMetadataSpecialUse(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{})
	anna := AccountRef{Sandbox: "default", Key: "anna@x.test"}
	if got := annotations(t, s, anna, boxNamed(t, s, anna, "Sent")); got != `/private/specialuse=\Sent` {
		t.Error(got)
	}
	made, err := s.CreateMailbox(ctx, anna, "Spam", "")
	if err != nil {
		t.Fatal(err)
	}
	junk := boxNamed(t, s, anna, "Junk")
	for name, box := range map[string]MailboxID{`\Junk`: made.ID, `\Nonsense`: made.ID, `\Sent \Trash`: made.ID, `\Archive`: boxNamed(t, s, anna, Inbox)} {
		if _, err := s.SetMetadata(ctx, anna, box, annotationsOf("/private/specialuse", name, "/private/x", "1")); !errors.Is(err, ErrConflict) {
			t.Errorf("%s: %v", name, err)
		}
	}
	annotate(t, s, anna, junk, "/private/specialuse", "NIL")
	annotate(t, s, anna, made.ID, "/Private/SpecialUse", `\junk`)
	s = reopen(t, s)
	if m, err := s.Mailbox(ctx, anna, "Spam"); err != nil || m.SpecialUse != `\Junk` {
		t.Errorf("%+v %v", m, err)
	}
	if got := annotations(t, s, anna, junk); got != "" {
		t.Error(got)
	}
}

func TestMetadataBounds(t *testing.T) {
	ctx := context.Background()
	s := open(t, Options{Path: InMemory})
	anna := AccountRef{Sandbox: "default", Key: "anna@x.test"}
	for _, name := range []string{"", "/", "/private", "/private/", "/other/x", "/shared//x", "/shared/x/", "/shared/*", "/shared/%", "/shared/ä",
		"/shared/a\nb", "/shared/" + strings.Repeat("x", maxAnnotationName)} {
		if _, err := s.SetMetadata(ctx, anna, 0, []Annotation{{name, []byte("x")}}); !errors.Is(err, ErrBadName) {
			t.Errorf("%.20q: %v", name, err)
		}
	}
	big := strings.Repeat("x", MaxAnnotation)
	if _, err := s.SetMetadata(ctx, anna, 0, annotationsOf("/shared/big", big+"x")); !errors.Is(err, ErrAnnotationTooBig) {
		t.Error(err)
	}
	var many []string
	for i := range maxAnnotations {
		many = append(many, fmt.Sprintf("/private/x/%d", i), "1")
	}
	if _, err := s.SetMetadata(ctx, anna, 0, annotationsOf(append(many, "/private/y", "2")...)); !errors.Is(err, ErrTooManyAnnotations) {
		t.Error(err)
	}
	annotate(t, s, anna, 0, many...)
	annotate(t, s, anna, 0, "/private/x/0", "NIL", "/private/y", "2", "/shared/y", "3")
	if n := metadataRows(t, s); n != maxAnnotations+1 {
		t.Errorf("%d rows", n)
	}
	var full error
	for i := 0; full == nil && i < 1000; i++ {
		m, err := s.CreateMailbox(ctx, anna, fmt.Sprintf("m%d", i), "")
		if err != nil {
			t.Fatal(err)
		}
		for n := 0; full == nil && n < 50; n++ {
			_, full = s.SetMetadata(ctx, anna, m.ID, annotationsOf(fmt.Sprintf("/private/%d", n), big))
		}
	}
	if !errors.Is(full, ErrFull) || s.domain.metadata[0] > maxMetadata {
		t.Error(full, s.domain.metadata)
	}
}

// A sandbox that ends takes its annotations along.
func TestMetadataFreed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := openPlain(t, Options{Path: InMemory})
		defer closeChecked(t, s)
		sandboxed(t, s, "one")
		anna := AccountRef{Sandbox: "one", Key: "anna@x.test"}
		annotate(t, s, anna, 0, "/shared/comment", "a", "/private/comment", "b")
		annotate(t, s, anna, boxNamed(t, s, anna, Inbox), "/shared/comment", "c")
		if err := s.EndSandbox(context.Background(), "one"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if n := metadataRows(t, s); n != 0 {
			t.Errorf("%d rows", n)
		}
	})
}

// A damaged sum and an annotation of nobody are found.
func TestMetadataCheck(t *testing.T) {
	s := openPlain(t, Options{Path: InMemory})
	defer s.Close()
	anna := AccountRef{Sandbox: "default", Key: "anna@x.test"}
	annotate(t, s, anna, boxNamed(t, s, anna, Inbox), "/shared/comment", "c")
	if err := s.CheckConsistency(); err != nil {
		t.Fatal(err)
	}
	if err := s.update(context.Background(), func(t *tx) error {
		a := Annotation{"/shared/x", []byte("y")}
		t.Put(bucketMetadata, append(mailboxMetadata(0, 99), a.Name...), encodeAnnotation(a))
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	err := s.CheckConsistency()
	if err == nil || !strings.Contains(err.Error(), "nobody's") || !strings.Contains(err.Error(), "counted") {
		t.Error(err)
	}
}
