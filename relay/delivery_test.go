package relay

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/tlsca"
	"github.com/catchpost/catchpost/store"
)

// on gives replies to a verb, whatever comes with it.
func on(verb, reply string) func(line) string {
	return func(l line) string {
		if l.Verb == verb {
			return reply
		}
		return ""
	}
}

// times gives a reply the first n times.
func times(verb string, n int, reply string) func(line) string {
	return func(l line) string {
		if l.Verb == verb && l.Nth <= n {
			return reply
		}
		return ""
	}
}

func rcpt(prefix, reply string) func(line) string {
	return func(l line) string {
		if l.Verb == "RCPT" && strings.HasPrefix(l.Arg, "TO:<"+prefix) {
			return reply
		}
		return ""
	}
}

// want is what must become of a forward-path.
type want struct {
	state    store.QueueState
	enhanced string // of the last attempt
	text     string // somewhere in the last attempt or the row's reason
	host     string
}

// mx2 is a domain with the one exchanger 127.0.0.2, mx23 one that prefers it to
// 127.0.0.3.
var (
	mx2  = []string{"x.test. MX 10 mx2.x.test.", "mx2.x.test. A 127.0.0.2"}
	mx23 = append([]string{"x.test. MX 20 mx3.x.test.", "mx3.x.test. A 127.0.0.3"}, mx2...)
)

func TestDelivery(t *testing.T) {
	t.Parallel()
	serverTLS, roots := certificate(t, "mx2.x.test")
	relayed := want{state: store.Relayed, enhanced: "2.0.0"}
	stages := []string{"CONNECT", "EHLO", "MAIL", "RCPT", "DATA"}
	tests := map[string]struct {
		zone   []string
		hosts  map[string]*host // those not named here do not listen
		config func(*Config)
		raw    string
		to     []string // b@x.test
		want   map[string]want
		took   map[string]int // messages by host
		never  string         // verb that host 2 must not hear
	}{
		"preference":   {zone: mx23, hosts: map[string]*host{"2": {}, "3": {}}, want: all(want{store.Relayed, "2.0.0", "taken", "mx2.x.test"}), took: map[string]int{"2": 1}},
		"dead address": {zone: mx23, hosts: map[string]*host{"3": {}}, want: all(want{store.Relayed, "2.0.0", "", "mx3.x.test"}), took: map[string]int{"3": 1}},
		"dead name":    {zone: []string{"x.test. MX 10 gone.x.test.", "x.test. MX 20 mx3.x.test.", "mx3.x.test. A 127.0.0.3"}, hosts: map[string]*host{"3": {}}, want: all(relayed), took: map[string]int{"3": 1}},
		"second address": {zone: []string{"x.test. MX 10 mx.x.test.", "mx.x.test. A 127.0.0.9", "mx.x.test. A 127.0.0.3"}, hosts: map[string]*host{"3": {}},
			want: all(relayed), took: map[string]int{"3": 1}},
		"many dead addresses leave the next exchanger its turn": {zone: []string{"x.test. MX 10 dead.x.test.", "x.test. MX 20 mx3.x.test.", "mx3.x.test. A 127.0.0.3",
			"dead.x.test. A 127.0.0.4", "dead.x.test. A 127.0.0.5", "dead.x.test. A 127.0.0.6", "dead.x.test. A 127.0.0.7", "dead.x.test. A 127.0.0.8", "dead.x.test. A 127.0.0.9"},
			hosts: map[string]*host{"3": {}}, want: all(relayed), took: map[string]int{"3": 1}},
		"null MX":       {zone: []string{"x.test. MX 0 ."}, want: all(want{store.Failed, "5.1.10", "null MX", ""})},
		"NXDOMAIN":      {zone: []string{"y.test. A 127.0.0.2"}, want: all(want{store.Failed, "5.1.2", "NXDOMAIN", ""})},
		"no mail host":  {zone: []string{"x.test. TXT nothing"}, want: all(want{store.Failed, "5.1.2", "neither", ""})},
		"no address":    {zone: []string{"x.test. MX 10 gone.x.test."}, want: all(want{store.Failed, "5.4.4", "no mail exchanger", ""})},
		"SERVFAIL":      {zone: []string{"x.test.! SERVFAIL"}, want: all(want{store.Deferred, "4.4.3", "SERVFAIL", ""})},
		"MX SERVFAIL":   {zone: []string{"x.test. MX 10 mx.x.test.", "mx.x.test.! SERVFAIL"}, want: all(want{store.Deferred, "4.4.3", "SERVFAIL", ""})},
		"implicit MX":   {zone: []string{"x.test. A 127.0.0.2"}, hosts: map[string]*host{"2": {}}, want: all(want{store.Relayed, "2.0.0", "", "x.test"}), took: map[string]int{"2": 1}},
		"CNAME":         {zone: append([]string{"alias.test. CNAME x.test."}, mx2...), hosts: map[string]*host{"2": {}}, to: []string{"b@alias.test"}, want: map[string]want{"b@alias.test": relayed}, took: map[string]int{"2": 1}},
		"CNAME loop":    {zone: []string{"x.test. CNAME y.test.", "y.test. CNAME x.test."}, want: all(want{store.Deferred, "4.4.3", "loop of CNAME", ""})},
		"we are the MX": {zone: []string{"x.test. MX 10 relay.local.test.", "relay.local.test. A 127.0.0.2"}, hosts: map[string]*host{"2": {}}, want: all(want{store.Failed, "5.4.6", "loops back", ""})},
		"we are second": {zone: []string{"x.test. MX 10 dead.x.test.", "dead.x.test. A 127.0.0.9", "x.test. MX 20 relay.local.test.", "relay.local.test. A 127.0.0.2"}, hosts: map[string]*host{"2": {}},
			want: all(want{store.Deferred, "", "refused", "dead.x.test"})},
		"a loop of hops": {zone: mx2, hosts: map[string]*host{"2": {}}, raw: strings.Repeat("Received: from a by b; Sun, 22 Nov 2026 21:53:06 +0000\r\n", 100) + plain, want: all(want{store.Failed, "5.4.6", "mail loop", ""})},
		"private":        {zone: mx2, hosts: map[string]*host{"2": {}}, config: func(c *Config) { c.Private = false }, want: all(want{store.Held, "5.7.1", "private address", ""}), never: "CONNECT"},
		"dry run":        {zone: mx2, hosts: map[string]*host{"2": {}}, config: func(c *Config) { c.DryRun = true }, want: all(want{store.Held, "", "would go to mx2.x.test", "mx2.x.test"}), never: "CONNECT"},

		"5xx greeting, then another": {zone: mx23, hosts: map[string]*host{"2": {script: on("CONNECT", "554 5.7.1 go away")}, "3": {}}, want: all(relayed), took: map[string]int{"3": 1}},
		"5xx greeting":               {zone: mx2, hosts: map[string]*host{"2": {script: on("CONNECT", "554 5.7.1 go away")}}, want: all(want{store.Deferred, "", "go away", "mx2.x.test"})},
		"HELO":                       {zone: mx2, hosts: map[string]*host{"2": {script: on("EHLO", "502 5.5.1 what?")}}, want: all(relayed), took: map[string]int{"2": 1}},
		"EHLO refused":               {zone: mx2, hosts: map[string]*host{"2": {script: on("EHLO", "550 5.7.1 no")}}, want: all(want{store.Deferred, "5.7.1", "no", ""})},
		"talks without end":          {zone: mx23, hosts: map[string]*host{"2": {script: on("EHLO", flood)}, "3": {}}, want: all(relayed), took: map[string]int{"3": 1}},
		"5xx to MAIL":                {zone: mx23, hosts: map[string]*host{"2": {script: on("MAIL", "550 5.7.1 not you")}, "3": {}}, want: all(want{store.Failed, "5.7.1", "not you", "mx2.x.test"})},
		"4xx to MAIL":                {zone: mx23, hosts: map[string]*host{"2": {script: on("MAIL", "451 4.7.1 later")}, "3": {}}, want: all(want{store.Deferred, "4.7.1", "later", ""})},
		"5xx to DATA":                {zone: mx2, hosts: map[string]*host{"2": {script: on("DATA", "554 5.5.1 no valid recipients")}}, want: all(want{store.Failed, "5.5.1", "", ""})},
		"5xx to the dot":             {zone: mx23, hosts: map[string]*host{"2": {script: on("END", "552 5.3.4 too big")}, "3": {}}, want: all(want{store.Failed, "5.3.4", "too big", ""})},
		"4xx to the dot":             {zone: mx23, hosts: map[string]*host{"2": {script: on("END", "452 4.3.1 full")}, "3": {}}, want: all(want{store.Deferred, "4.3.1", "full", ""})},
		"partial": {zone: mx2, hosts: map[string]*host{"2": {script: func(l line) string {
			return rcpt("no", "550 5.1.1 unknown")(l) + rcpt("later", "450 4.2.1 busy")(l) + rcpt("many", "552 too many")(l) + rcpt("full", "552 5.2.2 full")(l)
		}}}, to: []string{"yes@x.test", "no@x.test", "later@x.test", "many@x.test", "full@x.test"}, want: map[string]want{"yes@x.test": relayed, "no@x.test": {store.Failed, "5.1.1", "unknown", ""},
			"later@x.test": {store.Deferred, "4.2.1", "busy", ""}, "many@x.test": {store.Deferred, "", "too many", ""}, "full@x.test": {store.Failed, "5.2.2", "full", ""}}, took: map[string]int{"2": 1}},
		"cut after the dot": {zone: mx23, hosts: map[string]*host{"2": {script: on("END", drop)}, "3": {}}, want: all(want{store.Deferred, "4.4.2", "no reply", "mx2.x.test"}), took: map[string]int{"2": 1}},

		"STARTTLS":                    {zone: mx2, hosts: map[string]*host{"2": {tls: serverTLS}}, want: all(want{store.Relayed, "2.0.0", "TLS 1.3", ""}), took: map[string]int{"2": 1}},
		"bad TLS goes in clear":       {zone: mx2, hosts: map[string]*host{"2": {badTLS: true}}, want: all(relayed), took: map[string]int{"2": 1}},
		"454 goes in clear":           {zone: mx2, hosts: map[string]*host{"2": {tls: serverTLS, script: on("STARTTLS", "454 4.7.0 not now")}}, want: all(relayed), took: map[string]int{"2": 1}},
		"never TLS":                   {zone: mx2, hosts: map[string]*host{"2": {tls: serverTLS}}, config: tlsOf(TLSNever, nil), want: all(relayed), took: map[string]int{"2": 1}, never: "STARTTLS"},
		"required, right":             {zone: mx2, hosts: map[string]*host{"2": {tls: serverTLS}}, config: tlsOf(TLSRequired, roots), want: all(want{store.Relayed, "2.0.0", "TLS 1.3", ""}), took: map[string]int{"2": 1}},
		"required, unknown authority": {zone: mx2, hosts: map[string]*host{"2": {tls: serverTLS}}, config: tlsOf(TLSRequired, x509.NewCertPool()), want: all(want{store.Deferred, "", "unknown authority", ""}), never: "MAIL"},
		"required, another name": {zone: []string{"x.test. MX 10 other.x.test.", "other.x.test. A 127.0.0.2"}, hosts: map[string]*host{"2": {tls: serverTLS}}, config: tlsOf(TLSRequired, roots),
			want: all(want{store.Deferred, "", "valid for", ""}), never: "MAIL"},
		"required, not offered": {zone: mx2, hosts: map[string]*host{"2": {}}, config: tlsOf(TLSRequired, roots), want: all(want{store.Deferred, "4.7.4", "STARTTLS", ""}), never: "MAIL"},
		"required, bad TLS":     {zone: mx2, hosts: map[string]*host{"2": {badTLS: true}}, config: tlsOf(TLSRequired, roots), want: all(want{store.Deferred, "", "tls", ""}), never: "MAIL"},

		"too big":   {zone: mx2, hosts: map[string]*host{"2": {offers: []string{"SIZE 100"}}}, want: all(want{store.Failed, "5.3.4", "takes 100", ""}), never: "MAIL"},
		"8BITMIME":  {zone: mx2, hosts: map[string]*host{"2": {offers: []string{"DSN"}}}, raw: plain + "\xff\r\n", want: all(want{store.Failed, "5.6.3", "8BITMIME", ""}), never: "MAIL"},
		"SMTPUTF8":  {zone: mx2, hosts: map[string]*host{"2": {offers: []string{"8BITMIME"}}}, to: []string{"bjørn@x.test"}, want: map[string]want{"bjørn@x.test": {store.Failed, "5.6.7", "SMTPUTF8", ""}}, never: "MAIL"},
		"U-label":   {zone: []string{"xn--bcher-kva.test. MX 10 mx2.x.test.", "mx2.x.test. A 127.0.0.2"}, hosts: map[string]*host{"2": {offers: []string{"8BITMIME"}}}, to: []string{"b@bücher.test"}, want: map[string]want{"b@bücher.test": relayed}, took: map[string]int{"2": 1}},
		"smarthost": {hosts: map[string]*host{"2": {offers: []string{"AUTH PLAIN", "8BITMIME"}}}, config: smarthost("127.0.0.2"), to: []string{"b@x.test", "c@y.test"}, want: map[string]want{"b@x.test": relayed, "c@y.test": relayed}, took: map[string]int{"2": 1}},
		"smtps":     {zone: mx2, hosts: map[string]*host{"2": {tls: serverTLS, first: true, offers: []string{"AUTH PLAIN"}}}, config: smtps("mx2.x.test", TLSRequired, roots), want: all(want{store.Relayed, "2.0.0", "TLS 1.3", ""}), took: map[string]int{"2": 1}, never: "STARTTLS"},
		"smtps, another name": {zone: []string{"other.x.test. A 127.0.0.2"}, hosts: map[string]*host{"2": {tls: serverTLS, first: true}}, config: smtps("other.x.test", TLSRequired, roots),
			want: all(want{store.Deferred, "", "valid for", ""}), never: "MAIL"},
		"smtps, any name":      {hosts: map[string]*host{"2": {tls: serverTLS, first: true, offers: []string{"AUTH PLAIN"}}}, config: smtps("127.0.0.2", TLSOpportunistic, nil), want: all(want{store.Relayed, "2.0.0", "TLS 1.3", ""}), took: map[string]int{"2": 1}},
		"smtps never in clear": {hosts: map[string]*host{"2": {offers: []string{"AUTH PLAIN"}, script: on("CONNECT", drop)}}, config: smtps("127.0.0.2", TLSOpportunistic, nil), want: all(want{store.Deferred, "", "tls", ""}), never: "EHLO"},
		"no smarthost":         {config: smarthost("gone.test"), want: all(want{store.Deferred, "4.4.4", "smarthost", ""})},
		"local":                {to: []string{"b@local.test"}, want: map[string]want{"b@local.test": {state: store.Delivered, text: "captured here"}}},
	}
	for _, stage := range stages {
		for _, how := range []string{drop, stall, "421 4.3.2 closing"} {
			name := fmt.Sprintf("%.5s at %s, then another", how, stage)
			tests[name] = tests["preference"]
			tt := tests[name]
			tt.hosts = map[string]*host{"2": {script: on(stage, how)}, "3": {}}
			tt.want, tt.took = all(want{store.Relayed, "2.0.0", "taken", "mx3.x.test"}), map[string]int{"3": 1}
			tests[name] = tt
		}
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.hosts, tt.zone...)
			if tt.config != nil {
				tt.config(&w.config)
				if w.config.Smarthost != nil {
					w.config.Smarthost.Port = w.port
				}
			}
			w.start()
			if tt.to == nil {
				tt.to = []string{"b@x.test"}
			}
			if tt.raw == "" {
				tt.raw = plain
			}
			m := w.mail(tt.raw, tt.to...)
			w.release(m)
			rows := w.settled(m)
			for path, want := range tt.want {
				e := rows[path]
				a := last(e)
				said := e.Reason + " " + a.Stage + " " + a.Text
				if a.TLS != nil {
					said += " " + a.TLS.Version
				}
				if e.State != want.state || !strings.Contains(said, want.text) || want.enhanced != "" && a.EnhancedCode != want.enhanced || want.host != "" && a.Host != want.host {
					t.Errorf("%s: %+v\nwant %+v\n%s", path, e, want, transcript(a))
				}
				if e.State == store.Deferred && !e.NextAt.After(time.Now().Add(5*time.Minute)) {
					t.Errorf("%s is tried again at %s", path, e.NextAt)
				}
			}
			for octet, h := range tt.hosts {
				got := h.messages()
				if len(got) != tt.took[octet] {
					t.Errorf("host %s took %+v", octet, got)
				}
				for _, m := range got {
					if want := last(rows[m.To[0]]).TLS != nil; m.TLS != want && len(rows) == 1 {
						t.Errorf("TLS %t, recorded %t", m.TLS, want)
					}
					if !strings.HasPrefix(m.Data, "Received: from app ([127.0.0.1])\r\n\tby relay.local.test with ESMTP id ") || !strings.HasSuffix(m.Data, tt.raw) {
						t.Errorf("relayed copy %q", m.Data)
					}
				}
			}
			if tt.never != "" && tt.hosts["2"].count(tt.never) > 0 {
				t.Errorf("the host was told %s", tt.never)
			}
			if w.reports("a@local.test") == nil && slices.ContainsFunc(values(rows), func(e store.QueueEntry) bool { return e.State == store.Failed }) {
				t.Error("the sender was told nothing")
			}
		})
	}
}

func all(w want) map[string]want { return map[string]want{"b@x.test": w} }

func values(rows map[string]store.QueueEntry) []store.QueueEntry {
	var out []store.QueueEntry
	for _, e := range rows {
		out = append(out, e)
	}
	return out
}

func tlsOf(p TLSPolicy, roots *x509.CertPool) func(*Config) {
	return func(c *Config) {
		c.TLS, c.Roots = func(string) TLSPolicy { return p }, roots
	}
}

func smarthost(host string) func(*Config) {
	return func(c *Config) {
		c.Smarthost = &Smarthost{Host: host, User: "me", Password: "secret", TLS: TLSOpportunistic}
	}
}

func smtps(host string, p TLSPolicy, roots *x509.CertPool) func(*Config) {
	return func(c *Config) {
		c.Roots = roots
		c.Smarthost = &Smarthost{Host: host, User: "me", Password: "secret", TLS: p, Implicit: true}
	}
}

func certificate(t *testing.T, name string) (*tls.Config, *x509.CertPool) {
	t.Helper()
	ca, err := tlsca.New(name)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca.PEM())
	c, err := ca.ServerConfig().GetCertificate(&tls.ClientHelloInfo{ServerName: name})
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Config{Certificates: []tls.Certificate{*c}, MinVersion: tls.VersionTLS12}, roots
}

// TestSecretsStayOut: no transcript shows a password.
func TestSecretsStayOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, map[string]*host{"2": {offers: []string{"AUTH PLAIN"}}})
	smarthost("127.0.0.2")(&w.config)
	w.config.Smarthost.Port = w.port
	w.start()
	rows := w.settled(w.send("b@x.test"))
	text := transcript(last(rows["b@x.test"]))
	if w.hosts["2"].count("AUTH") != 1 || strings.Contains(text, "AG1lAHNlY3JldA") || strings.Contains(text, "body") || !strings.Contains(text, "credentials elided") || !strings.Contains(text, "data elided") {
		t.Errorf("%s", text)
	}
}

// TestOneConnection: recipients of a domain share a transaction, messages share
// a connection, and each attempt's transcript is its own.
func TestOneConnection(t *testing.T) {
	t.Parallel()
	h := &host{}
	w := newWorld(t, map[string]*host{"2": h}, mx2...)
	w.config.PerHost = 1
	w.start(true)
	var sent []*store.Message
	for range 10 {
		sent = append(sent, w.send("b@x.test", "c@x.test", "d@x.test"))
	}
	w.run()
	for _, m := range sent {
		for _, e := range w.settled(m) {
			text := transcript(last(e))
			if e.State != store.Relayed || strings.Count(text, "MAIL FROM") != 1 {
				t.Errorf("%s: %s", e.State, text)
			}
		}
	}
	if got := h.messages(); len(got) != 10 || len(got[0].To) != 3 || h.count("CONNECT") != 1 {
		t.Errorf("%d messages over %d connections", len(got), h.count("CONNECT"))
	}
}

// TestShuffling: exchangers of one preference share the load, and never before
// those preferred to them.
func TestShuffling(t *testing.T) {
	t.Parallel()
	first := map[string]int{}
	for range 400 {
		list := []MX{{10, "a"}, {10, "b"}, {10, "c"}, {20, "d"}, {20, "e"}}
		shuffle(list)
		for i, mx := range list {
			if (i < 3) != (mx.Preference == 10) {
				t.Fatalf("%v", list)
			}
		}
		first[list[0].Host]++
		first[list[3].Host]++
	}
	for host, n := range first {
		if n < 50 {
			t.Errorf("%s came first %d times: %v", host, n, first)
		}
	}
}
