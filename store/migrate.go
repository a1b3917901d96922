package store

import (
	"bytes"
	"context"
	"fmt"

	"github.com/catchpost/catchpost/store/kv"
)

const (
	// migrateOctets and migrateRows bound what is brought forward in one transaction.
	migrateOctets = 8 << 20
	migrateRows   = 10_000
)

// migrate1 brings a file of format 1, where record, search text, octets and
// change of a message stood in a bucket each, to format 2. Rows are moved in
// ascending order, so that one that was interrupted goes on where it stopped. The
// file is of the new format from the first moment: an older program, which would
// miss what was moved and unlink its blobs, refuses it.
func (s *Store) migrate1(ctx context.Context) error {
	s.log.Info("bringing the data file to a newer format", "path", s.o.Path, "from", 1, "to", formatVersion)
	err := s.db.Update(func(w kv.Writer) error {
		w.Put(bucketMeta, metaFormat, kv.EncodeCounter(formatVersion))
		w.Put(bucketMeta, metaMoving, kv.EncodeCounter(1))
		return nil
	})
	if err != nil {
		return storeError(err)
	}
	for _, move := range []func(kv.Writer, int) (bool, error){moveMessages1, moveChanges1} {
		for more := true; more; {
			if err := ctx.Err(); err != nil {
				return err
			}
			err := s.db.Update(func(w kv.Writer) (err error) {
				more, err = move(w, migrateRows)
				return err
			})
			if err != nil {
				return storeError(err)
			}
		}
	}
	return storeError(s.db.Update(func(w kv.Writer) error {
		for _, b := range []kv.Bucket{bucketRaw1, bucketText1} {
			w.DeleteRange(b, nil, nil) // without a record, of no use
		}
		w.Delete(bucketMeta, metaMoving)
		return nil
	}))
}

// moveMessages1 moves the oldest messages, so many at most; more says that there
// may be others.
func moveMessages1(w kv.Writer, most int) (more bool, err error) {
	var seqs []Sequence
	octets := 0
	for k, row := range w.Scan(bucketRecord1, nil, nil, most, false) {
		seq, ok := parseSequenceKey(k)
		if !ok {
			return false, fmt.Errorf("%w: record key %x", ErrCorrupt, k)
		}
		key := sequenceKey(seq)
		for _, r := range []struct {
			kind rowKind
			row  []byte
		}{{rowRecord, row}, {rowText, w.Get(bucketText1, key)}, {rowRaw, w.Get(bucketRaw1, key)}} {
			if r.row != nil {
				w.Put(bucketMessage, messageKey(seq, r.kind), bytes.Clone(r.row))
				octets += len(r.row)
			}
		}
		seqs = append(seqs, seq)
		if octets >= migrateOctets {
			break
		}
	}
	for _, seq := range seqs {
		key := sequenceKey(seq)
		for _, b := range []kv.Bucket{bucketRecord1, bucketText1, bucketRaw1} {
			w.Delete(b, key)
		}
	}
	return len(seqs) > 0, nil
}

// moveChanges1 is moveMessages1 for the change log.
func moveChanges1(w kv.Writer, most int) (more bool, err error) {
	var keys [][]byte
	for k, row := range w.Scan(bucketChange1, nil, nil, most, false) {
		keys = append(keys, bytes.Clone(k))
		w.Put(bucketChange, keys[len(keys)-1], bytes.Clone(row))
	}
	for _, k := range keys {
		w.Delete(bucketChange1, k)
	}
	return len(keys) > 0, nil
}
