// Package fault decides where a server must misbehave: named points in the dialogue,
// rules that match them, and the effects of a match. It does not act itself.
package fault

import (
	"fmt"
	"net/netip"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// Point is a place in a dialogue where a rule may strike.
type Point string

// The points of SMTP and LMTP. Of the other servers each command is a point:
// POP3 and IMAP build theirs with Command.
const (
	None       Point = ""
	Connect    Point = "smtp.connect" // in place of the greeting
	Helo       Point = "smtp.helo"    // HELO, EHLO and LHLO
	StartTLS   Point = "smtp.starttls"
	Auth       Point = "smtp.auth"
	Mail       Point = "smtp.mail"
	Rcpt       Point = "smtp.rcpt"
	Data       Point = "smtp.data"        // the command
	EndOfData  Point = "smtp.end_of_data" // after the mail data, before anything is stored
	AfterStore Point = "smtp.after_store" // stored, before the reply
	Bdat       Point = "smtp.bdat"
	Rset       Point = "smtp.rset"
	Noop       Point = "smtp.noop"
	Quit       Point = "smtp.quit"
	Vrfy       Point = "smtp.vrfy"
	Expn       Point = "smtp.expn"
	Help       Point = "smtp.help"
)

var smtpPoints = []Point{Connect, Helo, StartTLS, Auth, Mail, Rcpt, Data, EndOfData, AfterStore, Bdat, Rset, Noop, Quit, Vrfy, Expn, Help}

// Command is the point of a command of another server: Command("pop3", "RETR").
func Command(server, verb string) Point {
	return Point(server + "." + strings.ToLower(verb))
}

// Valid tells whether p can be matched: an SMTP point, or any of pop3 and imap.
func (p Point) Valid() bool {
	s := string(p)
	if slices.Contains(smtpPoints, p) {
		return true
	}
	for _, server := range []string{"pop3.", "imap."} {
		if rest, ok := strings.CutPrefix(s, server); ok && rest != "" {
			return true
		}
	}
	return false
}

// Facts are what is known at a point; empty fields are not known (yet).
type Facts struct {
	Sandbox     string
	ReversePath string
	ForwardPath string
	Client      string // address, with or without a port
	User        string // login
}

// Effect is what happens at a match. Delay, Throttle and CutAfter may come
// together with a reply.
type Effect struct {
	// Code with Enhanced and Text is the reply instead of the real one; 0 leaves
	// the command to run. POP3 and IMAP use Text alone.
	Code     int    `json:"code,omitempty"`
	Enhanced string `json:"enhanced,omitempty"` // "4.3.0"; made from Code when empty
	Text     string `json:"text,omitempty"`
	// Delay passes before anything else.
	Delay time.Duration `json:"delay,omitempty"`
	// Cut ends the connection without a word; with a reply, after it.
	Cut bool `json:"cut,omitempty"`
	// CutAfter ends the connection once so many octets more were received; 0 is never.
	CutAfter int64 `json:"cut_after,omitempty"`
	// Throttle limits the connection to octets a second from now on; 0 is unlimited.
	Throttle int64 `json:"throttle,omitempty"`
}

// Rule says where, for whom, how often, and what. Empty conditions hold always.
// Addresses, sandboxes and users are patterns of path.Match, case ignored;
// Client is an address or a prefix (10.0.0.0/8).
type Rule struct {
	ID          string  `json:"id"`
	Points      []Point `json:"points"`
	Sandbox     string  `json:"sandbox,omitempty"`
	ReversePath string  `json:"reverse_path,omitempty"`
	ForwardPath string  `json:"forward_path,omitempty"`
	Client      string  `json:"client,omitempty"`
	User        string  `json:"user,omitempty"`
	// Skip lets the first n matches pass; Times strikes that many after them, 0
	// without end. "The next 2" is Times: 2.
	Skip  int64 `json:"skip,omitempty"`
	Times int64 `json:"times,omitempty"`
	// Chance strikes a share of the remaining matches (0 < Chance < 1), chosen by
	// Seed and the number of the match alone, so that a run can be repeated.
	Chance float64 `json:"chance,omitempty"`
	Seed   uint64  `json:"seed,omitempty"`
	Effect Effect  `json:"effect"`
}

// Check says what is wrong with a rule; nil when it can be used.
func (r *Rule) Check() error {
	if len(r.Points) == 0 {
		return fmt.Errorf("a rule needs a point")
	}
	for _, p := range r.Points {
		if !p.Valid() {
			return fmt.Errorf("%q is no point", p)
		}
	}
	for _, pattern := range []string{r.Sandbox, r.ReversePath, r.ForwardPath, r.User} {
		if _, err := path.Match(pattern, ""); err != nil {
			return fmt.Errorf("pattern %q: %w", pattern, err)
		}
	}
	if r.Client != "" {
		if _, err := parsePrefix(r.Client); err != nil {
			return fmt.Errorf("client %q is no address and no prefix", r.Client)
		}
	}
	e := r.Effect
	switch {
	case e == Effect{}:
		return fmt.Errorf("a rule needs an effect")
	case e.Code != 0 && (e.Code < 200 || e.Code > 599):
		return fmt.Errorf("code %d is not between 200 and 599", e.Code)
	case strings.ContainsAny(e.Text+e.Enhanced, "\r\n"):
		return fmt.Errorf("a reply text cannot hold a line end")
	case e.Delay < 0 || e.Throttle < 0 || e.CutAfter < 0 || r.Skip < 0 || r.Times < 0:
		return fmt.Errorf("a negative number")
	case r.Chance < 0 || r.Chance >= 1:
		return fmt.Errorf("chance %v is not between 0 and 1", r.Chance)
	}
	return nil
}

// State is a rule and how often it matched and struck.
type State struct {
	Rule
	Matched int64 `json:"matched"`
	Struck  int64 `json:"struck"`
}

// active is a rule made ready; the rule never changes, its count does.
type active struct {
	Rule
	client  netip.Prefix
	matched *atomic.Int64
	struck  *atomic.Int64
}

// Set is the rules in force. They are read without a lock and swapped whole. The
// zero value has none; a nil *Set too.
type Set struct {
	rules atomic.Pointer[[]active]
}

// Replace puts rules in force; the first that matches wins. A rule whose ID stays
// keeps its counts. The error names the first bad rule; then nothing changes.
func (s *Set) Replace(rules []Rule) error {
	next := make([]active, 0, len(rules))
	for i := range rules {
		if err := rules[i].Check(); err != nil {
			return fmt.Errorf("fault rule %d: %w", i, err)
		}
		a := active{Rule: rules[i], matched: new(atomic.Int64), struck: new(atomic.Int64)}
		a.Points = slices.Clone(a.Points)
		if a.Client != "" {
			a.client, _ = parsePrefix(a.Client)
		}
		for _, old := range s.load() {
			if old.ID == a.ID && a.ID != "" {
				a.matched, a.struck = old.matched, old.struck
			}
		}
		next = append(next, a)
	}
	s.rules.Store(&next)
	return nil
}

// States lists the rules in force with their counts.
func (s *Set) States() []State {
	states := []State{}
	for _, a := range s.load() {
		states = append(states, State{Rule: a.Rule, Matched: a.matched.Load(), Struck: a.struck.Load()})
	}
	return states
}

func (s *Set) load() []active {
	if s == nil {
		return nil
	}
	if p := s.rules.Load(); p != nil {
		return *p
	}
	return nil
}

// Hit is a rule that struck.
type Hit struct {
	Rule string // its ID
	Effect
}

// Match finds the rule that strikes at a point, nil for none. It counts.
func (s *Set) Match(p Point, facts func() Facts) *Hit {
	rules := s.load()
	if len(rules) == 0 || p == None {
		return nil
	}
	var f *Facts
	for i := range rules {
		r := &rules[i]
		if !slices.Contains(r.Points, p) {
			continue
		}
		if f == nil {
			now := facts()
			f = &now
		}
		if r.concerns(f) && r.strikes() {
			return &Hit{Rule: r.ID, Effect: r.Effect}
		}
	}
	return nil
}

func (a *active) concerns(f *Facts) bool {
	return matches(a.Sandbox, f.Sandbox) && matches(a.ReversePath, f.ReversePath) &&
		matches(a.ForwardPath, f.ForwardPath) && matches(a.User, f.User) &&
		(a.Client == "" || a.client.Contains(clientAddr(f.Client)))
}

// strikes counts the match and decides by its number.
func (a *active) strikes() bool {
	n := a.matched.Add(1)
	if n <= a.Skip {
		return false
	}
	if a.Chance > 0 && share(a.Seed, a.ID, n) >= a.Chance {
		return false
	}
	if a.struck.Add(1) > a.Times && a.Times > 0 {
		a.struck.Add(-1)
		return false
	}
	return true
}

// share maps (seed, rule, number of the match) to [0, 1), the same in every run.
func share(seed uint64, id string, n int64) float64 {
	h := seed ^ 0x9e3779b97f4a7c15*uint64(n)
	for _, c := range []byte(id) {
		h = (h ^ uint64(c)) * 0x100000001b3
	}
	h ^= h >> 30
	h *= 0xbf58476d1ce4e5b9
	h ^= h >> 27
	h *= 0x94d049bb133111eb
	h ^= h >> 31
	return float64(h>>11) / (1 << 53)
}

func matches(pattern, value string) bool {
	if pattern == "" {
		return true
	}
	ok, _ := path.Match(strings.ToLower(strings.ReplaceAll(pattern, "/", "\x00")), strings.ToLower(strings.ReplaceAll(value, "/", "\x00")))
	return ok
}

func parsePrefix(s string) (netip.Prefix, error) {
	if strings.Contains(s, "/") {
		p, err := netip.ParsePrefix(s)
		return p.Masked(), err
	}
	a, err := netip.ParseAddr(s)
	if err != nil {
		return netip.Prefix{}, err
	}
	return netip.PrefixFrom(a.Unmap(), a.Unmap().BitLen()), nil
}

func clientAddr(s string) netip.Addr {
	if ap, err := netip.ParseAddrPort(s); err == nil {
		return ap.Addr().Unmap()
	}
	a, _ := netip.ParseAddr(s)
	return a.Unmap()
}
