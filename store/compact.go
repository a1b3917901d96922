package store

import (
	"context"
	"time"

	"github.com/catchpost/catchpost/store/kv"
)

// compactFrom is the size from which a data file is compacted by itself, when
// over half of it is free.
const compactFrom = 64 << 20

// Compact rewrites the data file without its free space, while the store is in
// use. Errors: ErrDiskFull. In memory there is nothing to do.
func (s *Store) Compact(ctx context.Context) error {
	c, ok := s.db.(kv.Compactor)
	if !ok {
		return nil
	}
	started := time.Now()
	before, err := s.db.Stats()
	if err != nil {
		return storeError(err)
	}
	if err := c.Compact(ctx); err != nil {
		return storeError(err)
	}
	after, err := s.db.Stats()
	s.log.Info("compacted", "before", before.Size, "after", after.Size, "took", time.Since(started))
	return storeError(err)
}

// compactIfLoose compacts a file of which over half is free.
func (s *Store) compactIfLoose(ctx context.Context) error {
	st, err := s.db.Stats()
	if err != nil || st.Size < compactFrom || st.Free*2 < st.Size {
		return storeError(err)
	}
	return s.Compact(ctx)
}

// Stats are the sizes of the data file in octets, without blobs.
type Stats struct {
	Path string
	Size int64
	Free int64 // of Size, what compacting would give back
}

// Stats tells how big the data file is.
func (s *Store) Stats() (Stats, error) {
	st, err := s.db.Stats()
	return Stats{Path: s.o.Path, Size: st.Size, Free: st.Free}, storeError(err)
}
