package store

import "math/bits"

// Needles of one or two octets have no trigram. For them each pairColumns columns
// of a block share a set of the characters and pairs of characters that stand in
// their texts: what is rare is rare there too, and what is common is found at once.

const (
	pairColumns = 32 // divides 64
	pairClasses = 40
	pairWords   = (pairClasses*pairClasses + pairClasses + 63) / 64
)

// pairClass parts the octets of folded text into classes: each letter, each digit
// and the blank is one by itself.
var pairClass = func() (class [256]uint8) {
	for i := range class {
		switch c := byte(i); {
		case 'a' <= c && c <= 'z':
			class[i] = c - 'a'
		case '0' <= c && c <= '9':
			class[i] = 26 + c - '0'
		case c == ' ':
			class[i] = 36
		case c < 0x80:
			class[i] = 37 + c&1
		default:
			class[i] = 39
		}
	}
	return class
}()

// single and double are the bits of an octet and of a pair.
func single(c byte) uint32 { return pairClasses*pairClasses + uint32(pairClass[c]) }

func double(a, b byte) uint32 { return uint32(pairClass[a])*pairClasses + uint32(pairClass[b]) }

// setPairs sets the bits of a text.
func setPairs(set []uint64, text string) {
	if text == "" {
		return
	}
	pairs := (*[pairWords]uint64)(set)
	last := uint32(pairClass[text[0]])
	singles := uint64(1) << last
	for _, c := range []byte(text[1:]) {
		class := uint32(pairClass[c])
		singles |= 1 << (class % 64)
		bit := last*pairClasses + class
		pairs[bit/64] |= 1 << (bit % 64)
		last = class
	}
	for ; singles != 0; singles &= singles - 1 {
		bit := pairClasses*pairClasses + uint32(bits.TrailingZeros64(singles))
		pairs[bit/64] |= 1 << (bit % 64)
	}
}

// needlePairs are the bits of the needles shorter than a trigram.
func needlePairs(needles []string) (pairs []uint32) {
	for _, n := range needles {
		switch len(n) {
		case 1:
			pairs = append(pairs, single(n[0]))
		case 2:
			pairs = append(pairs, double(n[0], n[1]))
		}
	}
	return pairs
}

// andPairs takes out of found the columns whose set lacks a pair.
func (m *matcher) andPairs(i int, b *block) {
	words := tiers[i].pairs
	if words == 0 || len(m.pairs) == 0 {
		return
	}
	const perWord = 64 / pairColumns
	for n := range len(b.pairs) / words {
		set := b.pairs[n*words : (n+1)*words]
		for _, bit := range m.pairs {
			if set[bit/64]&(1<<(bit%64)) == 0 {
				m.found[i][n/perWord] &^= (1<<pairColumns - 1) << (n % perWord * pairColumns)
				break
			}
		}
	}
}
