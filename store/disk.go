package store

import (
	"sync/atomic"
	"time"
)

// diskReserve is the part of the disk that capturing leaves free.
const diskReserve = 20 // one twentieth: 5 %

// diskWatch remembers for a second whether the disk is too full to capture.
type diskWatch struct {
	dir    string // "": no disk
	free   func(dir string) (free, total uint64, err error)
	looked time.Time
	state  atomic.Bool
}

// full is called by the committer alone.
func (d *diskWatch) full(now time.Time) bool {
	if d.dir == "" {
		return false
	}
	if since := now.Sub(d.looked); since >= 0 && since < time.Second {
		return d.state.Load()
	}
	d.looked = now
	look := d.free
	if look == nil {
		look = diskFree
	}
	free, total, err := look(d.dir)
	d.state.Store(err == nil && total > 0 && free < total/diskReserve)
	return d.state.Load()
}
