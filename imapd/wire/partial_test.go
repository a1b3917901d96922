package wire

import (
	"bytes"
	"testing"
)

func TestPartialRange(t *testing.T) {
	for _, c := range []struct {
		in       string
		n        int
		from, to int
	}{
		{"1:5", 10, 0, 5}, {"5:1", 10, 0, 5}, {"8:20", 10, 7, 10}, {"11:20", 10, 0, 0}, {"10:10", 10, 9, 10}, {"1:1", 0, 0, 0},
		{"-1:-3", 10, 7, 10}, {"-3:-1", 10, 7, 10}, {"-9:-4000000000", 10, 0, 2}, {"-11:-12", 10, 0, 0}, {"-1:-1", 1, 0, 1}, {"1:4294967295", 3, 0, 3},
	} {
		d := decode(t, c.in+"\r\n")
		p := d.PartialRange()
		if !d.ExpectEnd() {
			t.Errorf("%s: %v", c.in, d.Err())
		}
		if from, to := p.Cut(c.n); from != c.from || to != c.to {
			t.Errorf("%s of %d: %d…%d, want %d…%d", c.in, c.n, from, to, c.from, c.to)
		}
		var out bytes.Buffer
		e := NewEncoder(&out)
		e.Partial(p)
		if _ = e.Flush(); out.String() != c.in {
			t.Errorf("%s comes back as %s", c.in, out.String())
		}
	}
	for _, in := range []string{"", "1", "1:", ":1", "0:1", "1:0", "-0:-1", "1:-1", "-1:1", "*:1", "1:*", "--1:-1", "1:4294967296", "1,2"} {
		d := decode(t, in+"\r\n")
		d.PartialRange()
		if d.ExpectEnd() {
			t.Errorf("%q was taken for a partial range", in)
		}
	}
}
