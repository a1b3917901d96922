package imapd

import (
	"maps"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
	"github.com/catchpost/catchpost/store"
)

// storeFlags is STORE and UID STORE, RFC 9051 §6.4.6; UNCHANGEDSINCE of RFC 7162 §3.1.3.
func (s *session) storeFlags(uid bool) result {
	d := s.dec
	d.ExpectSP()
	set := d.Numbers()
	d.ExpectSP()
	var c store.FlagChange
	if d.Peek() == '(' {
		d.List(func() {
			if word := upperAtom(d); word != "UNCHANGEDSINCE" {
				d.Fail("unknown STORE modifier " + word)
			}
			d.ExpectSP()
			n := store.Sequence(d.Number64())
			c.UnchangedSince = &n
		})
		d.ExpectSP()
	}
	silent := parseStoreItem(d, &c)
	if !d.ExpectEnd() {
		return result{}
	}
	if c.UnchangedSince != nil {
		s.condstore = true
	}
	uids, _, r := s.chosen(set, uid)
	if r.status != "" {
		return r
	}
	if len(uids) == 0 {
		return ok("STORE completed")
	}
	dirty := maps.Clone(s.view.dirty)
	results, err := s.backend.StoreFlags(s.ctx, s.view.id, uids, c)
	if err != nil {
		return s.failed(err)
	}
	// New keywords must be told before they are used in a FETCH response.
	if r, ok := s.refreshKeywords(c.Flags); !ok {
		return r
	}
	modified := s.tellStored(results, dirty, silent, uid)
	switch {
	case len(modified) > 0: // RFC 7162 §3.1.3
		return okCode("MODIFIED "+modified.String(), "conditional STORE did not change all")
	case len(results) < len(uids):
		return no("EXPUNGEISSUED", "some of the messages were expunged")
	}
	return ok("STORE completed")
}

// parseStoreItem reads store-att-flags, RFC 9051 §9.
func parseStoreItem(d *wire.Decoder, c *store.FlagChange) (silent bool) {
	word := upperAtom(d)
	word, silent = strings.CutSuffix(word, ".SILENT")
	switch word {
	case "FLAGS":
		c.Op = store.ReplaceFlags
	case "+FLAGS":
		c.Op = store.AddFlags
	case "-FLAGS":
		c.Op = store.RemoveFlags
	default:
		d.Fail("expected FLAGS, +FLAGS or -FLAGS")
	}
	d.ExpectSP()
	if d.Peek() == '(' {
		c.Flags = d.Flags()
	} else {
		for d.OK() {
			if c.Flags = append(c.Flags, d.Flag()); !d.SP() {
				break
			}
		}
	}
	// \Recent cannot be stored (RFC 3501 §2.3.2); a client that sends back what it
	// was given is not to fail for it.
	c.Flags = slices.DeleteFunc(c.Flags, func(f string) bool { return strings.EqualFold(f, `\Recent`) })
	return silent
}

// refreshKeywords follows the mailbox's keyword list when the command named
// keywords that the view does not know.
func (s *session) refreshKeywords(flags []string) (result, bool) {
	unknown := slices.ContainsFunc(flags, func(f string) bool {
		return !strings.HasPrefix(f, `\`) &&
			!slices.ContainsFunc(s.view.keywords, func(k string) bool { return strings.EqualFold(k, f) })
	})
	if !unknown {
		return result{}, true
	}
	delta, err := s.backend.EntriesSince(s.ctx, s.view.id, s.view.highest)
	if err != nil {
		return s.failed(err), false
	}
	if len(delta.Keywords) > len(s.view.keywords) {
		s.view.keywords = delta.Keywords
		s.view.tellKeywords(s.enc)
	}
	return result{}, true
}

// tellStored answers for each entry and returns those that UNCHANGEDSINCE left
// alone: message sequence numbers, UIDs for UID STORE.
func (s *session) tellStored(results []store.FlagResult, dirty map[store.UID]struct{}, silent, uid bool) (modified wire.Set) {
	v := s.view
	for _, r := range results {
		i, found := v.find(r.UID, v.told)
		if !found {
			continue
		}
		if r.Failed {
			n := uint32(i + 1)
			if uid {
				n = uint32(r.UID)
			}
			modified = modified.Add(n)
			// The client must learn the state it did not know (RFC 7162 §3.1.3).
			if v.modseqs[i] != r.ModSeq || v.flags[i] != r.Flags {
				v.flags[i], v.modseqs[i] = r.Flags, r.ModSeq
				v.dirty[r.UID] = struct{}{}
			}
			continue
		}
		// Silence covers only what the client can work out (RFC 9051 §6.4.6):
		// not what another session changed in between.
		_, wasDirty := dirty[r.UID]
		v.set(i, r.Flags, r.ModSeq)
		switch {
		case !silent || wasDirty:
			v.tellEntry(s.enc, i, uid || s.condstore, true, s.condstore)
		case s.condstore:
			v.tellEntry(s.enc, i, true, false, true)
		}
		s.enc.Drain()
	}
	return modified
}
