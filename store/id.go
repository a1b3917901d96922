package store

import "slices"

// IDs are a sequence in eight characters and a tag of the file in four, so that
// they need no index, sort by age, and an ID of another file is not found here.

// idAlphabet is in ASCII order, so that IDs sort as sequences do.
const idAlphabet = "0123456789abcdefghjkmnpqrstvwxyz"

const idLength = 12

// idOf makes the ID of what was created under a sequence.
func (s *Store) idOf(seq Sequence) string {
	var b [idLength]byte
	v := uint64(seq)<<20 | uint64(s.tagOf(seq))
	for i := idLength - 1; i >= 0; i-- {
		b[i] = idAlphabet[v&31]
		v >>= 5
	}
	return string(b[:])
}

// sequenceOf is the sequence of an ID made by this file, ok false for any other.
func (s *Store) sequenceOf(id string) (seq Sequence, ok bool) {
	if len(id) != idLength {
		return 0, false
	}
	var v uint64
	for i := range idLength {
		d := idDigit(id[i])
		if d < 0 {
			return 0, false
		}
		v = v<<5 | uint64(d)
	}
	seq = Sequence(v >> 20)
	return seq, uint32(v&(1<<20-1)) == s.tagOf(seq)
}

func idDigit(c byte) int {
	for i := range len(idAlphabet) {
		if idAlphabet[i] == c {
			return i
		}
	}
	return -1
}

// tagOf mixes the file's tag and the sequence into 20 bits.
func (s *Store) tagOf(seq Sequence) uint32 {
	v := (uint64(seq) ^ s.idTag) * 0x9E3779B97F4A7C15 // golden ratio, Knuth TAOCP 3 §6.4
	v ^= v >> 29
	v *= 0xBF58476D1CE4E5B9
	return uint32(v >> 44)
}

// sequencesOfIDs are the living messages of a sandbox that IDs name, ascending,
// each once.
func (s *Store) sequencesOfIDs(sp *space, ids []string) []Sequence {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var found []Sequence
	for _, id := range ids {
		if seq, ok := s.sequenceOf(id); ok {
			if ordinal, ok := s.index.find(seq); ok && s.index.at(ordinal).space == sp {
				found = append(found, seq)
			}
		}
	}
	slices.Sort(found)
	return slices.Compact(found)
}
