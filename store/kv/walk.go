package kv

import (
	"bytes"

	"go.etcd.io/bbolt"
)

// This file walks back through a bucket. While a transaction writes, bbolt's own
// Prev and Last do not pass pages that Delete emptied.

// seekBelow goes to the last key below to.
func (t *boltTx) seekBelow(c *bbolt.Cursor, to []byte) (k, v []byte) {
	if to == nil {
		return t.last(c)
	}
	if k, _ = c.Seek(to); k == nil {
		return t.last(c)
	}
	return t.before(c, k)
}

// last is c.Last. While a transaction writes, Last does not return where Delete
// emptied every page of a tree.
func (t *boltTx) last(c *bbolt.Cursor) (k, v []byte) {
	if t.tx.Writable() {
		if first, _ := c.First(); first == nil {
			return nil, nil
		}
	}
	return c.Last()
}

// before is c.Prev for a cursor that stands at a key. While a transaction writes,
// Prev says that there is nothing where Delete emptied a page; beyond it there may be.
func (t *boltTx) before(c *bbolt.Cursor, at []byte) (k, v []byte) {
	k, v = c.Prev()
	if k != nil || !t.tx.Writable() {
		return k, v
	}
	first, _ := c.Bucket().Cursor().First()
	for k == nil && first != nil && bytes.Compare(first, at) < 0 {
		k, v = c.Prev()
	}
	return k, v
}
