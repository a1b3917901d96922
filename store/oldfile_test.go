package store

import (
	"compress/gzip"
	"context"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/store/kv"
)

var makeOld = flag.Bool("make-old", false, "write testdata/format1.db.gz anew: only before a format is released")

// oldFile is a file of the present format, which later ones are to open.
const oldFile = "testdata/format2.db.gz"

// TestOldFileOpens opens a database as each format wrote it.
func TestOldFileOpens(t *testing.T) {
	if *makeOld {
		makeOldFile(t)
	}
	for _, from := range []string{"testdata/format1.db.gz", "testdata/format2.db.gz"} {
		path := filepath.Join(t.TempDir(), "mail.db")
		gunzip(t, from, path)
		checkOldFile(t, path)
		checkOldFile(t, path, "b@x.test") // and again, as it was left
	}
}

// TestMigrationGoesOn opens a file that was being brought forward when the
// machine stopped.
func TestMigrationGoesOn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	gunzip(t, "testdata/format1.db.gz", path)
	db, err := openEngine(Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	for _, move := range []func(kv.Writer, int) (bool, error){moveMessages1, moveChanges1} {
		err := db.Update(func(w kv.Writer) error {
			more, err := move(w, 1)
			if !more {
				t.Error("nothing was moved")
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	checkOldFile(t, path)
}

// TestMigrationShutsOldProgramsOut stops one at its first moment: from then on the
// file is of the new format, or an older program would take what was moved for gone.
func TestMigrationShutsOldProgramsOut(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	gunzip(t, "testdata/format1.db.gz", path)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if s, err := Open(ctx, Options{Path: path}); !errors.Is(err, context.Canceled) {
		t.Fatalf("%v, %v", s, err)
	}
	db, err := openEngine(Options{Path: path})
	if err != nil {
		t.Fatal(err)
	}
	err = db.View(func(r kv.Reader) error {
		if format := kv.Counter(r.Get(bucketMeta, metaFormat)); format != formatVersion {
			t.Errorf("half moved, the file says format %d", format)
		}
		return nil
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	checkOldFile(t, path)
}

// checkOldFile opens the file that makeOldFile made and that got more messages since.
func checkOldFile(t *testing.T, path string, since ...string) {
	t.Helper()
	s := openPlain(t, Options{Path: path})
	defer closeChecked(t, s)
	page, err := s.List(context.Background(), Query{Order: Oldest})
	if err != nil || len(page.Messages) != 3+len(since) || page.Sequence != Sequence(6+len(since)) {
		t.Fatalf("%+v, %v", page, err)
	}
	m := page.Messages[1]
	if !m.Seen || m.Flagged || strings.Join(m.Tags, ",") != "a,b" || m.UID != 2 || m.Digest.Subject != "Order 2" ||
		m.Envelope.ClientAddress != "127.0.0.1:51922" || m.ID != s.idOf(m.Sequence) {
		t.Errorf("%+v", m)
	}
	raw, err := s.Raw(context.Background(), m)
	if err != nil || string(raw) != order(2) {
		t.Errorf("%q, %v", raw, err)
	}
	if got := deliver(t, s, order(9), "a@x.test")[0]; got.Sequence != Sequence(7+len(since)) || got.UID != UID(5+len(since)) {
		t.Errorf("after it: %+v", got)
	}
}

func makeOldFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	s := openPlain(t, Options{Path: path})
	var ids []string
	for n := range 4 {
		d := delivery(t, s, order(n+1), "anna@x.test")
		d.Envelope.ClientAddress = "127.0.0.1:51922"
		m, err := s.Deliver(context.Background(), d)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, m[0].ID)
	}
	yes, tags := true, []string{"a", "b"}
	if _, err := s.UpdateMessages(context.Background(), "", ids[1:2], nil, StateChange{Seen: &yes, Tags: &tags}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.DeleteMessages(context.Background(), "", ids[2:3], nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Compact(context.Background()); err != nil {
		t.Fatal(err)
	}
	closeChecked(t, s)
	in, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(oldFile), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(oldFile)
	if err != nil {
		t.Fatal(err)
	}
	z, _ := gzip.NewWriterLevel(out, gzip.BestCompression)
	if _, err := z.Write(in); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := out.Close(); err != nil {
		t.Fatal(err)
	}
}

func gunzip(t *testing.T, from, to string) {
	t.Helper()
	in, err := os.Open(from)
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	z, err := gzip.NewReader(in)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
