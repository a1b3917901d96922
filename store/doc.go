// Package store keeps messages, mailboxes, sandboxes and their changes in an
// ordered key-value file, and tells subscribers what was committed.
//
// # How it is built
//
// All writing goes through one goroutine, the committer: it takes what waits
// (a group), runs it in one transaction of the engine (store/kv), fsyncs, then
// publishes under Store.mu: first what is kept in memory, then it wakes the
// subscribers, then the callers return. So everybody sees commits in one order
// and nobody sees what is not on disk.
//
//	caller                         committer                      readers
//	encode, scan, think  ──run──►  rows, numbers  ──► commit
//	                               apply functions (Store.mu)  ─► view state
//	                               hub.publish                 ─► Subscription.Next
//	              ◄──answer──────
//
// To write, call Store.update with a function of a *tx: it may read and Put rows,
// spend numbers (nextSequence, nextUID), log a change (change) and ask for
// memory to be changed after the commit (apply). It runs in the committer, so
// encode and compute before calling. It may run twice, so it sets what it sets
// anew. It should find its errors before its first write: then only this
// request fails; later, the whole group is repeated one by one. Whatever a
// function that runs in the committer checks against memory (spaces, index) it may
// read without lock, because only the committer writes it; everybody else takes
// Store.mu for reading, and never holds it while reading the engine.
// To read, call Store.view; copy what outlives it.
//
// # Numbers
//
// Sequence: tx.nextSequence or tx.change, one for each committed change,
// never given again (a failed transaction gives its numbers back). UID:
// tx.nextUID of the sandbox's space. Where rows holding such numbers are
// removed call tx.saveNumbers, so that they outlive the rows. A sandbox's
// SpaceID is the sequence of its creation; message IDs are made from sequences
// (idOf).
//
// # How to add
//
// A bucket: a constant and a schema line in keys.go; files made before get it
// when opened. Set Ascending only if keys ascend. Rows of the capture path must
// have ascending keys: a scattered key costs more than all the rest.
//
// A key: a function in keys.go, of fixed-width big-endian numbers (text last),
// and its parse twin; add it to the test that key order is value order. The keys
// beginning with p are Scan(b, p, after(p), …).
//
// A row: encodeX and decodeX with writer and reader (codec.go). The first octet
// is the version; add fields at the end only, an absent field reads as zero.
// Add it to the round-trip and fuzz tests.
//
// A change: a ChangeKind in types.go, written by tx.change(space, Change{…});
// that logs the row, moves the sandbox's newest sequence and publishes. Fields
// that a resuming reader needs must be in encodeChange.
//
// A part of memory: a field of domain (domain.go), filled in loadDomain, changed
// in tx.apply, verified in checkDomain.
package store
