package store

const changeVersion = 1

// encodeChange encodes a change's row. The message of a received one is its
// record, under the same sequence.
func encodeChange(id SpaceID, c *Change) []byte {
	w := writer{b: make([]byte, 0, 64)}
	w.octet(changeVersion)
	w.octet(byte(c.Kind))
	w.uint(uint64(id))
	w.time(c.At)
	w.string(c.ID)
	w.uint(uint64(c.Mailbox))
	w.uint(uint64(c.UID))
	w.strings(c.Accounts)
	w.uint(uint64(len(c.Entries)))
	for _, e := range c.Entries {
		w.uint(uint64(e.Mailbox))
		w.uint(uint64(e.UID))
	}
	w.string(c.Sandbox)
	return w.b
}

func decodeChange(seq Sequence, row []byte) (SpaceID, Change, error) {
	r := reader{b: row}
	r.version(changeVersion)
	c := Change{Sequence: seq, Kind: ChangeKind(r.octet())}
	id := SpaceID(r.uint())
	c.At = r.time()
	c.ID = r.string()
	c.Mailbox = MailboxID(r.uint())
	c.UID = UID(r.uint())
	c.Accounts = r.strings()
	c.Entries = elements(&r, func() EntryChangeRow {
		return EntryChangeRow{Mailbox: MailboxID(r.uint()), UID: UID(r.uint())}
	})
	c.Sandbox = r.string()
	return id, c, r.finish("change")
}

const numbersVersion = 1

// encodeNumbers encodes a counters row: what cannot be counted from other rows.
func encodeNumbers(n numbers) []byte {
	w := writer{}
	w.octet(numbersVersion)
	w.uint(uint64(n.uid))
	w.uint(uint64(n.sequence))
	w.int(n.pruned)
	return w.b
}

func decodeNumbers(row []byte) (numbers, error) {
	r := reader{b: row}
	r.version(numbersVersion)
	n := numbers{uid: UID(r.uint()), sequence: Sequence(r.uint()), pruned: r.int()}
	return n, r.finish("counters")
}
