package store

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// specialUses are those of RFC 6154 §2 that a mailbox of ours may have; \All and
// \Flagged would be views of others.
var specialUses = []string{`\Archive`, `\Drafts`, `\Junk`, `\Sent`, `\Trash`}

// CreateMailbox makes a mailbox and the missing ones above it. specialUse is ""
// or one of RFC 6154 §2, held by at most one mailbox of the account.
// Errors: ErrMailboxExists, ErrBadName, ErrFull (too many), ErrConflict (the
// special use is taken).
func (s *Store) CreateMailbox(ctx context.Context, ref AccountRef, name, specialUse string) (MailboxInfo, error) {
	name, err := MailboxName(name)
	if err != nil {
		return MailboxInfo{}, err
	}
	if specialUse, err = parseSpecialUse(specialUse); err != nil {
		return MailboxInfo{}, err
	}
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return MailboxInfo{}, err
	}
	var made *mailbox
	err = s.alone(ctx, func(t *tx) error {
		if err := t.editable(acc); err != nil {
			return err
		}
		if acc.boxes[name] != nil {
			return fmt.Errorf("%w: %s", ErrMailboxExists, name)
		}
		for _, m := range acc.boxes {
			if specialUse != "" && m.specialUse == specialUse {
				return fmt.Errorf("%w: %s has the special use %s", ErrConflict, m.name, specialUse)
			}
		}
		if len(acc.boxes)+len(parentsOf(name)) >= maxMailboxes {
			return fmt.Errorf("%w: an account has at most %d mailboxes", ErrFull, maxMailboxes)
		}
		t.makeParents(acc, name)
		made = t.makeMailbox(acc, name, specialUse)
		return nil
	})
	if err != nil {
		return MailboxInfo{}, err
	}
	return s.MailboxByID(ctx, made.id)
}

func parseSpecialUse(use string) (string, error) {
	if use == "" {
		return "", nil
	}
	for _, known := range specialUses {
		if strings.EqualFold(use, known) {
			return known, nil
		}
	}
	return "", fmt.Errorf("%w: the special use is one of %s", ErrBadName, strings.Join(specialUses, " "))
}

// editable fails when an account or its sandbox went since it was looked up.
func (t *tx) editable(acc *account) error {
	if acc.space.ended {
		return t.s.noSpace(acc.space.name)
	}
	if t.s.domain.account(acc.space, acc.key) != acc {
		return fmt.Errorf("account %q: %w", acc.key, ErrNotFound)
	}
	return nil
}

// makeMailbox makes a mailbox, logs it and puts it into memory.
func (t *tx) makeMailbox(acc *account, name, specialUse string) *mailbox {
	m := t.newMailbox(acc, name, specialUse)
	t.change(acc.space, Change{Kind: MailboxCreated, Mailbox: m.id})
	t.apply(func() { acc.boxes[name], t.s.domain.drops.byID[m.id] = m, m })
	return m
}

// makeParents makes what is missing above a name (RFC 9051 §6.3.4 SHOULD).
func (t *tx) makeParents(acc *account, name string) {
	for _, parent := range parentsOf(name) {
		if acc.boxes[parent] == nil {
			t.makeMailbox(acc, parent, "")
		}
	}
}

// RenameMailbox renames a mailbox and all below it. Of INBOX the messages move
// and INBOX stays, empty, with what lies below it (RFC 9051 §6.3.6).
// Errors: ErrNotFound, ErrMailboxExists, ErrBadName, ErrFull.
func (s *Store) RenameMailbox(ctx context.Context, ref AccountRef, from, to string) error {
	from, err := MailboxName(from)
	if err != nil {
		return err
	}
	if to, err = MailboxName(to); err != nil {
		return err
	}
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return err
	}
	if from == Inbox {
		return s.renameInbox(ctx, acc, to)
	}
	if isBelow(to, from) {
		return fmt.Errorf("%w: a mailbox cannot go below itself", ErrBadName)
	}
	return s.alone(ctx, func(t *tx) error {
		if err := t.editable(acc); err != nil {
			return err
		}
		if acc.boxes[from] == nil && !acc.hasChildren(from) {
			return fmt.Errorf("mailbox %q: %w", from, ErrNotFound)
		}
		moved := make(map[*mailbox]string)
		for _, name := range slices.Sorted(maps.Keys(acc.boxes)) {
			if name != from && !isBelow(name, from) {
				continue
			}
			target, err := MailboxName(to + name[len(from):])
			if err != nil {
				return err
			}
			if acc.boxes[target] != nil {
				return fmt.Errorf("%w: %s", ErrMailboxExists, target)
			}
			moved[acc.boxes[name]] = target
		}
		if to == Inbox || acc.boxes[to] != nil {
			return fmt.Errorf("%w: %s", ErrMailboxExists, to)
		}
		t.makeParents(acc, to)
		for m, name := range moved {
			t.renameOne(m, name)
		}
		return nil
	})
}

// renameOne gives a mailbox another name; its ID, UIDVALIDITY and entries stay.
func (t *tx) renameOne(m *mailbox, name string) {
	t.s.mu.RLock()
	row := *m
	t.s.mu.RUnlock()
	row.name = name
	t.Put(bucketMailbox, mailboxKey(m.acc.space.id, m.id), encodeMailbox(&row))
	t.change(m.acc.space, Change{Kind: MailboxRenamed, Mailbox: m.id})
	t.apply(func() {
		if m.acc.boxes[m.name] == m {
			delete(m.acc.boxes, m.name)
		}
		m.name = name
		m.acc.boxes[name] = m
	})
}

// renameInbox moves what is in INBOX into a new mailbox.
func (s *Store) renameInbox(ctx context.Context, acc *account, to string) error {
	s.mu.RLock()
	inbox := acc.boxes[Inbox]
	s.mu.RUnlock()
	if inbox == nil {
		return fmt.Errorf("mailbox %q: %w", Inbox, ErrNotFound)
	}
	s.loadBox(inbox)
	return s.alone(ctx, func(t *tx) error {
		if err := t.editable(acc); err != nil {
			return err
		}
		if acc.boxes[to] != nil || to == Inbox {
			return fmt.Errorf("%w: %s", ErrMailboxExists, to)
		}
		if n := t.s.domain.drops.count[acc.space.id] + len(inbox.entries); n > maxPlaces {
			return fmt.Errorf("%w: the sandbox has too many copies", ErrFull)
		}
		t.makeParents(acc, to)
		dst := t.makeMailbox(acc, to, "")
		if err := t.copyMetadata(inbox, dst); err != nil {
			return err
		}
		picked := make([]int, len(inbox.entries))
		for i := range picked {
			picked[i] = i
		}
		if len(picked) > 0 {
			t.copyPlaces(inbox, picked, dst)
			t.removePlaces(inbox, picked, true)
		}
		return nil
	})
}

// DeleteMailbox removes a mailbox and its entries; those below it stay.
// Errors: ErrNotFound, ErrBadName (INBOX).
func (s *Store) DeleteMailbox(ctx context.Context, ref AccountRef, name string) error {
	name, err := MailboxName(name)
	if err != nil {
		return err
	}
	if name == Inbox { // RFC 9051 §6.3.5
		return fmt.Errorf("%w: INBOX cannot be deleted", ErrBadName)
	}
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return err
	}
	return s.alone(ctx, func(t *tx) error {
		if err := t.editable(acc); err != nil {
			return err
		}
		m := acc.boxes[name]
		if m == nil {
			return fmt.Errorf("mailbox %q: %w", name, ErrNotFound)
		}
		return t.dropMailbox(m)
	})
}

// dropMailbox removes a mailbox, its rows, and what only it held.
func (t *tx) dropMailbox(m *mailbox) error {
	sp, d := m.acc.space, &t.s.domain.drops
	from, to := mailboxRange(m.id)
	t.DeleteRange(bucketEntry, from, to)
	t.Delete(bucketMailbox, mailboxKey(sp.id, m.id))
	if err := t.dropMetadata(sp.id, mailboxMetadata(sp.id, m.id)); err != nil {
		return err
	}
	t.saveNumbers(sp)
	t.change(sp, Change{Kind: MailboxDeleted, Mailbox: m.id})
	var held []place
	for _, p := range m.entries {
		if p.explicit {
			held = append(held, p)
		}
	}
	t.apply(func() {
		for i := range held {
			d.dropPlace(sp, held[i].message, EntryChangeRow{Mailbox: m.id, UID: held[i].uid})
		}
		if m.acc.boxes[m.name] == m {
			delete(m.acc.boxes, m.name)
		}
		delete(d.byID, m.id)
	})
	return t.freeAppended(sp, m.id, held)
}

// freeAppended removes messages that clients put here and whose last entries
// go: all theirs are among those that leave this mailbox.
func (t *tx) freeAppended(sp *space, id MailboxID, going []place) error {
	left := make(map[Sequence]int)
	for _, p := range going {
		if _, seen := left[p.message]; !seen {
			left[p.message] = len(t.s.domain.drops.places[p.message])
		}
		left[p.message]--
	}
	for _, p := range going {
		if left[p.message] != 0 {
			continue
		}
		left[p.message] = -1 // once
		ordinal, ok := t.s.index.find(p.message)
		if !ok || t.s.index.at(ordinal).marks&markAppended == 0 {
			continue
		}
		m, err := t.erase(sp, p.message)
		if err != nil {
			return err
		}
		if m != nil {
			t.change(sp, Change{Kind: MessageDeleted, ID: m.ID, UID: m.UID})
		}
	}
	return nil
}

// SetSubscribed adds a name to the account's subscriptions or takes it out; the
// mailbox need not exist to be taken out. Errors: ErrNotFound, ErrBadName, ErrFull.
func (s *Store) SetSubscribed(ctx context.Context, ref AccountRef, name string, subscribed bool) error {
	name, err := MailboxName(name)
	if err != nil {
		return err
	}
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return err
	}
	return s.alone(ctx, func(t *tx) error {
		if err := t.editable(acc); err != nil {
			return err
		}
		m := acc.boxes[name]
		switch {
		case acc.subscribed[name] == subscribed:
			return nil
		case subscribed && m == nil:
			return fmt.Errorf("mailbox %q: %w", name, ErrNotFound)
		case subscribed && len(acc.subscribed) >= maxMailboxes:
			return fmt.Errorf("%w: an account has at most %d subscriptions", ErrFull, maxMailboxes)
		}
		changed := *acc
		changed.subscribed = maps.Clone(acc.subscribed)
		if subscribed {
			changed.subscribed[name] = true
		} else {
			delete(changed.subscribed, name)
		}
		t.Put(bucketAccount, accountRowKey(acc.space.id, acc.key), encodeAccount(&changed))
		c := Change{Kind: MailboxUpdated, ID: acc.key}
		if m != nil {
			c.Mailbox = m.id
		}
		t.change(acc.space, c)
		t.apply(func() { acc.subscribed = changed.subscribed })
		return nil
	})
}

// Subscriptions returns the subscribed names, existing or not, in order.
func (s *Store) Subscriptions(ctx context.Context, ref AccountRef) ([]string, error) {
	acc, err := s.openAccount(ctx, ref)
	if err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	return slices.Sorted(maps.Keys(acc.subscribed)), nil
}
