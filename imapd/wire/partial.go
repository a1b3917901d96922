package wire

// PartialRange is partial-range, RFC 9394 §4: a window over a list of results,
// counted from its first (1) or, FromEnd, from its last (-1).
type PartialRange struct {
	First, Last uint32 // as they were written, either may be the greater
	FromEnd     bool
}

// PartialRange demands partial-range-first or partial-range-last.
func (d *Decoder) PartialRange() (p PartialRange) {
	p.FromEnd = d.Peek() == '-'
	number := func() uint32 {
		if p.FromEnd {
			d.ExpectSpecial('-')
		}
		n := d.Number()
		if n == 0 {
			d.Fail("a number in a partial range is at least 1")
		}
		return n
	}
	p.First = number()
	d.ExpectSpecial(':')
	p.Last = number()
	if !d.ok() {
		return PartialRange{}
	}
	return p
}

// Cut returns which of n results the range names, as a half-open run.
func (p PartialRange) Cut(n int) (from, to int) {
	first, last := uint64(min(p.First, p.Last)), uint64(max(p.First, p.Last))
	if total := uint64(n); first > total {
		return 0, 0
	} else if last > total {
		last = total
	}
	if p.FromEnd {
		return n - int(last), n - int(first) + 1
	}
	return int(first) - 1, int(last)
}

// Partial writes a range as the client wrote it.
func (e *Encoder) Partial(p PartialRange) {
	for i, n := range []uint32{p.First, p.Last} {
		if i > 0 {
			e.Byte(':')
		}
		if p.FromEnd {
			e.Byte('-')
		}
		e.Number(uint64(n))
	}
}
