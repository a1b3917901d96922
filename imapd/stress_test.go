package imapd

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// mirror is what a client learns of a mailbox from untagged responses alone.
type mirror struct {
	uids  []string // by message sequence number, "" while not known
	flags map[string]string
	count int // of a UIDONLY client, which has no numbers
	other int // messages in the other mailbox, as NOTIFY tells and by what it put there itself
}

var (
	existsLine   = regexp.MustCompile(`^\* (\d+) EXISTS$`)
	expungeLine  = regexp.MustCompile(`^\* (\d+) EXPUNGE$`)
	fetchLine    = regexp.MustCompile(`^\* (\d+) FETCH \((?:UID (\d+) )?FLAGS \(([^)]*)\)\)$`)
	uidFetchLine = regexp.MustCompile(`^\* (\d+) UIDFETCH \(FLAGS \(([^)]*)\)\)$`)
	statusLine   = regexp.MustCompile(`^\* STATUS \S+ \(MESSAGES (\d+) `)
	ownLine      = regexp.MustCompile(` OK \[(COPYUID|APPENDUID) `)
	vanishedLine = regexp.MustCompile(`^\* VANISHED ([\d,:]+)$`)
)

func flagsOf(list string) string {
	f := slices.DeleteFunc(strings.Fields(list), func(f string) bool { return f == `\Recent` })
	slices.Sort(f)
	return strings.Join(f, " ")
}

// learnUIDs is learn of a UIDONLY client.
func (m *mirror) learnUIDs(t *testing.T, lines []string) {
	for _, l := range lines {
		if g := existsLine.FindStringSubmatch(l); g != nil {
			n, _ := strconv.Atoi(g[1])
			if n < m.count {
				t.Errorf("EXISTS %d below %d", n, m.count)
			}
			m.count = n
		} else if g := vanishedLine.FindStringSubmatch(l); g != nil {
			for _, r := range strings.Split(g[1], ",") {
				from, to, isRange := strings.Cut(r, ":")
				if !isRange {
					to = from
				}
				first, _ := strconv.Atoi(from)
				last, _ := strconv.Atoi(to)
				for uid := first; uid <= last; uid++ {
					delete(m.flags, strconv.Itoa(uid))
					m.count--
				}
			}
		} else if g := uidFetchLine.FindStringSubmatch(l); g != nil {
			m.flags[g[1]] = flagsOf(g[2])
		} else if expungeLine.MatchString(l) || strings.Contains(l, " FETCH (") {
			t.Errorf("a UIDONLY client was told %q", l)
		}
	}
	m.uids = slices.SortedFunc(maps.Keys(m.flags), func(a, b string) int { return cmp.Or(len(a)-len(b), strings.Compare(a, b)) })
}

func (m *mirror) learn(t *testing.T, lines []string) {
	for _, l := range lines {
		if g := existsLine.FindStringSubmatch(l); g != nil {
			n, _ := strconv.Atoi(g[1])
			if n < len(m.uids) {
				t.Errorf("EXISTS %d below %d", n, len(m.uids))
				return
			}
			for len(m.uids) < n {
				m.uids = append(m.uids, "")
			}
		} else if g := expungeLine.FindStringSubmatch(l); g != nil {
			n, _ := strconv.Atoi(g[1])
			if n < 1 || n > len(m.uids) {
				t.Errorf("EXPUNGE %d of %d", n, len(m.uids))
				return
			}
			m.uids = slices.Delete(m.uids, n-1, n)
		} else if g := fetchLine.FindStringSubmatch(l); g != nil {
			n, _ := strconv.Atoi(g[1])
			if n < 1 || n > len(m.uids) || m.uids[n-1] != "" && g[2] != "" && m.uids[n-1] != g[2] {
				t.Errorf("FETCH %q does not fit %d messages", l, len(m.uids))
				return
			}
			if g[2] != "" {
				m.uids[n-1] = g[2]
			}
			m.flags[m.uids[n-1]] = flagsOf(g[3])
		} else if g := statusLine.FindStringSubmatch(l); g != nil {
			m.other, _ = strconv.Atoi(g[1])
		} else if ownLine.MatchString(l) {
			m.other++
		}
	}
}

// knows reports whether a FETCH line is about a message whose UID was known before:
// such a line may not teach anything.
func (m *mirror) knows(l string) bool {
	g := fetchLine.FindStringSubmatch(l)
	uid := ""
	if g != nil {
		uid = g[2]
	} else if g = uidFetchLine.FindStringSubmatch(l); g != nil {
		uid = g[1]
	}
	_, known := m.flags[uid]
	return known
}

// state is the mirror as one string, to compare with the store's.
func (m *mirror) state() string {
	var b strings.Builder
	for _, uid := range m.uids {
		fmt.Fprintf(&b, "%s(%s) ", uid, m.flags[uid])
	}
	return b.String()
}

// How a client of the stress test is told.
const (
	byCommand = iota // at the end of its commands
	byUID            // so, and UIDONLY
	pushed           // NOTIFY: at any time
	delayed          // NOTIFY SELECTED-DELAYED: EXPUNGE when numbers may move
	kinds
)

// begin selects a mailbox and says how the client wants to be told.
func (m *mirror) begin(t *testing.T, p *peer, box string, kind int) {
	learn := m.learn
	if kind == byUID {
		p.ok("ENABLE UIDONLY")
		learn = m.learnUIDs
	}
	learn(t, p.ok("SELECT %s", box))
	if word := map[int]string{pushed: "selected", delayed: "selected-delayed"}[kind]; word != "" {
		if len(m.uids) > 0 {
			learn(t, p.ok("FETCH 1:* (UID FLAGS)"))
		}
		learn(t, p.ok("NOTIFY SET STATUS (%s (MessageNew (UID FLAGS) MessageExpunge FlagChange)) (mailboxes (INBOX Archive) (MessageNew MessageExpunge FlagChange))", word))
	}
}

// 16 clients do random things to the same two mailboxes; each believes only what
// it was told. In the end all believe the same, and it is what the store holds.
func TestManyClients(t *testing.T) {
	st := openStore(t)
	addr := serve(t, st, Options{})
	for i := range 40 {
		storetest.Deliver(t, st, fmt.Sprintf("Subject: %d\r\n\r\nbody\r\n", i), user)
	}
	const clients, steps = 16, 60
	peers := make([]*peer, clients)
	mirrors := make([]*mirror, clients)
	var wg sync.WaitGroup
	for c := range clients {
		peers[c], mirrors[c] = login(t, addr), &mirror{flags: map[string]string{}}
		mirrors[c].begin(t, peers[c], []string{"INBOX", "Archive"}[c%2], c/2%kinds)
	}
	for c := range clients {
		wg.Go(func() {
			p, m, kind := peers[c], mirrors[c], c/2%kinds
			rnd := rand.New(rand.NewPCG(1, uint64(c)))
			for range steps {
				if cmd := randomCommand(rnd, m, c%2, kind); kind == byUID {
					m.learnUIDs(t, p.do("%s", cmd))
				} else {
					m.learn(t, p.do("%s", cmd))
				}
			}
		})
	}
	wg.Wait()
	acc := store.AccountRef{Sandbox: store.DefaultSandbox, Key: user}
	for c, p := range peers {
		m, kind := mirrors[c], c/2%kinds
		switch kind {
		case byCommand: // UIDs of what arrived are not told unasked; flags of what is known are
			m.learn(t, p.ok("NOOP"))
			if len(m.uids) > 0 {
				m.learn(t, slices.DeleteFunc(p.ok("FETCH 1:* (UID FLAGS)"), m.knows))
			}
		case byUID:
			m.learnUIDs(t, p.ok("NOOP"))
			m.learnUIDs(t, slices.DeleteFunc(p.ok("UID FETCH 1:* (FLAGS)"), m.knows))
			if m.count != len(m.uids) {
				t.Errorf("client %d counts %d messages and knows %d", c, m.count, len(m.uids))
			}
		default: // all was told, of the other mailbox at its own time
			other := strings.Count(storeState(t, st, acc, []string{"Archive", "INBOX"}[c%2]), "(")
			for range 500 {
				if m.learn(t, p.ok("NOOP")); m.other == other {
					break
				}
			}
			if m.other != other {
				t.Errorf("client %d (kind %d) believes that the other mailbox has %d messages, it has %d", c, kind, m.other, other)
			}
		}
		want := storeState(t, st, acc, []string{"INBOX", "Archive"}[c%2])
		if got := m.state(); got != want {
			t.Errorf("client %d (kind %d) believes\n%s\nthe store holds\n%s", c, kind, got, want)
		}
	}
}

// randomCommand names messages by UID where numbers may move at any time, or mean nothing.
func randomCommand(rnd *rand.Rand, m *mirror, side, kind int) string {
	other := []string{"Archive", "INBOX"}[side]
	uid, msg, items := "", 1, "UID FLAGS"
	if n := len(m.uids); n > 0 {
		msg = 1 + rnd.IntN(n)
	}
	if kind == byUID || kind == pushed {
		uid = "UID "
		if len(m.uids) > 0 {
			msg, _ = strconv.Atoi(m.uids[msg-1])
			msg = max(msg, 1) // one that is not known
		}
	}
	if kind == byUID {
		items = "FLAGS"
	}
	flag := []string{`\Seen`, `\Flagged`, `\Answered`, "$Work", "$Junk"}[rnd.IntN(5)]
	switch rnd.IntN(14) {
	case 0, 1:
		return fmt.Sprintf("%sSTORE %d +FLAGS (%s)", uid, msg, flag)
	case 2:
		return fmt.Sprintf("%sSTORE %d -FLAGS (%s)", uid, msg, flag)
	case 3:
		return fmt.Sprintf("UID STORE 1:* +FLAGS (%s)", flag)
	case 4:
		return fmt.Sprintf("%sSTORE %d +FLAGS (\\Deleted)", uid, msg)
	case 5:
		return "EXPUNGE"
	case 6:
		return fmt.Sprintf("%sMOVE %d %s", uid, msg, other)
	case 7:
		return fmt.Sprintf("%sCOPY %d %s", uid, msg, other)
	case 8:
		return fmt.Sprintf("%sFETCH 1:* (%s)", uid, items)
	case 9:
		return uid + "SEARCH FLAGGED"
	case 10:
		return fmt.Sprintf("APPEND %s {16+}\r\nSubject: x\r\n\r\nab", other)
	case 11:
		target := other
		if kind == byCommand && rnd.IntN(2) == 0 { // of what a client puts there itself NOTIFY tells no attributes
			target = []string{"INBOX", "Archive"}[side]
		}
		return fmt.Sprintf("%sREPLACE %d %s {16+}\r\nSubject: y\r\n\r\ncd", uid, msg, target)
	case 12:
		return fmt.Sprintf("APPEND %s CATENATE (TEXT {12+}\r\nSubject: z\r\n URL \";UID=%d\")", other, msg)
	}
	return "NOOP"
}

func storeState(t *testing.T, st *store.Store, acc store.AccountRef, box string) string {
	info, err := st.Mailbox(context.Background(), acc, box)
	if err != nil {
		t.Fatal(err)
	}
	s, err := st.MailboxState(context.Background(), info.ID)
	if err != nil {
		t.Fatal(err)
	}
	m := &mirror{flags: map[string]string{}}
	for i, uid := range s.UIDs {
		id := fmt.Sprint(uid)
		f := s.Flags[i].Names(s.Keywords)
		slices.Sort(f)
		m.uids = append(m.uids, id)
		m.flags[id] = strings.Join(f, " ")
	}
	return m.state()
}
