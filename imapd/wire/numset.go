package wire

import (
	"slices"
	"sort"
	"strconv"
)

// Range is seq-range; both ends belong to it. 0 stands for "*" before it is resolved.
type Range struct{ Start, Stop uint32 }

// NumSet is sequence-set as it was written, RFC 9051 §9. Ranges are never expanded.
type NumSet struct {
	Ranges []Range
	Saved  bool // "$", RFC 5182 §2.1
}

// Set is a resolved set: ranges ascending, disjoint and not adjacent.
type Set []Range

// Numbers demands sequence-set or "$".
func (d *Decoder) Numbers() NumSet {
	if d.Special('$') {
		return NumSet{Saved: true}
	}
	var s NumSet
	for d.ok() {
		r := Range{Start: d.seqNumber()}
		r.Stop = r.Start
		if d.Special(':') {
			r.Stop = d.seqNumber()
		}
		if len(s.Ranges) >= d.limits.Set {
			d.Fail("too many ranges in a set")
			break
		}
		s.Ranges = append(s.Ranges, r)
		if !d.Special(',') {
			break
		}
	}
	if !d.ok() {
		return NumSet{}
	}
	return s
}

// seqNumber = nz-number / "*"
func (d *Decoder) seqNumber() uint32 {
	if d.Special('*') {
		return 0
	}
	n := d.Number()
	if n == 0 {
		d.Fail("a number in a set is at least 1")
	}
	return n
}

// KnownUIDs demands a sequence-set without "*" and "$", as in QRESYNC, RFC 7162 §3.2.5.
func (d *Decoder) KnownUIDs() Set {
	s := d.Numbers()
	if s.Saved || s.HasStar() {
		d.Fail("\"*\" and \"$\" are not allowed here")
	}
	return s.Resolve(0)
}

// HasStar reports whether "*" occurs.
func (s NumSet) HasStar() bool {
	return slices.ContainsFunc(s.Ranges, func(r Range) bool { return r.Start == 0 || r.Stop == 0 })
}

// Max is the largest number written, "*" not counted.
func (s NumSet) Max() uint32 {
	var m uint32
	for _, r := range s.Ranges {
		m = max(m, r.Start, r.Stop)
	}
	return m
}

// Resolve replaces "*" by last, orders the ends and merges. With last 0 a lone
// "*" names nothing.
func (s NumSet) Resolve(last uint32) Set {
	out := make(Set, 0, len(s.Ranges))
	for _, r := range s.Ranges {
		if r.Start == 0 {
			r.Start = last
		}
		if r.Stop == 0 {
			r.Stop = last
		}
		if r.Start > r.Stop {
			r.Start, r.Stop = r.Stop, r.Start
		}
		if r.Stop == 0 {
			continue
		}
		r.Start = max(r.Start, 1)
		out = append(out, r)
	}
	return out.normal()
}

// normal sorts and merges overlapping and adjacent ranges in place.
func (s Set) normal() Set {
	if slices.IsSortedFunc(s, func(a, b Range) int { return cmp(a.Start, b.Start) }) && len(s) < 2 {
		return s
	}
	slices.SortFunc(s, func(a, b Range) int { return cmp(a.Start, b.Start) })
	out := s[:1]
	for _, r := range s[1:] {
		if last := &out[len(out)-1]; uint64(r.Start) <= uint64(last.Stop)+1 {
			last.Stop = max(last.Stop, r.Stop)
		} else {
			out = append(out, r)
		}
	}
	return out
}

func cmp(a, b uint32) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// Contains reports whether n is in the set.
func (s Set) Contains(n uint32) bool {
	i := sort.Search(len(s), func(i int) bool { return s[i].Stop >= n })
	return i < len(s) && s[i].Start <= n
}

// Add appends n, which must be greater than all before it.
func (s Set) Add(n uint32) Set {
	if k := len(s); k > 0 && s[k-1].Stop+1 == n {
		s[k-1].Stop = n
		return s
	}
	return append(s, Range{n, n})
}

// Union returns the numbers of both.
func (s Set) Union(t Set) Set { return slices.Concat(s, t).normalOrNil() }

func (s Set) normalOrNil() Set {
	if len(s) == 0 {
		return nil
	}
	return s.normal()
}

// Count is how many numbers the set holds.
func (s Set) Count() uint64 {
	var n uint64
	for _, r := range s {
		n += uint64(r.Stop-r.Start) + 1
	}
	return n
}

// Append writes the set as on the wire.
func (s Set) Append(b []byte) []byte {
	for i, r := range s {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendUint(b, uint64(r.Start), 10)
		if r.Stop != r.Start {
			b = append(b, ':')
			b = strconv.AppendUint(b, uint64(r.Stop), 10)
		}
	}
	return b
}

func (s Set) String() string { return string(s.Append(nil)) }
