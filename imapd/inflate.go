package imapd

import (
	"errors"
	"io"
)

// inflater undoes DEFLATE (RFC 1951) and gives out what it has before it waits
// for more input. compress/flate gives out at a Z_SYNC_FLUSH alone, but RFC 4978 §3
// lets clients end a command by Z_PARTIAL_FLUSH, and isync does.
//
// Input is kept from the start of the symbol (or block head) that is being read;
// when it does not suffice, the attempt is undone and made again with more.
type inflater struct {
	src  io.Reader
	in   []byte
	bit  int // position in in, in bits
	out  []byte
	read int // octets of out that were given out
	err  error

	step      func() bool // false: more input is needed
	ending    bool        // nothing but the end of the stream may follow
	plain     bool        // it has ended: octets pass as they are
	final     bool
	between   bool // at the head of a block that is not the first
	empty     bool // in a block of fixed codes that has no symbol yet
	stored    int
	lit, dist huffman
}

var errDeflate = errors.New("not DEFLATE data")

const inflateWindow = 32 << 10

func newInflater(src io.Reader) *inflater {
	f := &inflater{src: src}
	f.step = f.blockHead
	return f
}

// Read returns at least one octet or an error. It does not read beyond a block
// that ends in LF before what it has is taken: the stream may end there.
func (f *inflater) Read(p []byte) (int, error) {
	if f.ending && !f.plain {
		if err := f.finish(); err != nil {
			return 0, err
		}
	}
	if f.plain {
		return f.pass(p)
	}
	for {
		for f.err == nil && len(f.out)-f.read < len(p) && !f.atLine() {
			start := f.bit
			if !f.step() {
				f.bit = start
				break
			}
			f.drop()
		}
		if n := copy(p, f.out[f.read:]); n > 0 || len(p) == 0 {
			f.read += n
			f.slide()
			return n, nil
		}
		if f.err != nil {
			return 0, f.err
		}
		f.fill()
	}
}

// atLine reports whether a block has ended in LF and its octets wait to be taken.
func (f *inflater) atLine() bool {
	n := len(f.out)
	return f.between && n > f.read && f.out[n-1] == '\n'
}

// end says that no more data will come in the stream: UNAUTHENTICATE ends COMPRESS
// (RFC 8437 §4.1).
func (f *inflater) end() { f.ending = true }

// finish goes to the first octet behind the stream. Clients end it by a final
// block or by a flush alone: the octets that begin what may still follow of a
// stream are control characters or zero bits, and those of a command are not.
func (f *inflater) finish() error {
	for f.err == nil && !f.plain {
		start, n, at := f.bit, len(f.out), (f.bit+7)/8
		if f.between && f.final || f.padded() && at < len(f.in) && f.in[at] >= ' ' {
			f.bit, f.plain = 8*at, true
		} else if !f.step() {
			f.bit = start
			f.fill()
		} else if len(f.out) > n {
			f.err = errDeflate
		}
	}
	return f.err
}

// padded reports whether the stream may end in this octet: nothing of it is left,
// or zero bits, or the empty block of a Z_PARTIAL_FLUSH as far as it fits into
// octets (binary 010 and seven zeros, of which zlib keeps the last bits back).
func (f *inflater) padded() bool {
	if f.bit&7 == 0 {
		return f.between
	}
	rest := f.in[f.bit/8] >> (f.bit & 7)
	return (f.between || f.empty) && rest == 0 || f.between && rest == 2 && f.bit&7 == 6
}

// pass gives out what follows the stream.
func (f *inflater) pass(p []byte) (int, error) {
	if at := f.bit / 8; at < len(f.in) {
		n := copy(p, f.in[at:])
		f.bit += 8 * n
		return n, nil
	}
	f.in, f.out, f.bit = nil, nil, 0
	return f.src.Read(p)
}

// fill reads more input once.
func (f *inflater) fill() {
	var buf [4096]byte
	n, err := f.src.Read(buf[:])
	f.in = append(f.in, buf[:n]...)
	if err != nil && n == 0 {
		f.err = err
	}
}

// drop forgets input that is used up.
func (f *inflater) drop() {
	if f.bit >= 8<<10 {
		n := f.bit / 8
		f.in = append(f.in[:0], f.in[n:]...)
		f.bit -= 8 * n
	}
}

// slide keeps the window behind what was given out.
func (f *inflater) slide() {
	if f.read > 4*inflateWindow {
		n := f.read - inflateWindow
		f.out = append(f.out[:0], f.out[n:]...)
		f.read -= n
	}
}

// bits takes n bits, least significant first; ok is false when they are not here.
func (f *inflater) bits(n int) (v int, ok bool) {
	if f.bit+n > 8*len(f.in) {
		return 0, false
	}
	for i := range n {
		v |= int(f.in[f.bit>>3]>>(f.bit&7)&1) << i
		f.bit++
	}
	return v, true
}

func (f *inflater) fail() bool {
	f.err = errDeflate
	return true
}

// blockHead reads BFINAL, BTYPE and what a block of that type begins with.
func (f *inflater) blockHead() bool {
	if f.final {
		f.err = io.EOF
		return true
	}
	head, ok := f.bits(3)
	if !ok {
		return false
	}
	switch head >> 1 {
	case 0:
		ok = f.storedHead()
	case 1:
		f.lit, f.dist = fixedLit, fixedDist
		f.step = f.symbol
	case 2:
		ok = f.dynamicHead()
	default:
		return f.fail()
	}
	if ok {
		f.final, f.between, f.empty = head&1 == 1, false, head>>1 == 1
	}
	return ok
}

func (f *inflater) endBlock() { f.step, f.between = f.blockHead, true }

func (f *inflater) storedHead() bool {
	f.bit = (f.bit + 7) &^ 7
	n, ok1 := f.bits(16)
	inverse, ok2 := f.bits(16)
	if !ok1 || !ok2 {
		return false
	}
	if n != ^inverse&0xffff {
		return f.fail()
	}
	f.stored = n
	f.step = f.storedOctets
	return true
}

func (f *inflater) storedOctets() bool {
	at := f.bit / 8
	n := min(f.stored, len(f.in)-at)
	if n == 0 && f.stored > 0 {
		return false
	}
	f.out = append(f.out, f.in[at:at+n]...)
	f.bit += 8 * n
	if f.stored -= n; f.stored == 0 {
		f.endBlock()
	}
	return true
}

var codeOrder = [19]int{16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15}

// dynamicHead reads the code lengths of RFC 1951 §3.2.7.
func (f *inflater) dynamicHead() bool {
	head, ok := f.bits(14)
	if !ok {
		return false
	}
	nlit, ndist, ncode := head&31+257, head>>5&31+1, head>>10+4
	if nlit > 286 || ndist > 30 {
		return f.fail()
	}
	var lengths [320]byte
	for i := range ncode {
		n, ok := f.bits(3)
		if !ok {
			return false
		}
		lengths[codeOrder[i]] = byte(n)
	}
	codes, valid := newHuffman(lengths[:19])
	if !valid {
		return f.fail()
	}
	clear(lengths[:])
	for i := 0; i < nlit+ndist; {
		sym, ok := f.decode(&codes)
		if !ok || f.err != nil {
			return ok
		}
		repeat, value := 1, byte(sym)
		if sym >= 16 {
			base, extra := [3]int{3, 3, 11}[sym-16], [3]int{2, 3, 7}[sym-16]
			n, ok := f.bits(extra)
			if !ok {
				return false
			}
			if repeat, value = base+n, 0; sym == 16 {
				if i == 0 {
					return f.fail()
				}
				value = lengths[i-1]
			}
		}
		if i+repeat > nlit+ndist {
			return f.fail()
		}
		for range repeat {
			lengths[i] = value
			i++
		}
	}
	var ok1, ok2 bool
	f.lit, ok1 = newHuffman(lengths[:nlit])
	f.dist, ok2 = newHuffman(lengths[nlit : nlit+ndist])
	if !ok1 || !ok2 || lengths[256] == 0 {
		return f.fail()
	}
	f.step = f.symbol
	return true
}

// Base values and extra bits of RFC 1951 §3.2.5.
var (
	lengthBase  = [29]int{3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258}
	lengthExtra = [29]int{8: 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0}
	distBase    = [30]int{1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577}
	distExtra   = [30]int{4: 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13}
)

// symbol reads a literal, a match, or the end of the block.
func (f *inflater) symbol() bool {
	sym, ok := f.decode(&f.lit)
	if ok {
		f.empty = false
	}
	switch {
	case !ok || f.err != nil:
		return ok
	case sym < 256:
		f.out = append(f.out, byte(sym))
		return true
	case sym == 256:
		f.endBlock()
		return true
	case sym > 285:
		return f.fail()
	}
	more, ok := f.bits(lengthExtra[sym-257])
	if !ok {
		return false
	}
	length := lengthBase[sym-257] + more
	if sym, ok = f.decode(&f.dist); !ok || f.err != nil {
		return ok
	}
	if sym > 29 {
		return f.fail()
	}
	if more, ok = f.bits(distExtra[sym]); !ok {
		return false
	}
	from := len(f.out) - distBase[sym] - more
	if from < 0 {
		return f.fail()
	}
	for i := range length {
		f.out = append(f.out, f.out[from+i])
	}
	return true
}

// huffman is a canonical code: how many codes each length has, and the symbols in
// the order of their codes (RFC 1951 §3.2.2).
type huffman struct {
	count  [16]int
	symbol [288]int16
}

// newHuffman builds a code; valid is false where it is over-subscribed, or
// incomplete with more than one code.
func newHuffman(lengths []byte) (h huffman, valid bool) {
	for _, l := range lengths {
		h.count[l]++
	}
	codes := len(lengths) - h.count[0]
	h.count[0] = 0
	left := 1
	var offsets [16]int
	for l := 1; l < 16; l++ {
		if left = left<<1 - h.count[l]; left < 0 {
			return h, false
		}
		offsets[l] = offsets[l-1] + h.count[l-1]
	}
	for s, l := range lengths {
		if l > 0 {
			h.symbol[offsets[l]] = int16(s)
			offsets[l]++
		}
	}
	return h, left == 0 || codes <= 1
}

// decode reads one symbol, a bit at a time.
func (f *inflater) decode(h *huffman) (sym int, ok bool) {
	code, first, index := 0, 0, 0
	for l := 1; l < 16; l++ {
		b, ok := f.bits(1)
		if !ok {
			return 0, false
		}
		code |= b
		n := h.count[l]
		if code-first < n {
			return int(h.symbol[index+code-first]), true
		}
		index, first, code = index+n, (first+n)<<1, code<<1
	}
	return 0, f.fail()
}

var fixedLit, fixedDist = fixedCodes()

// fixedCodes are those of RFC 1951 §3.2.6.
func fixedCodes() (lit, dist huffman) {
	var l [288]byte
	for i := range l {
		switch {
		case i < 144, i >= 280:
			l[i] = 8
		case i < 256:
			l[i] = 9
		default:
			l[i] = 7
		}
	}
	lit, _ = newHuffman(l[:])
	var d [30]byte
	for i := range d {
		d[i] = 5
	}
	dist, _ = newHuffman(d[:])
	return lit, dist
}
