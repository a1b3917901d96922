package store

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/kv"
)

// forgetfulFiles is a file system in memory that loses, with the power, octets
// that were not synced and names whose folder was not.
type forgetfulFiles struct {
	power *kv.Power
	mu    sync.Mutex
	names map[string]*forgetfulFile // as processes see them
	kept  map[string]*forgetfulFile // as they are on the disk
}

type forgetfulFile struct{ octets, kept []byte }

func newForgetfulFiles(p *kv.Power) *forgetfulFiles {
	return &forgetfulFiles{power: p, names: map[string]*forgetfulFile{}, kept: map[string]*forgetfulFile{}}
}

// restart returns the file system as it is found when the power is back.
func (f *forgetfulFiles) restart(p *kv.Power) *forgetfulFiles {
	f.mu.Lock()
	defer f.mu.Unlock()
	g := newForgetfulFiles(p)
	for name, x := range f.kept {
		y := &forgetfulFile{octets: x.kept, kept: x.kept}
		g.names[name], g.kept[name] = y, y
	}
	return g
}

func (f *forgetfulFiles) do(fn func() error) (err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if off := f.power.Do(func() { err = fn() }); off != nil {
		return off
	}
	return err
}

func (f *forgetfulFiles) MkdirAll(string) error { return nil }

func (f *forgetfulFiles) Create(path string) (file, error) {
	x := &forgetfulFile{}
	err := f.do(func() error {
		if f.names[path] != nil {
			return os.ErrExist
		}
		f.names[path] = x
		return nil
	})
	return &forgetfulHandle{f, x}, err
}

func (f *forgetfulFiles) Open(path string) (io.ReadSeekCloser, error) {
	var b []byte
	err := f.do(func() error {
		if f.names[path] == nil {
			return os.ErrNotExist
		}
		b = bytes.Clone(f.names[path].octets)
		return nil
	})
	return nopCloser{bytes.NewReader(b)}, err
}

func (f *forgetfulFiles) Rename(from, to string) error {
	return f.do(func() error {
		f.names[to] = f.names[from]
		delete(f.names, from)
		return nil
	})
}

func (f *forgetfulFiles) Link(from, to string) error {
	return f.do(func() error { f.names[to] = f.names[from]; return nil })
}

func (f *forgetfulFiles) Remove(path string) error {
	return f.do(func() error { delete(f.names, path); return nil })
}

func (f *forgetfulFiles) List(dir string) (names []string, err error) {
	err = f.do(func() error {
		for path := range f.names {
			names = append(names, filepath.Base(path))
		}
		return nil
	})
	return names, err
}

func (f *forgetfulFiles) SyncDir(string) error {
	return f.do(func() error { f.kept = maps.Clone(f.names); return nil })
}

type forgetfulHandle struct {
	f *forgetfulFiles
	x *forgetfulFile
}

func (h *forgetfulHandle) Write(p []byte) (int, error) {
	return len(p), h.f.do(func() error { h.x.octets = append(h.x.octets, p...); return nil })
}

func (h *forgetfulHandle) Sync() error {
	return h.f.do(func() error { h.x.kept = bytes.Clone(h.x.octets); return nil })
}

func (h *forgetfulHandle) Close() error { return nil }

// TestPowerCut cuts the power while many deliver: afterwards everything that was
// answered is there, octet for octet, and nothing is half.
func TestPowerCut(t *testing.T) {
	power := &kv.Power{}
	db, fs := kv.NewForgetful(schema, power, false), newForgetfulFiles(power)
	answered := map[string][]byte{} // by ID
	for round := range 5 {
		s, err := openStore(context.Background(), Options{Path: "mail.db"}, db, fs)
		if err != nil {
			t.Fatal(err)
		}
		s.disk.dir = ""
		verifyAnswered(t, s, answered)
		var mu sync.Mutex
		var working sync.WaitGroup
		for w := range 6 {
			working.Go(func() {
				for n := 0; ; n++ {
					raw := []byte(fmt.Sprintf("round %d worker %d\r\n", round, w) + order(n))
					if (n+w)%6 == 0 {
						raw = append(raw, bytes.Repeat([]byte("0123456789abcde\n"), blobThreshold/16)...)
					}
					o := s.NewOctets()
					_, err := o.Write(raw)
					var got []*Message
					if err == nil {
						got, err = s.Deliver(context.Background(), Delivery{Origin: model.OriginSMTP, ForwardPaths: []string{"a@x.test"}, Octets: o})
					}
					o.Discard()
					if err != nil {
						return // the power is off
					}
					mu.Lock()
					answered[got[0].ID] = raw
					enough := len(answered) >= (round+1)*12
					if n%5 == 3 && !enough {
						if k, err := s.DeleteMessages(context.Background(), "", []string{got[0].ID}, nil); err == nil && k == 1 {
							delete(answered, got[0].ID)
						} else {
							delete(answered, got[0].ID) // it may be gone or not
						}
					}
					mu.Unlock()
					if enough {
						power.Cut()
					}
				}
			})
		}
		working.Wait()
		_ = s.Close() // a dead process: its answers do not matter
		power = &kv.Power{}
		db, fs = db.Restart(power), fs.restart(power)
	}
	s, err := openStore(context.Background(), Options{Path: "mail.db"}, db, fs)
	if err != nil {
		t.Fatal(err)
	}
	verifyAnswered(t, s, answered)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func verifyAnswered(t *testing.T, s *Store, answered map[string][]byte) {
	t.Helper()
	if err := s.CheckConsistency(); err != nil {
		t.Fatal(err)
	}
	for id, raw := range answered {
		m, err := s.Message(context.Background(), "", id)
		if err != nil {
			t.Fatalf("%s was answered and is gone: %v", id, err)
		}
		got, err := s.Raw(context.Background(), m)
		if err != nil || !bytes.Equal(got, raw) {
			t.Fatalf("%s: %d octets of %d, %v", id, len(got), len(raw), err)
		}
	}
}

// TestOrphansAreSwept leaves what a crash leaves beside the blobs.
func TestOrphansAreSwept(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	s := openPlain(t, Options{Path: path})
	big := order(1) + string(bytes.Repeat([]byte("x"), blobThreshold))
	m := deliver(t, s, big, "a@x.test", "b@x.test")[0]
	closeChecked(t, s)
	for _, name := range []string{blobTemporary + "1" + blobSuffix, "2" + blobSuffix} {
		if err := os.WriteFile(filepath.Join(path+".blobs", name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s = openPlain(t, Options{Path: path})
	defer closeChecked(t, s)
	names, err := os.ReadDir(path + ".blobs")
	if err != nil || len(names) != 1 {
		t.Errorf("%v, %v", names, err)
	}
	raw, err := s.Raw(context.Background(), m)
	if err != nil || string(raw) != big {
		t.Errorf("%d octets, %v", len(raw), err)
	}
	f, err := s.OpenRaw(context.Background(), m)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f)
	if err != nil || string(b) != big {
		t.Errorf("streamed %d octets, %v", len(b), err)
	}
	if err := f.Close(); err != nil {
		t.Error(err)
	}
	if n, err := s.DeleteMessages(context.Background(), "", nil, nil); n != 1 || err != nil {
		t.Errorf("deleted %d, %v", n, err)
	}
	if names, _ := os.ReadDir(path + ".blobs"); len(names) != 0 {
		t.Errorf("left after the deletion: %v", names)
	}
}
