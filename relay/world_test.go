package relay

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/catchpost/catchpost/internal/dsn"
	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/internal/policy"
	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// world is an internet on loopback: a DNS server, hosts on 127.0.0.2 and on, and
// a relay with its store.
type world struct {
	testing.TB
	store  *store.Store
	relay  *Relay
	hosts  map[string]*host // by last octet: "2" is 127.0.0.2
	port   uint16
	config Config
	stop   func()

	dnsMu sync.Mutex
	zone  map[string][]dns.RR
	rcode map[string]int
	asked map[string]int
}

// newWorld builds the hosts and the zone ("x.test. MX 10 mx.x.test."), and a
// store; the relay starts with w.start.
func newWorld(tb testing.TB, hosts map[string]*host, zone ...string) *world {
	tb.Helper()
	w := &world{TB: tb, hosts: hosts, zone: map[string][]dns.RR{}, rcode: map[string]int{}, asked: map[string]int{}}
	w.listen()
	for _, line := range zone {
		if name, code, ok := strings.Cut(line, "! "); ok {
			w.rcode[name] = dns.StringToRcode[code]
			continue
		}
		name, rest, _ := strings.Cut(line, " ")
		rr, err := dns.NewRR(name + " 60 IN " + rest)
		if err != nil {
			tb.Fatal(err)
		}
		w.zone[rr.Header().Name] = append(w.zone[rr.Header().Name], rr)
	}
	lists, err := policy.New([]string{"*"}, nil, []string{"local.test"})
	if err != nil {
		tb.Fatal(err)
	}
	w.config = Config{
		Name: "relay.local.test", Lists: lists, Resolver: &Resolver{Servers: []string{w.serveDNS()}, Timeout: time.Second},
		Port: w.port, Private: true, Schedule: Schedule{Warn: 4 * time.Hour}, Grace: 200 * time.Millisecond,
		Timeouts: Timeouts{Connect: time.Second, Greeting: 300 * time.Millisecond, Command: 300 * time.Millisecond, Data: 300 * time.Millisecond, Block: time.Second, Dot: 300 * time.Millisecond},
	}
	return w
}

// listen finds a port that is free on every host's address.
func (w *world) listen() {
	w.Helper()
	for range 50 {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			w.Fatal(err)
		}
		port := first.Addr().(*net.TCPAddr).Port
		_ = first.Close()
		all := true
		for octet, h := range w.hosts {
			all = h.listen(w.TB, fmt.Sprintf("127.0.0.%s:%d", octet, port)) != nil && all
		}
		if w.port = uint16(port); all {
			return
		}
	}
	w.Fatal("no port is free on every address")
}

func (w *world) serveDNS() string {
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	s := &dns.Server{PacketConn: pc, Handler: dns.HandlerFunc(w.answer)}
	go func() { _ = s.ActivateAndServe() }()
	w.Cleanup(func() { _ = pc.Close() })
	return pc.LocalAddr().String()
}

func (w *world) answer(out dns.ResponseWriter, in *dns.Msg) {
	m := new(dns.Msg).SetReply(in)
	q := in.Question[0]
	name := strings.ToLower(q.Name)
	w.dnsMu.Lock()
	w.asked[name+" "+dns.TypeToString[q.Qtype]]++
	code, broken := w.rcode[name]
	for _, rr := range w.zone[name] {
		if t := rr.Header().Rrtype; t == q.Qtype || t == dns.TypeCNAME {
			m.Answer = append(m.Answer, rr)
		}
	}
	known := len(w.zone[name]) > 0
	w.dnsMu.Unlock()
	switch {
	case broken:
		m.Rcode = code
	case !known:
		m.Rcode = dns.RcodeNameError
	}
	_ = out.WriteMsg(m)
}

// open opens the store; path "" keeps it in memory.
func (w *world) open(path string) *world {
	w.Helper()
	if path == "" {
		path = store.InMemory
	}
	w.store = storetest.Open(w.TB, store.Options{Path: path, Derive: func(m *store.Message, s filter.Subject) store.Derived {
		if w.relay == nil {
			return store.Derived{}
		}
		return w.relay.Derive(m, s)
	}})
	return w
}

// start makes the relay and, unless idle, runs it.
func (w *world) start(idle ...bool) *world {
	w.Helper()
	if w.store == nil {
		w.open("")
	}
	w.config.Store = w.store
	w.relay = New(w.config)
	if len(idle) > 0 {
		return w
	}
	w.run()
	return w
}

func (w *world) run() {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.relay.Run(ctx) }()
	once := sync.Once{}
	w.stop = func() {
		once.Do(func() {
			cancel()
			if err := <-done; err != nil {
				w.Error(err)
			}
		})
	}
	w.Cleanup(w.stop)
}

const plain = "From: a@local.test\r\nTo: b@x.test\r\nSubject: hi\r\nMessage-ID: <1@local.test>\r\n\r\nbody\r\n.dot\r\n"

// mail captures a message from a@local.test.
func (w *world) mail(raw string, to ...string) *store.Message {
	w.Helper()
	return w.deliver(store.Delivery{ForwardPaths: to}, raw)
}

func (w *world) deliver(d store.Delivery, raw string) *store.Message {
	w.Helper()
	o := w.store.NewOctets()
	if _, err := o.Write([]byte(raw)); err != nil {
		w.Fatal(err)
	}
	if d.ReversePath == "" {
		d.ReversePath = "a@local.test"
	}
	if d.ReversePath == "<>" {
		d.ReversePath = ""
	}
	if d.Origin == "" {
		d.Origin = model.OriginSMTP
	}
	d.Octets = o
	d.Envelope.HELO, d.Envelope.Protocol, d.Envelope.ClientAddress = "app", "ESMTP", "127.0.0.1:4711"
	m, err := w.store.Deliver(w.Context(), d)
	if err != nil {
		w.Fatal(err)
	}
	return m[0]
}

// release queues a message for its forward-paths.
func (w *world) release(m *store.Message, to ...string) []store.QueueEntry {
	w.Helper()
	rows, err := w.relay.Release(w.Context(), m, to)
	if err != nil {
		w.Fatal(err)
	}
	return rows
}

// send captures and releases.
func (w *world) send(to ...string) *store.Message {
	w.Helper()
	m := w.mail(plain, to...)
	w.release(m)
	return m
}

// rows are a message's queue entries by forward-path.
func (w *world) rows(m *store.Message) map[string]store.QueueEntry {
	w.Helper()
	list, _, err := w.store.QueueEntries(w.Context(), store.QueueQuery{MessageID: m.ID})
	if err != nil {
		w.Fatal(err)
	}
	out := map[string]store.QueueEntry{}
	for _, e := range list {
		out[e.ForwardPath] = e
	}
	return out
}

// until waits until a message's rows are as ok wants them.
func (w *world) until(m *store.Message, what string, ok func(e store.QueueEntry) bool) map[string]store.QueueEntry {
	w.Helper()
	sub := w.store.Subscribe(store.Interest{Kinds: []store.ChangeKind{store.QueueChanged}})
	defer sub.Close()
	ctx, cancel := context.WithTimeout(w.Context(), 20*time.Second)
	defer cancel()
	for {
		rows := w.rows(m)
		all := len(rows) > 0
		for _, e := range rows {
			all = all && ok(e)
		}
		if all {
			return rows
		}
		if _, err := sub.Next(ctx); err != nil {
			w.Fatalf("never %s: %+v", what, rows)
		}
	}
}

// settled waits until nothing of a message is in hand: each attempt has its
// outcome, or there was none to make.
func (w *world) settled(m *store.Message) map[string]store.QueueEntry {
	w.Helper()
	return w.until(m, "settled", func(e store.QueueEntry) bool {
		n := len(e.Attempts)
		return e.State != store.Queued && (n == 0 || e.Attempts[n-1].Outcome != "")
	})
}

func (w *world) advance(d time.Duration) []model.Ran {
	w.Helper()
	_, ran, err := w.relay.AdvanceClock(w.Context(), store.DefaultSandbox, d)
	if err != nil {
		w.Fatal(err)
	}
	return ran
}

// reports are the notifications captured for an address, parsed, oldest first.
func (w *world) reports(to string) []dsn.Report {
	w.Helper()
	page, err := w.store.List(w.Context(), store.Query{Sandbox: store.DefaultSandbox, Order: store.Oldest, Limit: 500})
	if err != nil {
		w.Fatal(err)
	}
	var out []dsn.Report
	for _, m := range page.Messages {
		if m.Origin != model.OriginDSN || m.ForwardPaths[0] != to {
			continue
		}
		if m.ReversePath != "" {
			w.Errorf("a notification from <%s>", m.ReversePath)
		}
		raw, err := w.store.Raw(w.Context(), m)
		if err != nil {
			w.Fatal(err)
		}
		rep, err := dsn.Parse(raw)
		if err != nil {
			w.Fatalf("%v in\n%s", err, raw)
		}
		out = append(out, rep)
	}
	return out
}

func last(e store.QueueEntry) store.Attempt {
	if len(e.Attempts) == 0 {
		return store.Attempt{}
	}
	return e.Attempts[len(e.Attempts)-1]
}

func transcript(a store.Attempt) string {
	var b strings.Builder
	for _, l := range a.Transcript.Lines() {
		b.WriteString(l.Direction + " " + l.Text + "\n")
	}
	return b.String()
}
