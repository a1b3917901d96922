package imapd

import (
	"context"
	"fmt"
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
}

var (
	existsLine  = regexp.MustCompile(`^\* (\d+) EXISTS$`)
	expungeLine = regexp.MustCompile(`^\* (\d+) EXPUNGE$`)
	fetchLine   = regexp.MustCompile(`^\* (\d+) FETCH \((?:UID (\d+) )?FLAGS \(([^)]*)\)\)$`)
)

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
			f := slices.DeleteFunc(strings.Fields(g[3]), func(f string) bool { return f == `\Recent` })
			slices.Sort(f)
			m.flags[m.uids[n-1]] = strings.Join(f, " ")
		}
	}
}

// knows reports whether a FETCH line is about a message whose UID was known before:
// such a line may not teach anything.
func (m *mirror) knows(l string) bool {
	g := fetchLine.FindStringSubmatch(l)
	if g == nil {
		return false
	}
	_, known := m.flags[g[2]]
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
		box := []string{"INBOX", "Archive"}[c%2]
		mirrors[c].learn(t, peers[c].ok("SELECT %s", box))
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(c)))
			for range steps {
				mirrors[c].learn(t, peers[c].do("%s", randomCommand(rnd, len(mirrors[c].uids), c%2)))
			}
		})
	}
	wg.Wait()
	acc := store.AccountRef{Sandbox: store.DefaultSandbox, Key: user}
	for c, p := range peers {
		mirrors[c].learn(t, p.ok("NOOP"))
		if len(mirrors[c].uids) > 0 {
			// UIDs of what arrived are not told unasked; flags of what is known are.
			mirrors[c].learn(t, slices.DeleteFunc(p.ok("FETCH 1:* (UID FLAGS)"), mirrors[c].knows))
		}
		want := storeState(t, st, acc, []string{"INBOX", "Archive"}[c%2])
		if got := mirrors[c].state(); got != want {
			t.Errorf("client %d believes\n%s\nthe store holds\n%s", c, got, want)
		}
	}
}

func randomCommand(rnd *rand.Rand, n, side int) string {
	other := []string{"Archive", "INBOX"}[side]
	msg := 1
	if n > 0 {
		msg = 1 + rnd.IntN(n)
	}
	flag := []string{`\Seen`, `\Flagged`, `\Answered`, "$Work", "$Junk"}[rnd.IntN(5)]
	switch rnd.IntN(14) {
	case 0, 1:
		return fmt.Sprintf("STORE %d +FLAGS (%s)", msg, flag)
	case 2:
		return fmt.Sprintf("STORE %d -FLAGS (%s)", msg, flag)
	case 3:
		return fmt.Sprintf("UID STORE 1:* +FLAGS (%s)", flag)
	case 4:
		return fmt.Sprintf("STORE %d +FLAGS (\\Deleted)", msg)
	case 5:
		return "EXPUNGE"
	case 6:
		return fmt.Sprintf("MOVE %d %s", msg, other)
	case 7:
		return fmt.Sprintf("COPY %d %s", msg, other)
	case 8:
		return "FETCH 1:* (UID FLAGS)"
	case 9:
		return "SEARCH FLAGGED"
	case 10:
		return fmt.Sprintf("APPEND %s {16+}\r\nSubject: x\r\n\r\nab", other)
	case 11:
		return fmt.Sprintf("REPLACE %d %s {16+}\r\nSubject: y\r\n\r\ncd", msg, []string{"INBOX", "Archive"}[rnd.IntN(2)])
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
