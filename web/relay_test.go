package web_test

import (
	"errors"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/emersion/go-smtp"

	"github.com/catchpost/catchpost/internal/program"
)

// nextHop is a server to relay to: busy@ is put off while it is busy, gone@ is
// refused, all else is taken.
type nextHop struct {
	addr  string
	busy  atomic.Bool
	taken atomic.Int32
}

func newNextHop(t testing.TB) *nextHop {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	hop := &nextHop{addr: l.Addr().String()}
	hop.busy.Store(true)
	server := smtp.NewServer(smtp.BackendFunc(func(*smtp.Conn) (smtp.Session, error) { return &hopSession{hop}, nil }))
	server.Domain = "mx.x.test"
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(l) // ends with Close
	}()
	t.Cleanup(func() {
		_ = server.Close()
		<-done
	})
	return hop
}

type hopSession struct{ hop *nextHop }

func (s *hopSession) Mail(string, *smtp.MailOptions) error { return nil }
func (s *hopSession) Reset()                               {}
func (s *hopSession) Logout() error                        { return nil }

func (s *hopSession) Rcpt(to string, _ *smtp.RcptOptions) error {
	switch {
	case strings.HasPrefix(to, "busy@") && s.hop.busy.Load():
		return &smtp.SMTPError{Code: 451, EnhancedCode: smtp.EnhancedCode{4, 7, 1}, Message: "Greylisted, try again later"}
	case strings.HasPrefix(to, "gone@"):
		return &smtp.SMTPError{Code: 550, EnhancedCode: smtp.EnhancedCode{5, 1, 1}, Message: "No such mailbox"}
	}
	return nil
}

func (s *hopSession) Data(r io.Reader) error {
	_, err := io.Copy(io.Discard, r)
	s.hop.taken.Add(1)
	return errors.Join(err)
}

// relayTo lets mail to x.test leave through the next hop.
func relayTo(hop *nextHop) func(*program.Options) {
	return func(o *program.Options) {
		o.Relay.Relay, o.Relay.Private = true, true
		o.Relay.Allow = []string{"*@x.test"}
		o.Relay.Smarthost = "smtp://" + hop.addr + "?tls=never"
		o.Relay.HookPrivate = true
	}
}

type queued struct {
	Entries []struct {
		ID, State   string
		ForwardPath string `json:"forward_path"`
		Attempts    []struct{ Code int }
	}
}

// TestRelay sends a captured message out: the verdict of the rules stands
// before the button, the row and the queue say what became of it.
func TestRelay(t *testing.T) {
	b := newBrowser(t)
	hop := newNextHop(t)
	w := newWorld(t, relayTo(hop))
	w.send("hello@shop.test", "anna@x.test,busy@x.test,evil@other.test", plain("Shop <hello@shop.test>", "anna@x.test", "On its way", "Off you go."))
	id := w.list("").Messages[0].ID
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/" + id)
	p.button("Relay")
	p.until(`document.querySelectorAll(".verdicts li").length === 3`)
	for _, want := range []string{"leavesanna@x.test", "leavesbusy@x.test", "refusedevil@other.test"} {
		p.until(`[...document.querySelectorAll(".verdicts li")].some(li => li.textContent.replace(/\s+/g, "").startsWith(` + js(want) + `))`)
	}
	var q queued
	if w.api("GET", "queue", nil, &q); len(q.Entries) != 0 {
		t.Fatalf("looking at the verdict queued %+v", q)
	}
	p.button("Relay to 2 addresses")
	p.until(`!document.querySelector("dialog[open]")`)
	p.until(`document.querySelector(".row .relay-mark")?.innerText === "deferred"`)
	p.until(`document.querySelector(".row .relay-mark").title.includes("1 relayed") && document.querySelector(".message-facts .relay-mark") !== null`)
	if n := hop.taken.Load(); n != 1 {
		t.Errorf("the next hop took %d messages", n)
	}
	p.click(".message-facts .relay-mark")
	p.until(`location.hash.includes("message=` + id + `") && document.querySelectorAll(".table tbody tr").length === 2`)
	p.button("busy@x.test")
	p.until(there(".attempt[open] .transcript"))
	p.sees("451 4.7.1")
	p.sees("Greylisted, try again later")
	p.button("Hold")
	p.until(`document.querySelector(".split-side .chip")?.innerText === "held"`)
	p.button("Release")
	p.until(`document.querySelectorAll(".attempt").length === 2`)
	hop.busy.Store(false)
	p.button("Try now")
	p.until(`document.querySelector(".split-side .chip")?.innerText === "relayed" && document.querySelectorAll(".attempt").length === 3`)
	p.open(w.url + "/#/default/queue?state=relayed")
	p.until(`document.querySelectorAll(".table tbody tr").length === 2 && document.querySelector("select").value === "relayed"`)
	p.open(w.url + "/#/default")
	p.until(`document.querySelector(".row .relay-mark")?.innerText === "relayed"`)

	// What the rules refuse cannot be sent; what a rule held can be given up.
	w.api("PUT", "relay/rules", map[string]any{"rules": []any{map[string]any{"filter": map[string]any{"subject": "Held"}, "action": "hold"}}}, nil)
	w.send("hello@shop.test", "evil@other.test", plain("hello@shop.test", "evil@other.test", "Must stay", "x"))
	w.send("hello@shop.test", "anna@x.test", plain("hello@shop.test", "anna@x.test", "Held", "x"))
	p.until(`document.querySelector(".row .relay-mark")?.innerText === "held"`)
	p.click(".row:nth-child(2) .row-subject")
	p.until(`document.querySelector(".message h1")?.innerText === "Must stay"`)
	p.button("Relay")
	p.sees("The rules refuse it.")
	p.until(`document.querySelector("dialog .primary").disabled`)
	p.press(kb.Escape)
	p.open(w.url + "/#/default/queue?state=held")
	p.button("anna@x.test")
	p.button("Cancel")
	p.until(`document.querySelector(".split-side .chip")?.innerText === "cancelled"`)
	p.clean()
}
