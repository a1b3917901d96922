package wire

import (
	"slices"
	"strings"
	"time"
)

// KeyOp is what a search key asks, named by its word in RFC 9051 §6.4.4.
type KeyOp uint8

// Search keys. Negative words (UNSEEN, OLD…) become Not of the positive one.
const (
	KeyAnd  KeyOp = iota // all Children; no Children is ALL
	KeyOr                // Children[0] or Children[1]
	KeyNot               // not Children[0]
	KeySeq               // Set of message sequence numbers, or "$"
	KeyUID               // Set of UIDs, or "$"
	KeyFlag              // Text is a flag or keyword
	KeyRecent
	KeyHeader  // Field contains Text; empty Text: the field exists
	KeyAddress // Field (FROM TO CC BCC) contains Text
	KeySubject
	KeyBody
	KeyText
	KeyBefore // internal date, by day
	KeyOn
	KeySince
	KeySentBefore
	KeySentOn
	KeySentSince
	KeySavedBefore // RFC 8514 §4.3
	KeySavedOn
	KeySavedSince
	KeySaveDateSupported
	KeyLarger
	KeySmaller
	KeyOlder   // RFC 5032 §2, Num in seconds
	KeyYounger // likewise
	KeyModSeq  // RFC 7162 §3.1.5
	KeyEmailID // RFC 8474 §5.4
	KeyThreadID
)

// SearchKey is one node of a search program.
type SearchKey struct {
	Op       KeyOp
	Children []SearchKey
	Set      NumSet
	Field    string // upper case
	Text     string
	Date     time.Time
	Num      uint64
}

// Uses reports whether any node has op.
func (k *SearchKey) Uses(op KeyOp) bool {
	if k.Op == op {
		return true
	}
	for i := range k.Children {
		if k.Children[i].Uses(op) {
			return true
		}
	}
	return false
}

// UsesNumbers reports whether any node is a set of message sequence numbers; "$" is
// none.
func (k *SearchKey) UsesNumbers() bool {
	return k.Op == KeySeq && !k.Set.Saved || slices.ContainsFunc(k.Children, func(c SearchKey) bool { return c.UsesNumbers() })
}

// SearchKeys demands search-key *(SP search-key) up to the end of the line.
func (d *Decoder) SearchKeys() SearchKey {
	all := SearchKey{Op: KeyAnd}
	for d.ok() {
		all.Children = append(all.Children, d.searchKey())
		if d.AtEnd() {
			break
		}
		d.ExpectSP()
	}
	return all
}

var flagKeys = map[string]string{
	"ANSWERED": `\Answered`, "DELETED": `\Deleted`, "DRAFT": `\Draft`,
	"FLAGGED": `\Flagged`, "SEEN": `\Seen`,
}

var dateKeys = map[string]KeyOp{
	"BEFORE": KeyBefore, "ON": KeyOn, "SINCE": KeySince,
	"SENTBEFORE": KeySentBefore, "SENTON": KeySentOn, "SENTSINCE": KeySentSince,
	"SAVEDBEFORE": KeySavedBefore, "SAVEDON": KeySavedOn, "SAVEDSINCE": KeySavedSince,
}

var textKeys = map[string]KeyOp{"SUBJECT": KeySubject, "BODY": KeyBody, "TEXT": KeyText}

var numberKeys = map[string]KeyOp{
	"LARGER": KeyLarger, "SMALLER": KeySmaller, "OLDER": KeyOlder, "YOUNGER": KeyYounger,
}

var bareKeys = map[string]SearchKey{
	"ALL":               {Op: KeyAnd},
	"RECENT":            {Op: KeyRecent},
	"SAVEDATESUPPORTED": {Op: KeySaveDateSupported},
	"OLD":               not(SearchKey{Op: KeyRecent}),
	"NEW":               {Op: KeyAnd, Children: []SearchKey{{Op: KeyRecent}, not(flagKey(`\Seen`))}},
}

func flagKey(f string) SearchKey  { return SearchKey{Op: KeyFlag, Text: f} }
func not(k SearchKey) SearchKey   { return SearchKey{Op: KeyNot, Children: []SearchKey{k}} }
func isDigitOrStar(c byte) bool   { return c >= '0' && c <= '9' || c == '*' || c == '$' }
func (d *Decoder) upper() string  { return strings.ToUpper(d.ExpectAtom()) }
func (d *Decoder) spText() string { d.ExpectSP(); return d.AString() }
func (d *Decoder) spNum() uint64  { d.ExpectSP(); return d.Number64() }
func (d *Decoder) spDate() (t time.Time) {
	d.ExpectSP()
	return d.Date()
}

// searchKey of RFC 9051 §9, RFC 3501 §9, RFC 5032, RFC 7162, RFC 8474, RFC 8514.
func (d *Decoder) searchKey() SearchKey {
	if d.keys++; d.keys > d.limits.Keys {
		d.Fail("too many search keys")
	}
	if !d.enter() {
		return SearchKey{}
	}
	defer d.leave()
	switch c := d.Peek(); {
	case c == '(':
		return d.searchGroup()
	case isDigitOrStar(c):
		return SearchKey{Op: KeySeq, Set: d.Numbers()}
	}
	word := d.upper()
	if k, ok := bareKeys[word]; ok {
		return k
	}
	if f, ok := flagKeys[word]; ok {
		return flagKey(f)
	}
	if f, ok := flagKeys[strings.TrimPrefix(word, "UN")]; ok {
		return not(flagKey(f))
	}
	if op, ok := dateKeys[word]; ok {
		return SearchKey{Op: op, Date: d.spDate()}
	}
	if op, ok := textKeys[word]; ok {
		return SearchKey{Op: op, Text: d.spText()}
	}
	if op, ok := numberKeys[word]; ok {
		return SearchKey{Op: op, Num: d.spNum()}
	}
	return d.searchWord(word)
}

func (d *Decoder) searchGroup() SearchKey {
	d.ExpectSpecial('(')
	all := SearchKey{Op: KeyAnd}
	for d.ok() {
		all.Children = append(all.Children, d.searchKey())
		if d.Special(')') {
			break
		}
		d.ExpectSP()
	}
	return all
}

func (d *Decoder) searchWord(word string) SearchKey {
	switch word {
	case "NOT":
		d.ExpectSP()
		return not(d.searchKey())
	case "OR":
		d.ExpectSP()
		a := d.searchKey()
		d.ExpectSP()
		return SearchKey{Op: KeyOr, Children: []SearchKey{a, d.searchKey()}}
	case "FROM", "TO", "CC", "BCC":
		return SearchKey{Op: KeyAddress, Field: word, Text: d.spText()}
	case "HEADER":
		field := strings.ToUpper(d.spText())
		return SearchKey{Op: KeyHeader, Field: field, Text: d.spText()}
	case "KEYWORD", "UNKEYWORD":
		d.ExpectSP()
		k := flagKey(d.Flag())
		if word == "UNKEYWORD" {
			return not(k)
		}
		return k
	case "UID":
		d.ExpectSP()
		return SearchKey{Op: KeyUID, Set: d.Numbers()}
	case "MODSEQ":
		return d.searchModSeq()
	case "EMAILID", "THREADID":
		op := KeyEmailID
		if word == "THREADID" {
			op = KeyThreadID
		}
		return SearchKey{Op: op, Text: d.spText()}
	}
	d.Fail("unknown search key " + word)
	return SearchKey{}
}

// searchModSeq = "MODSEQ" [SP entry-name SP entry-type-req] SP mod-sequence-valzer,
// RFC 7162 §3.1.5. The entry is checked and not used: one MODSEQ covers all flags.
func (d *Decoder) searchModSeq() SearchKey {
	d.ExpectSP()
	if d.Peek() == '"' {
		name := d.Quoted()
		if !strings.HasPrefix(name, "/flags/") {
			d.Fail("unknown metadata entry")
		}
		d.ExpectSP()
		switch d.upper() {
		case "PRIV", "SHARED", "ALL":
		default:
			d.Fail("expected priv, shared or all")
		}
		d.ExpectSP()
	}
	return SearchKey{Op: KeyModSeq, Num: d.Number64()}
}
