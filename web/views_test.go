package web_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/program"
)

// view is one address of the page, and what tells that it is there.
type view struct{ name, hash, ready string }

func there(selector string) string { return `document.querySelector('` + selector + `') !== null` }

// stage is an instance with a day of a team's tests in it: something to show in
// every view.
type stage struct {
	*world
	id    string        // a message of everything
	entry string        // a deferred queue entry
	hook  string        // a webhook
	shift time.Duration // how far the sandbox's clock is ahead
}

// newStage furnishes an instance under a base path.
func newStage(t testing.TB, base string) *stage {
	t.Helper()
	hop, hook := newNextHop(t), newReceiver(t)
	s := &stage{world: newWorld(t, func(o *program.Options) {
		relayTo(hop)(o)
		o.Mail.ControlledClock, o.HTTP.BasePath = true, base
	})}
	s.base = base
	people(s.world)
	var made struct{ ID string }
	s.api("POST", "webhooks", map[string]any{"url": hook.URL + "/hooks/mail", "filter": map[string]any{"to": "anna@x.test"}}, &made)
	s.hook = made.ID
	for address, members := range map[string][]string{"team@x.test": {"anna@x.test", "budi@x.test", "citra@x.test"}, "oncall@x.test": {"budi@x.test"}, "all@x.test": {"team@x.test", "dewi@x.test"}} {
		s.api("PUT", "aliases/"+address, map[string]any{"members": members}, nil)
	}
	mails := sampleMails()
	pauses := []int{1560, 610, 190, 95, 50, 35, 18, 9, 7, 4, 1} // minutes
	for i, m := range mails {
		if i == len(mails)-1 {
			s.outward()
			s.faults()
		}
		s.send(m[0], m[1], m[2])
		s.api("POST", "sandboxes/default/clock", map[string]any{"advance": fmt.Sprintf("%dm", pauses[i])}, nil)
		s.shift += time.Duration(pauses[i]) * time.Minute
	}
	s.api("PATCH", "messages?subject=receipt", map[string]any{"tags": []string{"order", "smoke"}}, nil)
	s.api("PATCH", "messages?subject=parcel", map[string]any{"flagged": true, "seen": true}, nil)
	s.api("PATCH", "messages?subject=green", map[string]any{"seen": true}, nil)
	s.id = s.list("subject.prefix=Welcome").Messages[0].ID
	return s
}

// outward relays three messages: one is taken, one put off, one refused.
func (s *stage) outward() {
	s.t.Helper()
	for subject, to := range map[string]string{"receipt": "budi@x.test", "parcel": "busy@x.test", "Reset": "gone@x.test"} {
		s.api("POST", "messages/"+s.list("subject=" + subject).Messages[0].ID+"/relay", map[string]any{"to": []string{to}}, nil)
	}
	for end := time.Now().Add(patience); ; {
		var q queued
		s.api("GET", "queue", nil, &q)
		tried := 0
		for _, e := range q.Entries {
			if len(e.Attempts) > 0 {
				tried++
			}
			if strings.HasPrefix(e.ForwardPath, "busy@") {
				s.entry = e.ID
			}
		}
		if tried == 3 {
			return
		}
		if time.Now().After(end) {
			s.t.Fatalf("the queue stands still: %+v", q)
		}
	}
}

// faults make rules, and let two of them strike.
func (s *stage) faults() {
	s.t.Helper()
	reply := func(code int, enhanced, text string) map[string]any {
		return map[string]any{"code": code, "enhanced": enhanced, "text": text}
	}
	s.api("PUT", "faults/greylist", map[string]any{"points": []string{"smtp.rcpt"}, "times": 2, "effect": reply(451, "4.7.1", "Greylisted, try again later")}, nil)
	for range 2 {
		if s.try("app@shop.test", "anna@x.test") == nil {
			s.t.Error("the fault did not strike")
		}
	}
	s.api("PUT", "faults/no-mailbox", map[string]any{"points": []string{"smtp.rcpt"}, "forward_path": "gone-*@x.test", "effect": reply(550, "5.1.1", "No such mailbox")}, nil)
	s.api("PUT", "faults/cut-after-data", map[string]any{"points": []string{"smtp.end_of_data"}, "forward_path": "crash@*", "times": 3, "chance": 0.5, "effect": map[string]any{"cut": true}}, nil)
	s.api("PUT", "faults/slow-answer", map[string]any{"points": []string{"smtp.end_of_data"}, "reverse_path": "slow@*", "effect": map[string]any{"delay": "5s"}}, nil)
	_ = s.try("app@shop.test", "gone-1@x.test") // refused
}

// at is the page's address of a view.
func (s *stage) at(v view) string { return s.url + s.base + "/" + v.hash }

// views are all views of the page.
func (s *stage) views() []view {
	m := "#/default/" + s.id
	return []view{
		{"mail", m, there(".preview iframe.loaded")},
		{"list", "#/default", there(".row .relay-mark")},
		{"message-text", m + "?tab=text", there(".text")},
		{"message-finds", m + "?tab=finds", there(".codes")},
		{"message-headers", m + "?tab=headers", there(".headers tr")},
		{"message-structure", m + "?tab=structure", there(".structure li")},
		{"message-source", m + "?tab=source", there("pre.source")},
		{"message-envelope", m + "?tab=envelope", there(".sheet .facts")},
		{"message-transcript", m + "?tab=transcript", there(".transcript li")},
		{"message-assert", m + "?tab=assert", there(".clauses")},
		{"attachment", m + "?part=3", there("dialog[open] .calendar")},
		{"compose", "#/default/compose?reply=" + s.id, there(".compose .token")},
		{"contacts", "#/default/contacts", there(".people-list a")},
		{"aliases", "#/default/aliases/all@x.test", there(".editor .note")},
		{"sandboxes", "#/default/sandboxes", there(".table tbody tr + tr")},
		{"sessions", "#/default/sessions", there(".table tbody tr")},
		{"faults", "#/default/faults", there(".table .fault-hits")},
		{"fault", "#/default/faults/new?preset=cut-after-data", `document.querySelector("input[name=id]")?.value === "cut-after-data-2"`},
		{"queue", "#/default/queue/" + s.entry, there(".attempt .transcript")},
		{"webhooks", "#/default/webhooks/" + s.hook, there(".attempt")},
		{"limits", "#/default/limits", there(".meter")},
		{"settings", "#/default/settings", there(".settings-checks")},
	}
}

// fill puts a day's mail into a world, and people to write to.
func fill(w *world) {
	for _, m := range sampleMails() {
		w.send(m[0], m[1], m[2])
	}
	people(w)
}

// people are contacts, and sandboxes of others.
func people(w *world) {
	for _, c := range [][2]string{{"Anna Lestari", "anna@x.test"}, {"Budi Santoso", "budi@x.test"}, {"Citra Dewi", "citra@x.test"}, {"Noam Levi", "noam@x.test"}, {"Sari Wulandari", "support@shop.test"}} {
		w.api("POST", "contacts", map[string]any{"name": c[0], "addresses": []string{c[1]}}, nil)
	}
	w.api("POST", "sandboxes", map[string]any{"name": "checkout-e2e", "ttl": "8h", "labels": map[string]string{"job": "4711", "branch": "main"}}, nil)
	w.api("POST", "sandboxes", map[string]any{"name": "signup-review", "ttl": nil}, nil)
}
