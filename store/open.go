package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/clock"
	"github.com/catchpost/catchpost/store/kv"
)

// formatVersion of the file; an older one is brought forward when it is opened.
const formatVersion = 2

// InMemory as Options.Path keeps everything in memory.
const InMemory = ":memory:"

// Store is safe for concurrent use.
type Store struct {
	o     Options
	log   *slog.Logger
	clock clock.Clock
	db    kv.Engine
	idTag uint64
	hub   hub
	blobs blobs
	disk  diskWatch

	sending   sync.RWMutex // held while a request is handed over
	closed    bool         // under sending
	requests  chan *request
	committed chan struct{} // closed when the committer has ended

	stop       chan struct{} // ends what runs in the background
	background sync.WaitGroup

	// mu guards what is kept in memory. The committer writes it in publish,
	// never while it waits for anything.
	mu         sync.RWMutex
	sequence   Sequence // the newest published
	spaces     map[string]*space
	spacesByID map[SpaceID]*space
	index      index

	domain   domain
	sessions sessions
}

// Open opens or creates the store and rebuilds its indexes. Errors: ErrLocked,
// ErrForeign, ErrCorrupt, ErrReadOnly, ErrDiskFull, each naming the path.
func Open(ctx context.Context, o Options) (*Store, error) {
	db, err := openEngine(o)
	if err != nil {
		return nil, storeError(err)
	}
	s, err := openStore(ctx, o, db, osFiles{})
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return s, nil
}

func openEngine(o Options) (kv.Engine, error) {
	if o.Path == InMemory {
		return kv.NewMemory(schema), nil
	}
	return kv.OpenBolt(o.Path, schema, kv.BoltOptions{Relaxed: o.Relaxed})
}

// openStore builds a store over an engine, which it owns from then on if it succeeds.
func openStore(ctx context.Context, o Options, db kv.Engine, fs files) (*Store, error) {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{
		o: o, log: o.Log, clock: o.Clock, db: db,
		requests: make(chan *request, groupRequests), committed: make(chan struct{}),
		index: newIndex(), blobs: blobs{fs: fs, relaxed: o.Relaxed},
		stop:   make(chan struct{}),
		spaces: make(map[string]*space), spacesByID: make(map[SpaceID]*space),
	}
	if o.Path != InMemory {
		s.blobs.dir = o.Path + ".blobs"
		s.disk.dir = filepath.Dir(o.Path)
	}
	if err := s.prepare(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	if err := s.load(ctx); err != nil {
		return nil, fmt.Errorf("%s: %w", o.Path, err)
	}
	go s.committer()
	s.background.Go(s.housekeeping)
	s.background.Go(s.keepSandboxes)
	s.background.Go(s.writeSessions)
	return s, nil
}

// prepare checks the format, or writes it into a new file.
func (s *Store) prepare(ctx context.Context) error {
	var format, moving uint64
	err := s.view(func(r kv.Reader) error {
		format = kv.Counter(r.Get(bucketMeta, metaFormat))
		moving = kv.Counter(r.Get(bucketMeta, metaMoving))
		if v := r.Get(bucketMeta, metaIDTag); len(v) == 8 {
			s.idTag = binary.BigEndian.Uint64(v)
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case format == 1 || moving == 1:
		return s.migrate1(ctx)
	case format == formatVersion:
		return nil
	case format > formatVersion:
		return fmt.Errorf("%w: its format %d was made by a newer version; this one knows %d", ErrForeign, format, formatVersion)
	}
	var tag [8]byte
	_, _ = rand.Read(tag[:]) // never fails, see crypto/rand
	s.idTag = binary.BigEndian.Uint64(tag[:])
	return storeError(s.db.Update(func(w kv.Writer) error {
		for _, b := range []kv.Bucket{bucketMessage, bucketRecord1} {
			for range w.Scan(b, nil, nil, 1, false) {
				return fmt.Errorf("%w: it has messages and no format", ErrForeign)
			}
		}
		w.Put(bucketMeta, metaFormat, kv.EncodeCounter(formatVersion))
		w.Put(bucketMeta, metaIDTag, tag[:])
		return nil
	}))
}

// load reads what is kept in memory: sandboxes, numbers, messages, the rest.
func (s *Store) load(ctx context.Context) error {
	return s.view(func(r kv.Reader) error {
		if err := s.loadSandboxes(r); err != nil {
			return err
		}
		if err := s.loadNumbers(r); err != nil {
			return err
		}
		if err := s.loadMessages(ctx, r); err != nil {
			return err
		}
		return s.loadDomain(r)
	})
}

// Close ends the committer after commits in flight and closes the file.
func (s *Store) Close() error {
	flushed := errors.Join(s.flushSessions(context.Background()), s.saveClaims(context.Background()))
	s.sending.Lock()
	if s.closed {
		s.sending.Unlock()
		return nil
	}
	s.closed = true
	close(s.stop)
	close(s.requests)
	s.sending.Unlock()
	<-s.committed
	s.background.Wait()
	s.closeDomain()
	s.hub.close()
	return errors.Join(flushed, storeError(s.db.Close()))
}

// now is the time on a sandbox's clock, to the microsecond.
func (s *Store) now(sp *space) time.Time {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.clock.Now().UTC().Add(sp.offset).Truncate(time.Microsecond)
}
