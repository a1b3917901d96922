package relay

import (
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/dsn"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
)

// TestFiveDays lives the classic life of a message that nobody takes, under the
// moved clock and through the worker's own code.
func TestFiveDays(t *testing.T) {
	t.Parallel()
	h := &host{script: on("RCPT", "450 4.2.1 busy")}
	w := newWorld(t, map[string]*host{"2": h}, mx2...).start()
	began := time.Now()
	m := w.send("b@x.test", "c@x.test")
	first := w.settled(m)["b@x.test"]
	w.advance(3*time.Hour + 50*time.Minute)
	if n := len(w.reports("a@local.test")); n != 0 {
		t.Errorf("%d notifications before 4 h", n)
	}
	early := w.rows(m)["b@x.test"]
	for i, a := range early.Attempts[1:min(4, len(early.Attempts))] {
		if gap := a.At.Sub(early.Attempts[i].At); gap < 13*time.Minute || gap > 17*time.Minute {
			t.Errorf("attempt %d came after %s", i+2, gap)
		}
	}
	w.advance(20 * time.Minute)
	w.advance(4 * 24 * time.Hour)
	if got := w.reports("a@local.test"); len(got) != 1 || len(got[0].Recipients) != 2 || got[0].Recipients[0].Action != dsn.Delayed ||
		got[0].Recipients[0].Status != "4.2.1" || !near(got[0].Date, first.QueuedAt.Add(4*time.Hour)) || !near(got[0].Recipients[0].RetryUntil, first.ExpiresAt) || got[0].Full {
		t.Errorf("after 4 days: %+v", got)
	}
	ran := w.advance(25 * time.Hour)
	took := time.Since(began)
	rows := w.rows(m)
	e := rows["b@x.test"]
	if e.State != store.Expired || rows["c@x.test"].State != store.Expired || !e.NextAt.IsZero() || len(e.Attempts) < 30 || len(e.Attempts) > 60 || !strings.Contains(e.Reason, "120h0m0s") {
		t.Errorf("after 5 days: %s %q, %d attempts", e.State, e.Reason, len(e.Attempts))
	}
	if h.count("MAIL") != len(e.Attempts) { // both recipients in each transaction
		t.Errorf("%d transactions, %d attempts", h.count("MAIL"), len(e.Attempts))
	}
	for i, a := range e.Attempts[1:] {
		if gap := a.At.Sub(e.Attempts[i].At); gap > 4*time.Hour+time.Minute {
			t.Errorf("attempt %d came after %s", i+2, gap)
		}
	}
	got := w.reports("a@local.test")
	if len(got) != 2 || len(got[1].Recipients) != 2 || got[1].Recipients[0].Action != dsn.Failed || got[1].Recipients[0].Status != "5.4.7" ||
		!strings.Contains(got[1].Recipients[0].Diagnostic, "450 4.2.1 busy") || !near(got[1].Date, first.ExpiresAt) || !got[1].Full || string(got[1].Original) != plain {
		t.Errorf("after 5 days: %+v", got)
	}
	for i := 1; i < len(ran); i++ {
		if ran[i].At.Before(ran[i-1].At) {
			t.Errorf("%s ran after %s", ran[i].At, ran[i-1].At)
		}
	}
	t.Logf("five days, %d attempts each of two recipients: %s", len(e.Attempts), took.Round(time.Millisecond))
	if now := w.store.SandboxNow(store.DefaultSandbox); time.Until(now) < 5*24*time.Hour {
		t.Errorf("the sandbox's clock says %s", now)
	}
}

func near(a, b time.Time) bool { return a.Sub(b).Abs() < 2*time.Minute }

// TestGreylisting: 4xx, then success; the copy's octets stay the same.
func TestGreylisting(t *testing.T) {
	t.Parallel()
	h := &host{script: times("RCPT", 2, "451 4.7.1 greylisted")}
	w := newWorld(t, map[string]*host{"2": h}, mx2...).start()
	m := w.send("b@x.test")
	w.settled(m)
	w.advance(time.Hour)
	if e := w.rows(m)["b@x.test"]; e.State != store.Relayed || len(e.Attempts) != 3 || e.Attempts[0].Outcome != "deferred" || e.Attempts[2].Outcome != "relayed" {
		t.Errorf("%+v", e)
	}
	if len(w.reports("a@local.test")) != 0 || len(h.messages()) != 1 {
		t.Errorf("%d messages, %d notifications", len(h.messages()), len(w.reports("a@local.test")))
	}
}

// TestUncertain: the connection ends between the dot and the reply. The message
// is sent again, the same, and the attempt says that it may be the second.
func TestUncertain(t *testing.T) {
	t.Parallel()
	h := &host{script: times("END", 1, drop)}
	w := newWorld(t, map[string]*host{"2": h}, mx2...).start()
	m := w.send("b@x.test")
	if e := w.settled(m)["b@x.test"]; e.Attempts[0].Outcome != "uncertain" || e.Attempts[0].Stage != "end" {
		t.Errorf("%+v", e.Attempts)
	}
	w.advance(20 * time.Minute)
	got := h.messages()
	if e := w.rows(m)["b@x.test"]; e.State != store.Relayed || len(got) != 2 || got[0].Data != got[1].Data {
		t.Errorf("%s, %+v", e.State, got)
	}
}

func text(s string) *string { return &s }

// TestNotifications: who is told what, RFC 3461, each notification parsed back.
func TestNotifications(t *testing.T) {
	t.Parallel()
	type dsnOf struct{ notify, orcpt, ret, envid string }
	type told struct {
		action dsn.Action
		status string
		full   bool
	}
	for name, tt := range map[string]struct {
		dsn     dsnOf
		script  func(line) string
		offers  []string
		from    string // a@local.test
		to      string // b@x.test
		advance time.Duration
		want    []told
		args    string // of RCPT as the host saw it
		mail    string // of MAIL
	}{
		"failure by default":        {script: on("RCPT", "550 5.1.1 no"), want: []told{{dsn.Failed, "5.1.1", true}}},
		"failure, headers":          {dsn: dsnOf{ret: "HDRS"}, script: on("RCPT", "550 5.1.1 no"), want: []told{{dsn.Failed, "5.1.1", false}}, mail: "RET=HDRS"},
		"failure without a code":    {script: on("RCPT", "550 no"), want: []told{{dsn.Failed, "5.0.0", true}}},
		"never, failed":             {dsn: dsnOf{notify: "NEVER"}, script: on("RCPT", "550 5.1.1 no"), args: "NOTIFY=NEVER"},
		"never, five days":          {dsn: dsnOf{notify: "NEVER"}, script: on("RCPT", "450 4.1.1 no"), advance: 121 * time.Hour},
		"success alone, failed":     {dsn: dsnOf{notify: "SUCCESS"}, script: on("RCPT", "550 5.1.1 no")},
		"success alone, five days":  {dsn: dsnOf{notify: "SUCCESS"}, script: on("RCPT", "450 4.1.1 no"), advance: 121 * time.Hour},
		"delay alone, five days":    {dsn: dsnOf{notify: "DELAY"}, script: on("RCPT", "450 4.1.1 no"), advance: 121 * time.Hour, want: []told{{dsn.Delayed, "4.1.1", false}}},
		"failure alone, five days":  {dsn: dsnOf{notify: "FAILURE"}, script: on("RCPT", "450 4.1.1 no"), advance: 121 * time.Hour, want: []told{{dsn.Failed, "5.4.7", true}}},
		"all, five days":            {dsn: dsnOf{notify: "SUCCESS,FAILURE,DELAY"}, script: on("RCPT", "450 4.1.1 no"), advance: 121 * time.Hour, want: []told{{dsn.Delayed, "4.1.1", false}, {dsn.Failed, "5.4.7", true}}},
		"success, the hop tells":    {dsn: dsnOf{notify: "SUCCESS", envid: "id 1", orcpt: "rfc822;B+1@X.test", ret: "FULL"}, args: "NOTIFY=SUCCESS ORCPT=RFC822;B+2B1@X.test", mail: "RET=FULL ENVID=id+201"},
		"success, the hop does not": {dsn: dsnOf{notify: "SUCCESS", envid: "id 1", orcpt: "rfc822;B+1@X.test"}, offers: []string{"8BITMIME"}, want: []told{{dsn.Relayed, "2.0.0", false}}},
		"no wish, relayed":          {offers: []string{"8BITMIME"}},
		"null reverse-path":         {from: "<>", script: on("RCPT", "550 5.1.1 no")},
		"local, success":            {to: "b@local.test", dsn: dsnOf{notify: "SUCCESS"}, want: []told{{dsn.Delivered, "2.0.0", false}}},
		"local, failure":            {to: "b@local.test", dsn: dsnOf{notify: "FAILURE"}},
		"elsewhere":                 {from: "a@x.test", script: rcpt("b@", "550 5.1.1 no"), want: []told{{dsn.Failed, "5.1.1", true}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &host{script: tt.script, offers: tt.offers}
			w := newWorld(t, map[string]*host{"2": h}, mx2...).start()
			if tt.to == "" {
				tt.to = "b@x.test"
			}
			d := model.DSNRecipient{Address: tt.to}
			if tt.dsn.notify != "" {
				d.Notify = strings.Split(tt.dsn.notify, ",")
			}
			env := model.Envelope{}
			if tt.dsn.orcpt != "" {
				d.ORCPT = text(tt.dsn.orcpt)
			}
			if tt.dsn.ret != "" {
				env.DSN.Ret = text(tt.dsn.ret)
			}
			if tt.dsn.envid != "" {
				env.DSN.EnvID = text(tt.dsn.envid)
			}
			env.DSN.Recipients = []model.DSNRecipient{d}
			m := w.deliver(store.Delivery{ReversePath: tt.from, ForwardPaths: []string{tt.to}, Envelope: env}, plain)
			w.release(m)
			w.settled(m)
			if tt.advance > 0 {
				w.advance(tt.advance)
			}
			from := tt.from
			if from == "" {
				from = "a@local.test"
			}
			got := w.reports(from)
			if len(got) != len(tt.want) {
				t.Fatalf("%+v", got)
			}
			for i, rep := range got {
				rc := rep.Recipients[0]
				if rc.Action != tt.want[i].action || rc.Status != tt.want[i].status || rep.Full != tt.want[i].full || rc.Final != tt.to || rep.To != from ||
					rep.EnvID != tt.dsn.envid || rc.ORCPT != tt.dsn.orcpt || rep.MTA != "relay.local.test" || !strings.HasPrefix(plain, strings.TrimRight(string(rep.Original), "\r\n")) {
					t.Errorf("%+v, want %+v", rep, tt.want[i])
				}
			}
			if took := h.messages(); tt.args != "" && (len(took) > 0 && (took[0].ToArgs[0] != tt.args || !strings.Contains(took[0].FromArgs, tt.mail))) {
				t.Errorf("the host saw %+v", took)
			}
			if name == "elsewhere" {
				w.notedElsewhere(h)
			}
		})
	}
}

// notedElsewhere: the notification left as a message from <>, and nothing is
// told about it in turn.
func (w *world) notedElsewhere(h *host) {
	w.Helper()
	page, err := w.store.List(w.Context(), store.Query{Sandbox: store.DefaultSandbox})
	if err != nil {
		w.Fatal(err)
	}
	note := page.Messages[0]
	rows := w.settled(note)
	got := h.messages()
	if e := rows["a@x.test"]; e.State != store.Relayed || len(got) != 1 || got[0].From != "" || got[0].To[0] != "a@x.test" || got[0].ToArgs[0] != "NOTIFY=NEVER" {
		w.Errorf("%+v, %+v", rows, got)
	}
}

// TestNoWordAboutANotification: a notification that cannot be delivered is told
// to nobody.
func TestNoWordAboutANotification(t *testing.T) {
	t.Parallel()
	h := &host{script: on("RCPT", "550 5.1.1 no")}
	w := newWorld(t, map[string]*host{"2": h}, mx2...).start()
	m := w.deliver(store.Delivery{ReversePath: "a@x.test", ForwardPaths: []string{"b@x.test"}}, plain)
	w.release(m)
	w.settled(m)
	page, err := w.store.List(w.Context(), store.Query{Sandbox: store.DefaultSandbox})
	if err != nil || page.Total != 2 {
		t.Fatalf("%+v %v", page, err)
	}
	if e := w.settled(page.Messages[0])["a@x.test"]; e.State != store.Failed {
		t.Errorf("%+v", e)
	}
	if page, _ := w.store.List(w.Context(), store.Query{Sandbox: store.DefaultSandbox}); page.Total != 2 {
		t.Errorf("%d messages", page.Total)
	}
}

// TestNotifiesOnlyWhereAllowed: a notification for an address that may not be
// written to stays here.
func TestNotifiesOnlyWhereAllowed(t *testing.T) {
	t.Parallel()
	h := &host{script: rcpt("b@", "550 5.1.1 no")}
	w := newWorld(t, map[string]*host{"2": h}, append([]string{"evil.test. MX 10 mx2.x.test."}, mx2...)...)
	w.config.Lists, _ = policy.New([]string{"x.test"}, nil, nil)
	w.start()
	m := w.deliver(store.Delivery{ReversePath: "a@evil.test", ForwardPaths: []string{"b@x.test"}}, plain)
	w.release(m)
	w.settled(m)
	if len(w.reports("a@evil.test")) != 1 || len(h.messages()) != 0 {
		t.Errorf("%+v", h.messages())
	}
}
