package store

import "math/bits"

// Search signatures: one bit column for each message, one row for each hash of
// a trigram, sliced so that a row of many messages is read at once. A needle can
// stand only in messages whose column has a bit in every row of the needle's
// trigrams; those are verified in the text.
//
// Columns come in blocks small enough to be hot in the cache while they fill,
// so a store with few messages pays for few. Longer texts have more rows,
// because a saturated column excludes nothing.

// tier is a size of signature.
type tier struct {
	maxText int // octets of text that it serves
	rows    int // a power of two
	words   int // words of one row in a block; a block has 64 times as many columns
	pairs   int // pairWords, or 0 where texts are so long that they have every pair
}

var tiers = [...]tier{
	{maxText: 2 << 10, rows: 1 << 11, words: 8, pairs: pairWords},
	{maxText: 16 << 10, rows: 1 << 14, words: 1, pairs: pairWords},
	{maxText: 256 << 10, rows: 1 << 16, words: 1},
}

// noColumn marks a message without signature: every needle may stand in it.
const noColumn = ^uint32(0)

// columnBits is where the tier stands in a column number, below it the column.
const columnBits = 30

// signature is the rows of one text as a bit set, and its tier.
type signature struct {
	tier  int // -1: none, the text is too long
	rows  []uint64
	pairs []uint64 // see pairs.go; nil in the tiers that have none
}

// trigramHash hashes three octets; a tier masks it to its rows.
func trigramHash(a, b, c byte) uint32 {
	return trigramRow(uint32(a)<<16 | uint32(b)<<8 | uint32(c))
}

// trigramRow is trigramHash of the three low octets of w.
func trigramRow(w uint32) uint32 { return (w << 8 >> 8) * 0x9E3779B1 >> 16 }

// sign computes a text's signature. It runs in the caller's goroutine.
func sign(text string) signature {
	for i, t := range tiers {
		if len(text) <= t.maxText {
			words := make([]uint64, t.rows/64+t.pairs)
			rows := words[:t.rows/64]
			if len(text) > 2 {
				setTrigrams(rows, text)
			}
			g := signature{tier: i, rows: rows}
			if t.pairs > 0 {
				g.pairs = words[len(rows):]
				setPairs(g.pairs, text)
			}
			return g
		}
	}
	return signature{tier: -1}
}

// setTrigrams sets the rows of a text of three octets or more.
func setTrigrams(rows []uint64, text string) {
	w := uint32(text[0])<<8 | uint32(text[1])
	if len(rows) == 1<<11/64 { // most mail: without a check of bounds
		rows := (*[1 << 11 / 64]uint64)(rows)
		for _, c := range []byte(text[2:]) {
			w = w<<8 | uint32(c)
			h := trigramRow(w) % (1 << 11)
			rows[h/64] |= 1 << (h % 64)
		}
		return
	}
	mask := uint32(64*len(rows) - 1)
	for _, c := range []byte(text[2:]) {
		w = w<<8 | uint32(c)
		h := trigramRow(w) & mask
		rows[h/64] |= 1 << (h % 64)
	}
}

// may reports whether a text with this signature may hold the needles with
// these rows of the smallest tier. A row of a larger tier falls onto the row of
// the smallest with the same low bits.
func (g *signature) may(rows []uint32) bool {
	if g == nil || g.tier < 0 {
		return true
	}
	small := len(g.rows)
	if g.tier > 0 {
		small = tiers[0].rows / 64
	}
	for _, row := range rows {
		w := uint64(0)
		for i := int(row / 64); i < len(g.rows); i += small {
			w |= g.rows[i]
		}
		if w&(1<<(row%64)) == 0 {
			return false
		}
	}
	return true
}

// needleRows are the rows of a needle in a tier; none for less than a trigram.
func needleRows(needles []string, t tier) []uint32 {
	var rows []uint32
	seen := make(map[uint32]bool)
	for _, n := range needles {
		for j := 2; j < len(n); j++ {
			h := trigramHash(n[j-2], n[j-1], n[j]) & uint32(t.rows-1)
			if !seen[h] {
				seen[h] = true
				rows = append(rows, h)
			}
		}
	}
	return rows
}

// block is tier.words×64 columns; bits[row*words+word].
type block struct {
	bits  []uint64
	pairs []uint64 // tier.pairs words for each pairColumns columns
	live  int
}

// signatures are those of all messages.
type signatures struct {
	blocks [len(tiers)][]*block
	next   [len(tiers)]uint32 // next column
}

// add gives a signature its column.
func (s *signatures) add(g signature) uint32 {
	if g.tier < 0 {
		return noColumn
	}
	t := tiers[g.tier]
	column := s.next[g.tier]
	s.next[g.tier]++
	width := uint32(t.words * 64)
	if int(column/width) == len(s.blocks[g.tier]) {
		s.blocks[g.tier] = append(s.blocks[g.tier], &block{
			bits: make([]uint64, t.rows*t.words), pairs: make([]uint64, t.pairs*t.words*64/pairColumns),
		})
	}
	b := s.blocks[g.tier][column/width]
	b.live++
	at := int(column%width/pairColumns) * t.pairs
	for i, w := range g.pairs {
		b.pairs[at+i] |= w
	}
	word, bit := int(column%width/64), uint64(1)<<(column%64)
	for i, w := range g.rows {
		for ; w != 0; w &= w - 1 {
			row := i*64 + bits.TrailingZeros64(w)
			b.bits[row*t.words+word] |= bit
		}
	}
	return uint32(g.tier)<<columnBits | column
}

// remove frees a column's block with its last live column.
func (s *signatures) remove(c uint32) {
	if c == noColumn {
		return
	}
	i, column := c>>columnBits, c&(1<<columnBits-1)
	n := column / uint32(tiers[i].words*64)
	b := s.blocks[i][n]
	if b.live--; b.live > 0 {
		return
	}
	s.blocks[i][n] = nil
	if int(n) == len(s.blocks[i])-1 { // columns of a freed block are not given again
		s.next[i] = (n + 1) * uint32(tiers[i].words*64)
	}
}

// matcher tests columns against needles, remembering each tier's last block.
type matcher struct {
	s     *signatures
	rows  [len(tiers)][]uint32
	at    [len(tiers)]int
	found [len(tiers)][]uint64
	pairs []uint32 // of needles shorter than a trigram
	none  bool     // no needle says anything
}

func (s *signatures) matcher(needles []string) *matcher {
	m := &matcher{s: s, pairs: needlePairs(needles)}
	for i, t := range tiers {
		m.rows[i] = needleRows(needles, t)
		m.at[i] = -1
		m.found[i] = make([]uint64, t.words)
	}
	m.none = len(m.rows[0])+len(m.pairs) == 0
	return m
}

// forget drops remembered blocks: new columns may have come since.
func (m *matcher) forget() {
	for i := range m.at {
		m.at[i] = -1
	}
}

// may reports whether all needles may stand in the text of a column.
func (m *matcher) may(c uint32) bool {
	if m.none || c == noColumn {
		return true
	}
	i, column := c>>columnBits, c&(1<<columnBits-1)
	words := tiers[i].words
	if n := int(column) / (words * 64); n != m.at[i] {
		m.at[i] = n
		m.and(int(i), m.s.blocks[i][n])
	}
	return m.found[i][int(column)%(words*64)/64]&(1<<(column%64)) != 0
}

func (m *matcher) and(i int, b *block) {
	found, words := m.found[i], tiers[i].words
	for w := range found {
		found[w] = ^uint64(0)
	}
	if b == nil {
		clear(found)
		return
	}
	m.andPairs(i, b)
	for _, row := range m.rows[i] {
		some := uint64(0)
		for w, v := range b.bits[int(row)*words : int(row)*words+words] {
			found[w] &= v
			some |= found[w]
		}
		if some == 0 {
			return
		}
	}
}
