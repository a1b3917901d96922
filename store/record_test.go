package store

import (
	"bytes"
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// fill sets every field of a value to something, so that a field that a codec
// forgets is missed.
func fill(v reflect.Value, n *int) {
	*n++
	switch v.Kind() {
	case reflect.String:
		v.SetString(string(rune('a'+*n%26)) + "é\x00")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		v.SetUint(uint64(*n % 250))
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			fill(v.Index(i), n)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n)
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(int64(*n)*1e7, 123456789).UTC()))
			return
		}
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				fill(v.Field(i), n)
			}
		}
	}
}

func TestRecordKeepsEveryField(t *testing.T) {
	m, n := &Message{}, 0
	fill(reflect.ValueOf(m).Elem(), &n)
	for _, m := range []*Message{m, {Digest: &message.Digest{}}} {
		row := encodeRecord(&record{space: 7, blob: "b.eml", m: m})
		rec, err := decodeRecord(m.Sequence, row)
		if err != nil {
			t.Fatal(err)
		}
		if rec.space != 7 || rec.blob != "b.eml" {
			t.Errorf("%+v", rec)
		}
		// what the record does not keep: it is made from the key, or kept elsewhere
		notKept := cmpopts.IgnoreFields(Message{}, "ID", "Sandbox", "Seen", "Flagged", "Tags")
		if d := cmp.Diff(m, rec.m, notKept, cmpopts.IgnoreFields(message.Digest{}, "SearchText")); d != "" {
			t.Error(d)
		}
		setRecordUID(row, 4242)
		if rec, err = decodeRecord(1, row); err != nil || rec.m.UID != 4242 {
			t.Errorf("UID %d, %v", rec.m.UID, err)
		}
	}
}

// An empty NOTIFY is [] in JSON, never null (API.md).
// TestRecordLogin: what is passed over is passed over whole.
func TestRecordLogin(t *testing.T) {
	for _, attachments := range []int{0, 3} {
		m, n := &Message{}, 0
		fill(reflect.ValueOf(m).Elem(), &n)
		m.Digest.Attachments = attachments
		row := encodeRecord(&record{m: m})
		rec, err := decodeRecordLogin(m.Sequence, row)
		if err != nil || rec.m.Envelope.AuthUser != m.Envelope.AuthUser || rec.m.Digest.Subject != m.Digest.Subject {
			t.Errorf("%+v, %v", rec, err)
		}
		if login, err := recordLogin(row); err != nil || login != m.Envelope.AuthUser {
			t.Errorf("%q, %v", login, err)
		}
		if got := len(rec.m.Digest.Parts); (got > 0) != (attachments > 0) {
			t.Errorf("%d attachments: %d parts", attachments, got)
		}
	}
}

func TestAbsentNotifyIsAnEmptyList(t *testing.T) {
	m := &Message{Digest: &message.Digest{}}
	m.Envelope.DSN.Recipients = []model.DSNRecipient{{Address: "a@x.test"}}
	rec, err := decodeRecord(1, encodeRecord(&record{m: m}))
	if err != nil || rec.m.Envelope.DSN.Recipients[0].Notify == nil {
		t.Errorf("%+v, %v", rec.m.Envelope.DSN, err)
	}
}

func TestDateKeepsItsZone(t *testing.T) {
	want := time.Date(2026, 11, 22, 21, 53, 6, 0, time.FixedZone("", -5*3600))
	m := &Message{Digest: &message.Digest{Date: want}}
	rec, err := decodeRecord(1, encodeRecord(&record{m: m}))
	if err != nil || rec.m.Digest.Date.Format(time.RFC3339) != want.Format(time.RFC3339) {
		t.Errorf("%v, %v", rec.m.Digest.Date, err)
	}
}

func TestSmallRowsRoundTrip(t *testing.T) {
	st := state{seen: true, tags: []string{"a", ""}}
	if got, err := decodeState(encodeState(st)); err != nil || !reflect.DeepEqual(got, st) {
		t.Errorf("state %+v, %v", got, err)
	}
	n := numbers{uid: 9, pruned: 3, sequence: 1 << 40}
	if got, err := decodeNumbers(encodeNumbers(n)); err != nil || got != n {
		t.Errorf("numbers %+v, %v", got, err)
	}
	c := Change{
		Sequence: 5, Kind: MessageDeleted, Sandbox: "s", At: time.Unix(1, 2).UTC(), ID: "x", UID: 3, Mailbox: 4,
		Accounts: []string{"a@b"}, Entries: []EntryChangeRow{{1, 2}, {3, 4}},
	}
	id, got, err := decodeChange(5, encodeChange(8, &c))
	if d := cmp.Diff(c, got, cmpopts.IgnoreUnexported(Change{})); d != "" || id != 8 || err != nil {
		t.Error(d, id, err)
	}
}

// TestKeyOrderIsValueOrder draws numbers of every length.
func TestKeyOrderIsValueOrder(t *testing.T) {
	rnd := rand.New(rand.NewPCG(3, 4))
	number := func() uint64 { return rnd.Uint64() >> rnd.IntN(64) }
	for range 2000 {
		a, b := number(), number()
		want := cmpUint(a, b)
		if got := bytes.Compare(sequenceKey(Sequence(a)), sequenceKey(Sequence(b))); got != want {
			t.Fatalf("sequences %d, %d: %d", a, b, got)
		}
		if got := bytes.Compare(spaceKey(SpaceID(a)), spaceKey(SpaceID(b))); got != want {
			t.Fatalf("spaces %d, %d: %d", a, b, got)
		}
		if seq, ok := parseSequenceKey(sequenceKey(Sequence(a))); !ok || seq != Sequence(a) {
			t.Fatalf("sequence %d: %d", a, seq)
		}
	}
	for _, c := range []struct{ prefix, want []byte }{
		{[]byte{1, 2}, []byte{1, 3}}, {[]byte{1, 0xFF}, []byte{2}}, {[]byte{0xFF}, nil}, {nil, nil},
	} {
		if got := after(c.prefix); !bytes.Equal(got, c.want) {
			t.Errorf("after %x: %x", c.prefix, got)
		}
	}
}

func cmpUint(a, b uint64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

func TestIDs(t *testing.T) {
	s, other := &Store{idTag: 1}, &Store{idTag: 2}
	last, found := "", 0
	for seq := Sequence(1); seq < 1<<39; seq = seq*5/4 + 1 {
		id := s.idOf(seq)
		if id <= last {
			t.Fatalf("%d: %q after %q", seq, id, last)
		}
		last = id
		if got, ok := s.sequenceOf(id); !ok || got != seq {
			t.Fatalf("%q: %d, %v", id, got, ok)
		}
		if _, ok := other.sequenceOf(id); ok {
			found++
		}
	}
	if found > 1 {
		t.Errorf("%d IDs are of another file too", found)
	}
	for _, id := range []string{"", "latest", "000000000000000", "00000000000!", "ILOU00000000"} {
		if _, ok := s.sequenceOf(id); ok {
			t.Errorf("%q is an ID", id)
		}
	}
}

// FuzzDecode gives rows of any octets to every decoder; what decodes must come
// back the same when it is encoded again.
func FuzzDecode(f *testing.F) {
	m, n := &Message{}, 0
	fill(reflect.ValueOf(m).Elem(), &n)
	f.Add(encodeRecord(&record{m: m}))
	f.Add(encodeChange(1, &Change{Kind: MessageDeleted, Accounts: []string{"a"}, Entries: []EntryChangeRow{{1, 2}}}))
	f.Add(encodeState(state{seen: true, tags: []string{"x"}}))
	f.Add(encodeNumbers(numbers{uid: 1}))
	f.Fuzz(func(t *testing.T, row []byte) {
		if rec, err := decodeRecord(1, row); err == nil {
			again, err := decodeRecord(1, encodeRecord(rec))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(rec.m, again.m, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); d != "" {
				t.Error(d)
			}
		}
		_, _, _ = decodeChange(1, row)
		_, _ = decodeState(row)
		_, _ = decodeNumbers(row)
	})
}

// A forward-path without NOTIFY has an empty list of them, not none.
func TestRecordKeepsEmptyNotify(t *testing.T) {
	m := &Message{Digest: &message.Digest{}}
	m.Envelope.DSN.Recipients = []model.DSNRecipient{{Address: "anna@x.test", Notify: []string{}}}
	rec, err := decodeRecord(m.Sequence, encodeRecord(&record{m: m}))
	if err != nil {
		t.Fatal(err)
	}
	if got := rec.m.Envelope.DSN.Recipients; len(got) != 1 || got[0].Notify == nil {
		t.Errorf("%#v", got)
	}
}
