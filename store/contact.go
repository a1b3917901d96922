package store

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/address"
	"github.com/catchpost/catchpost/store/kv"
)

// Bounds of contacts.
const (
	maxContacts         = 10_000 // of an account
	maxContactAddresses = 50
	maxContactText      = 4096 // octets of a name, and of a note
)

// Contact is an entry of an account's address book.
type Contact struct {
	ID        string
	Account   AccountRef
	Name      string
	Addresses []string
	Note      string
	UpdatedAt time.Time
}

const contactVersion = 1

func encodeContact(c *Contact) []byte {
	w := writer{}
	w.octet(contactVersion)
	w.string(c.Name)
	w.strings(c.Addresses)
	w.string(c.Note)
	w.time(c.UpdatedAt)
	return w.b
}

func decodeContact(row []byte) (Contact, error) {
	r := reader{b: row}
	r.version(contactVersion)
	c := Contact{Name: r.string(), Addresses: r.strings(), Note: r.string(), UpdatedAt: r.time()}
	return c, r.finish("contact")
}

// contactPrefix is space ‖ account key ‖ 0, before the contact's number.
func contactPrefix(id SpaceID, account string) []byte {
	return append(accountRowKey(id, account), 0)
}

// Contacts returns an account's contacts by name; query, if not empty, must
// stand in the name, an address or the note, without regard to case.
func (s *Store) Contacts(ctx context.Context, acc AccountRef, query string, limit int) ([]Contact, error) {
	sp, err := s.space(sandboxOr(acc.Sandbox))
	if err != nil {
		return nil, err
	}
	query = strings.ToLower(query)
	prefix := contactPrefix(sp.id, acc.Key)
	list := []Contact{}
	err = s.view(func(r kv.Reader) error {
		list = list[:0]
		for k, v := range r.Scan(bucketContact, prefix, after(prefix), 0, false) {
			seq, ok := parseSequenceKey(k[len(prefix):])
			c, err := decodeContact(v)
			if !ok || err != nil {
				return fmt.Errorf("%w: contact key %x", ErrCorrupt, k)
			}
			if strings.Contains(strings.ToLower(c.Name+"\n"+strings.Join(c.Addresses, "\n")+"\n"+c.Note), query) {
				c.ID, c.Account = s.idOf(seq), AccountRef{sp.name, acc.Key}
				list = append(list, c)
			}
		}
		return nil
	})
	slices.SortFunc(list, func(a, b Contact) int {
		if c := strings.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)); c != 0 {
			return c
		}
		return strings.Compare(a.ID, b.ID)
	})
	if limit > 0 && len(list) > limit {
		list = list[:limit]
	}
	return list, err
}

// Contact returns one. Errors: ErrNotFound.
func (s *Store) Contact(ctx context.Context, acc AccountRef, id string) (Contact, error) {
	sp, err := s.space(sandboxOr(acc.Sandbox))
	if err != nil {
		return Contact{}, err
	}
	seq, _ := s.sequenceOf(id)
	var c Contact
	err = s.view(func(r kv.Reader) error {
		row := r.Get(bucketContact, append(contactPrefix(sp.id, acc.Key), sequenceKey(seq)...))
		if row == nil {
			return fmt.Errorf("contact %q: %w", id, ErrNotFound)
		}
		c, err = decodeContact(row)
		c.ID, c.Account = id, AccountRef{sp.name, acc.Key}
		return err
	})
	return c, err
}

// PutContact creates (empty ID) or replaces one. Errors: ErrBadName, ErrFull, ErrNotFound.
func (s *Store) PutContact(ctx context.Context, c Contact) (Contact, error) {
	if err := checkContact(&c); err != nil {
		return Contact{}, err
	}
	out := c
	err := s.update(ctx, func(t *tx) error {
		sp := t.s.spaces[sandboxOr(c.Account.Sandbox)]
		if sp == nil {
			return t.s.noSpace(c.Account.Sandbox)
		}
		prefix := contactPrefix(sp.id, c.Account.Key)
		seq, known := t.s.sequenceOf(c.ID)
		if c.ID != "" {
			if !known || t.Get(bucketContact, append(prefix, sequenceKey(seq)...)) == nil {
				return fmt.Errorf("contact %q: %w", c.ID, ErrNotFound)
			}
		} else {
			n := 0
			for range t.Scan(bucketContact, prefix, after(prefix), 0, false) {
				n++
			}
			if n >= maxContacts {
				return fmt.Errorf("%w: an account has at most %d contacts", ErrFull, maxContacts)
			}
			seq = t.nextSequence()
		}
		out = c
		out.ID, out.Account.Sandbox, out.UpdatedAt = t.s.idOf(seq), sp.name, t.now.Truncate(time.Microsecond)
		t.Put(bucketContact, append(contactPrefix(sp.id, c.Account.Key), sequenceKey(seq)...), encodeContact(&out))
		if c.ID == "" {
			t.changeAt(sp, seq, Change{Kind: AccountChanged, ID: c.Account.Key})
		} else {
			t.change(sp, Change{Kind: AccountChanged, ID: c.Account.Key})
		}
		return nil
	})
	return out, err
}

func checkContact(c *Contact) error {
	if c.Name == "" && len(c.Addresses) == 0 || len(c.Name) > maxContactText || len(c.Note) > maxContactText {
		return fmt.Errorf("%w: a contact has a name or an address; name and note at most %d octets", ErrBadName, maxContactText)
	}
	if len(c.Addresses) > maxContactAddresses {
		return fmt.Errorf("%w: a contact has at most %d addresses", ErrBadName, maxContactAddresses)
	}
	for _, a := range c.Addresses {
		if _, err := address.ParseMailbox(a); err != nil || len(a) > maxAddress {
			return fmt.Errorf("%w: %q is no address", ErrBadName, a)
		}
	}
	return nil
}

// DeleteContact removes one. Errors: ErrNotFound.
func (s *Store) DeleteContact(ctx context.Context, acc AccountRef, id string) error {
	return s.update(ctx, func(t *tx) error {
		sp := t.s.spaces[sandboxOr(acc.Sandbox)]
		if sp == nil {
			return t.s.noSpace(acc.Sandbox)
		}
		seq, ok := t.s.sequenceOf(id)
		key := append(contactPrefix(sp.id, acc.Key), sequenceKey(seq)...)
		if !ok || t.Get(bucketContact, key) == nil {
			return fmt.Errorf("contact %q: %w", id, ErrNotFound)
		}
		t.Delete(bucketContact, key)
		t.change(sp, Change{Kind: AccountChanged, ID: acc.Key})
		return nil
	})
}
