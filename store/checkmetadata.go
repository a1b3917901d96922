package store

import (
	"bytes"
	"encoding/binary"

	"github.com/catchpost/catchpost/store/kv"
)

// checkMetadata holds annotations against whom they belong to, and their sum.
func (s *Store) checkMetadata(r kv.Reader, wrong func(string, ...any)) {
	sums := make(map[SpaceID]int64)
	counts := make(map[string]int)
	for k, row := range r.Scan(bucketMetadata, nil, nil, 0, false) {
		id, rest, _ := parseSpaceKey(k)
		a, err := decodeAnnotation(row)
		folded, err2 := AnnotationName(a.Name)
		owner, known := bytes.CutSuffix(rest, []byte(folded))
		sp := s.spacesByID[id]
		if err != nil || err2 != nil || !known || len(owner) == 0 || sp == nil || len(a.Value) > MaxAnnotation {
			wrong("annotation row %x: %v %v", k, err, err2)
			continue
		}
		sums[id] += annotationSize(a)
		if counts[string(k[:len(k)-len(folded)])]++; counts[string(k[:len(k)-len(folded)])] > maxAnnotations {
			wrong("annotation %q of sandbox %d: too many", a.Name, id)
		}
		if !sp.ended && !s.hasOwner(sp, owner) {
			wrong("annotation %q of sandbox %d: nobody's", a.Name, id)
		}
	}
	for id, sum := range s.domain.metadata {
		if sums[id] != sum {
			wrong("annotations of sandbox %d take %d octets, counted %d", id, sums[id], sum)
		}
		delete(sums, id)
	}
	if len(sums) > 0 {
		wrong("annotations of %d sandboxes are not counted", len(sums))
	}
}

// hasOwner reports whether whom an annotation's key names is there.
func (s *Store) hasOwner(sp *space, owner []byte) bool {
	rest := owner[1:]
	switch owner[0] {
	case ofMailbox:
		if len(rest) != 8 {
			return false
		}
		m := s.domain.drops.byID[MailboxID(binary.BigEndian.Uint64(rest))]
		return m != nil && m.acc.space == sp
	case ofAccount:
		key, ok := bytes.CutSuffix(rest, []byte{0})
		return ok && s.domain.account(sp, string(key)) != nil
	}
	return owner[0] == ofSandbox && len(rest) == 0
}
