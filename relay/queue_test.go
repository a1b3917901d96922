package relay

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/emersion/go-msgauth/dkim"

	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
)

// TestRestart: 1,000 queued messages, a process that ends in the middle, another
// that goes on: each message arrives, and again only where the outcome was
// uncertain.
func TestRestart(t *testing.T) {
	t.Parallel()
	h := &host{}
	w := newWorld(t, map[string]*host{"2": h}, mx2...).open(filepath.Join(t.TempDir(), "catchpost.db"))
	w.config.PerHost = 10
	w.start(true)
	const n = 1000
	sent := make([]*store.Message, n)
	work := make(chan int)
	done := make(chan bool)
	for range 32 {
		go func() {
			for i := range work {
				sent[i] = w.mail(fmt.Sprintf("Message-ID: <%d@x>\r\n", i)+plain, "b@x.test")
				w.release(sent[i])
			}
			done <- true
		}()
	}
	for i := range n {
		work <- i
	}
	close(work)
	for range 32 {
		<-done
	}
	w.run()
	for len(h.messages()) < n/3 {
		h.mu.Lock()
		told := h.told
		h.mu.Unlock()
		<-told
	}
	w.stop()
	if got := len(h.messages()); got == n {
		t.Log("the relay was quicker than the test")
	}
	w.start()
	uncertain := 0
	for _, m := range sent {
		e := w.until(m, "relayed", func(e store.QueueEntry) bool {
			return e.State == store.Relayed || len(e.Attempts) > 0 && last(e).Outcome == outcomeUncertain
		})["b@x.test"]
		if e.State != store.Relayed || len(e.Attempts) > 1 {
			uncertain++
		}
	}
	seen := map[string]int{}
	for _, m := range h.messages() {
		id, _, _ := strings.Cut(m.Data[strings.Index(m.Data, "Message-ID: "):], "\r\n")
		seen[id]++
	}
	if len(seen)+uncertain < n || len(h.messages()) > n+uncertain {
		t.Errorf("%d messages, %d of them arrived, %d uncertain", len(h.messages()), len(seen), uncertain)
	}
	t.Logf("%d arrived, %d tried twice", len(seen), uncertain)
}

// TestCrash: an attempt that was recorded and has no outcome is uncertain, and
// a notification that was written before the crash is not written again.
func TestCrash(t *testing.T) {
	t.Parallel()
	h := &host{script: on("RCPT", "550 5.1.1 no")}
	w := newWorld(t, map[string]*host{"2": h}, mx2...).start(true)
	m := w.send("b@x.test")
	row := w.rows(m)["b@x.test"]
	rows := w.relay.begin(w.Context(), []store.QueueEntry{row}, "") // and there it ended, after the notification
	w.relay.tell(w.Context(), rows, spread(rows, result{outcomeFailed, "rcpt", 550, "5.1.1", "no"}), where{})
	if len(w.reports("a@local.test")) != 1 {
		t.Fatal("no notification")
	}
	w.start()
	e := w.until(m, "uncertain", func(e store.QueueEntry) bool { return last(e).Outcome == outcomeUncertain })["b@x.test"]
	if e.State.Open() == false || !e.NextAt.After(time.Now()) {
		t.Errorf("%+v", e)
	}
	w.advance(20 * time.Minute)
	if e := w.rows(m)["b@x.test"]; e.State != store.Failed || len(w.reports("a@local.test")) != 1 {
		t.Errorf("%s, %d notifications", e.State, len(w.reports("a@local.test")))
	}
}

// TestByHand: hold, release, cancel and retry while rows wait and while they
// are under way.
func TestByHand(t *testing.T) {
	t.Parallel()
	arrived, goOn := make(chan bool, 100), make(chan bool)
	h := &host{script: func(l line) string {
		if l.Verb == "RCPT" && strings.Contains(l.Arg, "slow") {
			arrived <- true
			<-goOn
			return "450 4.2.1 busy"
		}
		if l.Verb == "RCPT" && strings.Contains(l.Arg, "later") && l.Nth < 4 {
			return "450 4.2.1 busy"
		}
		return ""
	}}
	w := newWorld(t, map[string]*host{"2": h}, mx2...)
	w.config.Timeouts = Timeouts{}
	w.start()
	change := func(e store.QueueEntry, fn func(e *store.QueueEntry)) {
		t.Helper()
		if _, err := w.store.UpdateQueueEntry(w.Context(), e.ID, func(e *store.QueueEntry) error { fn(e); return nil }); err != nil {
			t.Fatal(err)
		}
	}
	cancelled := w.send("slow@x.test")
	<-arrived
	change(w.rows(cancelled)["slow@x.test"], func(e *store.QueueEntry) { e.State, e.NextAt = store.Cancelled, time.Time{} })
	goOn <- true
	e := w.until(cancelled, "over", func(e store.QueueEntry) bool { return last(e).Outcome != "" })["slow@x.test"]
	if e.State != store.Cancelled || last(e).Code != 450 || !e.NextAt.IsZero() {
		t.Errorf("cancelled: %+v", e)
	}
	held := w.send("slow2@x.test")
	<-arrived
	change(w.rows(held)["slow2@x.test"], func(e *store.QueueEntry) { e.State, e.NextAt = store.Held, time.Time{} })
	goOn <- true
	w.until(held, "over", func(e store.QueueEntry) bool { return e.State == store.Held && last(e).Outcome != "" })
	w.release(held)
	<-arrived
	retried := w.rows(held)["slow2@x.test"]
	change(retried, func(e *store.QueueEntry) { e.NextAt = w.store.SandboxNow("default") }) // retry while it is tried
	goOn <- true
	<-arrived
	goOn <- true
	w.until(held, "over", func(e store.QueueEntry) bool {
		return e.State == store.Deferred && len(e.Attempts) == 3 && last(e).Outcome != ""
	})

	later := w.send("later@x.test")
	for n := 1; n <= 3; n++ {
		rows := w.until(later, "tried", func(e store.QueueEntry) bool {
			return e.State == store.Relayed || len(e.Attempts) >= n && last(e).Outcome != ""
		})
		if rows["later@x.test"].State == store.Relayed {
			break
		}
		change(rows["later@x.test"], func(e *store.QueueEntry) { e.NextAt = w.store.SandboxNow("default") })
	}
	w.until(later, "relayed", func(e store.QueueEntry) bool { return e.State == store.Relayed })
	if again := w.release(later); len(again) != 1 { // what is done can go once more
		t.Errorf("%+v", again)
	}
	open := w.send("slow3@x.test")
	<-arrived
	if again := w.release(open, "slow3@x.test", "slow3@x.test"); len(again) != 1 || again[0].ID != w.rows(open)["slow3@x.test"].ID {
		t.Errorf("queued twice: %+v", again)
	}
	close(goOn)
}

// TestShutdown: an attempt that hands a message over is waited for, one that
// does not is cut off; both are recorded.
func TestShutdown(t *testing.T) {
	t.Parallel()
	for stage, outcome := range map[string]string{"RCPT": outcomeDeferred, "END": outcomeRelayed, "CONNECT": outcomeDeferred} {
		t.Run(stage, func(t *testing.T) {
			t.Parallel()
			reached, goOn := make(chan bool), make(chan bool)
			h := &host{script: func(l line) string {
				if l.Verb == stage {
					reached <- true
					<-goOn
				}
				return ""
			}}
			w := newWorld(t, map[string]*host{"2": h}, mx2...)
			w.config.Timeouts, w.config.Grace = Timeouts{}, time.Minute
			w.start()
			m := w.send("b@x.test")
			<-reached
			go func() {
				<-w.relay.life.Done()
				if stage == "END" {
					close(goOn)
				}
			}()
			w.stop()
			if stage != "END" {
				close(goOn)
			}
			if e := w.rows(m)["b@x.test"]; last(e).Outcome != outcome {
				t.Errorf("%+v", e)
			}
		})
	}
}

// TestNarrowList: the relay is on, the list is narrow, a hundred addresses: the
// world sees the allowed ones only, by API and by rule, and again after the
// list became narrower still.
func TestNarrowList(t *testing.T) {
	t.Parallel()
	h := &host{}
	w := newWorld(t, map[string]*host{"2": h}, "*.test. MX 10 mx2.x.test.", "mx2.x.test. A 127.0.0.2", "x.test. MX 10 mx2.x.test.", "y.test. MX 10 mx2.x.test.")
	lists, err := policy.New([]string{"*@x.test", "boss@y.test"}, []string{"ceo@*"}, []string{"local.test"})
	if err != nil {
		t.Fatal(err)
	}
	w.config.Lists = lists
	w.start(true)
	to := []string{"boss@y.test", "BOSS@Y.test", "ceo@x.test", "x@local.test"}
	for i := range 46 {
		to = append(to, fmt.Sprintf("u%d@x.test", i), fmt.Sprintf("u%d@y.test", i))
	}
	to = append(to, policyHostile...)
	if len(to) < 140 {
		t.Fatalf("%d addresses", len(to))
	}
	m := w.mail(plain, to...)
	rows, err := w.relay.Release(w.Context(), m, nil)
	if d := (*policy.Denied)(nil); !errors.As(err, &d) || d.ForwardPath != "ceo@x.test" || d.Verdict.Rule != "deny ceo@*" {
		t.Errorf("%v", err)
	}
	if len(rows)+len(w.rows(m)) != 0 { // all or nothing
		t.Errorf("%d rows, %d in the queue", len(rows), len(w.rows(m)))
	}
	if err := w.store.PutRelayRules(w.Context(), "", []store.RelayRule{{ID: "no", Filter: "subject.prefix=stay", Action: "drop"}, {ID: "later", Filter: "subject=held", Action: "hold"}, {ID: "all", Filter: "", Action: "relay"}}); err != nil {
		t.Fatal(err)
	}
	byRule := w.mail(plain, to...)
	heldByRule := w.mail(strings.Replace(plain, "Subject: hi", "Subject: held", 1), "u1@x.test")
	stays := w.mail(strings.Replace(plain, "Subject: hi", "Subject: stay, held", 1), "u1@x.test")
	if e := w.rows(heldByRule)["u1@x.test"]; e.State != store.Held || e.Reason != "held by rule later" || !strings.Contains(e.Received, heldByRule.ID) || len(w.rows(stays)) != 0 {
		t.Errorf("%+v", e)
	}
	w.run()
	for path, e := range w.settled(byRule) {
		want := store.Held
		switch v := lists.Judge(path); v.Outcome {
		case policy.Relay:
			want = store.Relayed
		case policy.Local:
			want = store.Delivered
		}
		if e.State != want || want == store.Held && !strings.HasPrefix(e.Reason, "not allowed: ") {
			t.Errorf("%q: %s (%s), want %s", path, e.State, e.Reason, want)
		}
	}
	seen := map[string]int{}
	for _, m := range h.messages() {
		for _, to := range m.To {
			seen[strings.ToLower(to)]++
			if !strings.HasSuffix(strings.ToLower(to), "@x.test") && !strings.EqualFold(to, "boss@y.test") || strings.HasPrefix(to, "ceo") {
				t.Errorf("the world saw %s", to)
			}
		}
	}
	if len(seen) != 47 {
		t.Errorf("the world saw %d addresses: %v", len(seen), seen)
	}
}

// policyHostile are addresses by which somebody might slip out to evil.test or
// past the deny list.
var policyHostile = []string{
	"x%evil.test@x.test", "evil.test!x@x.test", `"x@evil.test"@x.test`, `"x\@evil.test"@x.test`, `"x%evil.test"@x.test`,
	"x@evil.test@x.test", "x@x.test@evil.test", "@evil.test:x@x.test", "@x.test:x@evil.test", "x@[127.0.0.1]", "x@[IPv6:::1]", "x@[x.test]",
	"x@x.test.", "x@x.test..", "x@.x.test", "x@x..test", "x@x.test\x00", "x@x.test>", "<x@x.test>", "x@x.test e@evil.test", "x@x.test,e@evil.test",
	"x@x\u3002test", "x@x\uff0etest", "x@x\uff61test", "x@x.te\u00adst", "x@x.te\u200bst", "x\u200b@x.test", "x\u202ey@x.test", `" x"@x.test`, `"x:y"@x.test`,
	`"|/bin/sh"@x.test`, "x@x.test#evil.test", "x@x.test/evil.test", "x@x.test?evil.test", "x@\u0445.test", "x@evil.test", "x@evilx.test", "x@x.test.evil.test",
	"x@sub.x.test", "ceo@x.test", "CEO@X.TEST", `"ceo"@x.test`, `"c\eo"@x.test`, "ceo@y.test", "postmaster", "@x.test", "x@", "x", "x@x_test", "x@-x.test",
	"x@x.test\r\nRCPT TO:<e@evil.test>", "x@x.test\nDATA", "x\r\n@x.test", "\"x\r\n\"@x.test", "boss@y.test.evil.test", "boss+evil@y.test",
	strings.Repeat("x", 65) + "@x.test", "x@" + strings.Repeat("a.", 130) + "x.test",
}

// TestListsNarrowed: what was queued under a wider list does not leave under a
// narrower one.
func TestListsNarrowed(t *testing.T) {
	t.Parallel()
	h := &host{}
	w := newWorld(t, map[string]*host{"2": h}, mx2...).start(true)
	m := w.send("b@x.test")
	w.config.Lists, _ = policy.New([]string{"other.test"}, nil, nil)
	w.start()
	if e := w.settled(m)["b@x.test"]; e.State != store.Held || !strings.HasPrefix(e.Reason, "not allowed") || h.count("CONNECT") != 0 {
		t.Errorf("%+v", e)
	}
}

// TestDKIM: signatures verify, and retries have the same octets.
func TestDKIM(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	public, edKey, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKIXPublicKey(rsaKey.Public())
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		signer crypto.Signer
		record string
	}{
		"rsa":     {rsaKey, "v=DKIM1; k=rsa; p=" + base64.StdEncoding.EncodeToString(der)},
		"ed25519": {edKey, "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &host{script: times("END", 2, drop)}
			w := newWorld(t, map[string]*host{"2": h}, mx2...)
			w.config.Rewrite = Rewrite{ReversePath: "bounce@local.test", Headers: []string{"X-Staging: yes"}, DKIM: &DKIM{Domain: "local.test", Selector: "s1", Signer: tt.signer}}
			w.start()
			m := w.send("b@x.test")
			w.settled(m)
			w.advance(40 * time.Minute)
			got := h.messages()
			if len(got) != 3 || got[0].Data != got[1].Data || got[1].Data != got[2].Data || got[0].From != "bounce@local.test" || !strings.Contains(got[0].Data, "\r\nX-Staging: yes\r\n") {
				t.Fatalf("%+v", got)
			}
			checked, err := dkim.VerifyWithOptions(strings.NewReader(got[0].Data), &dkim.VerifyOptions{LookupTXT: func(name string) ([]string, error) {
				if name != "s1._domainkey.local.test" {
					t.Errorf("looked up %s", name)
				}
				return []string{tt.record}, nil
			}})
			if err != nil || len(checked) != 1 || checked[0].Err != nil || checked[0].Domain != "local.test" {
				t.Errorf("%+v %v\n%s", checked, err, got[0].Data)
			}
			if raw, err := w.store.Raw(w.Context(), m); err != nil || string(raw) != plain {
				t.Errorf("the stored octets changed: %q %v", raw, err)
			}
		})
	}
}

// TestRates: transactions keep to the rates, in all and by domain.
func TestRates(t *testing.T) {
	t.Parallel()
	h := &host{}
	w := newWorld(t, map[string]*host{"2": h}, mx2...)
	w.config.HostRate, w.config.PerHost = 20, 4
	w.start(true)
	var sent []*store.Message
	for range 26 {
		sent = append(sent, w.send("b@x.test"))
	}
	began := time.Now()
	w.run()
	for _, m := range sent {
		w.settled(m)
	}
	if took := time.Since(began); took < 250*time.Millisecond { // a burst of 20, then one each 50 ms
		t.Errorf("26 messages in %s", took)
	}
}

// TestSlowDomain: a domain that does not answer holds up no other.
func TestSlowDomain(t *testing.T) {
	t.Parallel()
	reached := make(chan bool, 10)
	h := &host{script: func(l line) string {
		if l.Verb == "CONNECT" {
			reached <- true
			return stall
		}
		return ""
	}}
	w := newWorld(t, map[string]*host{"2": h, "3": {}}, append([]string{"y.test. A 127.0.0.3"}, mx2...)...)
	w.config.Timeouts = Timeouts{}
	w.start(true)
	for range 300 {
		w.mail(plain, "b@x.test")
	}
	for range 30 {
		w.send("b@x.test")
	}
	w.run()
	<-reached
	m := w.send("b@y.test")
	w.until(m, "relayed", func(e store.QueueEntry) bool { return e.State == store.Relayed })
	ctx, cancel := context.WithCancel(w.Context())
	cancel()
	if _, _, err := w.relay.AdvanceClock(ctx, "default", time.Hour); !errors.Is(err, context.Canceled) {
		t.Errorf("a clock moved under an attempt: %v", err)
	}
	w.stop()
}

// TestClock: backwards is refused, other sandboxes stay, the offset outlives the process.
func TestClock(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "catchpost.db")
	w := newWorld(t, nil).open(path).start(true)
	if _, _, err := w.store.CreateSandbox(w.Context(), store.NewSandbox{Name: "other"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := w.relay.AdvanceClock(w.Context(), "default", -time.Second); !errors.Is(err, store.ErrConflict) {
		t.Error(err)
	}
	if _, _, err := w.relay.AdvanceClock(w.Context(), "nobody", time.Second); err == nil {
		t.Error("a sandbox that is not there has a clock")
	}
	if offset, ran, err := w.relay.AdvanceClock(w.Context(), "default", 4*time.Hour); err != nil || len(ran) != 0 || offset < 4*time.Hour-time.Second || offset > 4*time.Hour {
		t.Error(offset, ran, err)
	}
	if d := time.Until(w.store.SandboxNow("other")); d > time.Minute {
		t.Errorf("the other sandbox's clock is %s ahead", d)
	}
	if err := w.store.Close(); err != nil {
		t.Fatal(err)
	}
	w.open(path)
	if d := time.Until(w.store.SandboxNow("default")); d < 3*time.Hour {
		t.Errorf("after a restart the clock is %s ahead", d)
	}
}

// TestSchedule holds the schedule to the classic practice.
func TestSchedule(t *testing.T) {
	t.Parallel()
	s := Schedule{Warn: 4 * time.Hour}.withDefaults()
	sum := time.Duration(0)
	for n := 1; n < 200; n++ {
		d := s.Spacing("key", n)
		if d < 13*time.Minute || d > 4*time.Hour || d != s.Spacing("key", n) {
			t.Errorf("spacing %d is %s", n, d)
		}
		if n <= 4 && d > 17*time.Minute || n > 30 && d < 3*time.Hour {
			t.Errorf("spacing %d is %s", n, d)
		}
		sum += d
	}
	now := time.Now()
	if at := s.Next(now.Add(time.Hour), now.Add(-4*time.Hour), time.Time{}, now.Add(time.Minute)); !at.Equal(now) {
		t.Errorf("a warning is due, not %s", at)
	}
	if at := s.Next(now.Add(time.Hour), now, now, now.Add(time.Minute)); !at.Equal(now.Add(time.Minute)) {
		t.Errorf("the end is due, not %s", at)
	}
}

// FuzzHeader: counting trace fields and cutting headers never panics, and the
// cut is a prefix.
func FuzzHeader(f *testing.F) {
	f.Add([]byte(plain))
	f.Add([]byte("\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h := headerOf(raw)
		if !bytes.HasPrefix(raw, h) || receivedFields(h) > bytes.Count(h, []byte("\n"))+1 {
			t.Errorf("%q", h)
		}
	})
}
