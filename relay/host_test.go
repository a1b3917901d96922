package relay

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
)

// Replies of a script that are no SMTP.
const (
	drop  = "drop"  // close the connection
	stall = "stall" // say nothing until the other side gives up
	flood = "flood" // never stop talking
)

// line is what a client said to a host: Verb is CONNECT, EHLO, HELO, STARTTLS,
// AUTH, MAIL, RCPT, DATA, END (the final dot), RSET or QUIT. Nth counts that verb
// at this host, from 1.
type line struct {
	Verb, Arg string
	Nth       int
}

// taken is a message that a host took over.
type taken struct {
	From, FromArgs string
	To, ToArgs     []string
	Data           string
	TLS            bool
	Session        int
}

// host is a scripted SMTP server. Its fields are set before anybody connects.
type host struct {
	offers []string // EHLO keywords
	tls    *tls.Config
	badTLS bool                // answers the TLS handshake with rubbish
	first  bool                // TLS comes before the greeting
	script func(l line) string // "" is the ordinary reply

	mu       sync.Mutex
	counts   map[string]int
	sessions int
	took     []taken
	told     chan struct{} // closed and made anew with each message
}

func (h *host) messages() []taken {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]taken(nil), h.took...)
}

func (h *host) count(verb string) int {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.counts[verb]
}

func (h *host) reply(verb, arg string) string {
	h.mu.Lock()
	h.counts[verb]++
	l := line{verb, arg, h.counts[verb]}
	h.mu.Unlock()
	if h.script == nil {
		return ""
	}
	return h.script(l)
}

func (h *host) listen(tb testing.TB, addr string) net.Listener {
	h.counts, h.told = map[string]int{}, make(chan struct{})
	if h.offers == nil {
		h.offers = []string{"SIZE 10000000", "8BITMIME", "SMTPUTF8", "DSN", "ENHANCEDSTATUSCODES"}
	}
	ln, err := net.Listen("tcp", addr)
	if err != nil {
		return nil
	}
	var wg sync.WaitGroup
	open := map[net.Conn]bool{}
	tb.Cleanup(func() {
		_ = ln.Close()
		h.mu.Lock()
		for c := range open {
			_ = c.Close()
		}
		h.mu.Unlock()
		wg.Wait()
	})
	wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			h.mu.Lock()
			h.sessions++
			n := h.sessions
			open[c] = true
			h.mu.Unlock()
			wg.Go(func() {
				defer c.Close()
				(&visit{host: h, conn: c, r: bufio.NewReader(c), session: n}).serve()
			})
		}
	})
	return ln
}

// visit is one connection to a host.
type visit struct {
	host    *host
	conn    net.Conn
	r       *bufio.Reader
	session int
	secure  bool
	now     taken
}

// say writes the scripted reply or the ordinary one; false ends the connection.
func (v *visit) say(verb, arg, ordinary string) (good, goOn bool) {
	text := v.host.reply(verb, arg)
	switch text {
	case drop:
		return false, false
	case stall:
		_, _ = io.Copy(io.Discard, v.r) // until the other side closes
		return false, false
	case flood:
		for {
			if _, err := fmt.Fprintf(v.conn, "220-%s\r\n", strings.Repeat("x", 500)); err != nil {
				return false, false
			}
		}
	case "":
		text = ordinary
	}
	_, err := io.WriteString(v.conn, text+"\r\n")
	return text[0] == '2' || text[0] == '3', err == nil
}

func (v *visit) serve() {
	if v.host.first && !v.handshake() {
		return
	}
	if _, ok := v.say("CONNECT", "", "220 mx.test ESMTP"); !ok {
		return
	}
	for {
		text, err := v.r.ReadString('\n')
		if err != nil || !v.command(strings.TrimRight(text, "\r\n")) {
			return
		}
	}
}

func (v *visit) command(text string) bool {
	verb, arg, _ := strings.Cut(text, " ")
	verb = strings.ToUpper(verb)
	ok := true
	switch verb {
	case "EHLO":
		_, ok = v.say(verb, arg, v.hello())
	case "STARTTLS":
		return v.startTLS()
	case "MAIL":
		v.now = taken{TLS: v.secure, Session: v.session}
		v.now.From, v.now.FromArgs = path(arg)
		_, ok = v.say(verb, arg, "250 2.1.0 ok")
	case "RCPT":
		to, args := path(arg)
		var good bool
		if good, ok = v.say(verb, arg, "250 2.1.5 ok"); good {
			v.now.To, v.now.ToArgs = append(v.now.To, to), append(v.now.ToArgs, args)
		}
	case "DATA":
		var good bool
		if good, ok = v.say(verb, arg, "354 go on"); good {
			return v.data()
		}
	case "AUTH":
		_, ok = v.say(verb, arg, "235 2.7.0 ok")
	case "QUIT":
		v.say(verb, arg, "221 2.0.0 bye")
		return false
	default:
		_, ok = v.say(verb, arg, "250 2.0.0 ok")
	}
	return ok
}

func path(arg string) (addr, args string) {
	_, rest, _ := strings.Cut(arg, "<")
	i := strings.LastIndexByte(rest, '>')
	return rest[:max(i, 0)], strings.TrimSpace(rest[i+1:])
}

func (v *visit) hello() string {
	lines := []string{"mx.test"}
	lines = append(lines, v.host.offers...)
	if (v.host.tls != nil || v.host.badTLS) && !v.secure {
		lines = append(lines, "STARTTLS")
	}
	for i := range lines {
		sep := "-"
		if i == len(lines)-1 {
			sep = " "
		}
		lines[i] = "250" + sep + lines[i]
	}
	return strings.Join(lines, "\r\n")
}

func (v *visit) startTLS() bool {
	good, ok := v.say("STARTTLS", "", "220 2.0.0 go on")
	if !good {
		return ok
	}
	if v.host.badTLS {
		_, _ = io.WriteString(v.conn, "this is no TLS\r\n")
		return false
	}
	return v.handshake()
}

func (v *visit) handshake() bool {
	c := tls.Server(v.conn, v.host.tls)
	if c.Handshake() != nil {
		return false
	}
	v.conn, v.r, v.secure = c, bufio.NewReader(c), true
	return true
}

func (v *visit) data() bool {
	var b strings.Builder
	for {
		text, err := v.r.ReadString('\n')
		if err != nil {
			return false
		}
		if text == ".\r\n" {
			break
		}
		b.WriteString(strings.TrimPrefix(text, "."))
	}
	v.now.Data = b.String()
	h := v.host
	text := h.reply("END", "")
	if text == "" || text == drop { // what is cut after the dot was taken
		h.mu.Lock()
		h.took = append(h.took, v.now)
		close(h.told)
		h.told = make(chan struct{})
		h.mu.Unlock()
	}
	switch text {
	case drop:
		return false
	case stall:
		_, _ = io.Copy(io.Discard, v.r)
		return false
	case "":
		text = "250 2.0.0 taken"
	}
	_, err := io.WriteString(v.conn, text+"\r\n")
	return err == nil
}
