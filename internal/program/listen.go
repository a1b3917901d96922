package program

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// service is one kind of listener.
type service struct {
	name     string
	port     int // default
	standard int // well-known
	tls      bool
	pick     func(*Listeners) []string
}

// services stand in the order in which --ports-from counts.
var services = []service{
	{"smtp", 1025, 25, false, func(l *Listeners) []string { return l.SMTP }},
	{"smtps", 1465, 465, true, func(l *Listeners) []string { return l.SMTPS }},
	{"submission", 1587, 587, false, func(l *Listeners) []string { return l.Submission }},
	{"lmtp", 0, 0, false, func(l *Listeners) []string { return l.LMTP }},
	{"pop3", 1110, 110, false, func(l *Listeners) []string { return l.POP3 }},
	{"pop3s", 1995, 995, true, func(l *Listeners) []string { return l.POP3S }},
	{"imap", 1143, 143, false, func(l *Listeners) []string { return l.IMAP }},
	{"imaps", 1993, 993, true, func(l *Listeners) []string { return l.IMAPS }},
	{"http", 8025, 80, false, func(l *Listeners) []string { return l.HTTP }},
}

// listening is an open listener and what it is for.
type listening struct {
	service service
	net.Listener
}

// addresses says where a service shall listen; nil is off.
func (l *Listeners) addresses(s service) ([]string, error) {
	given := s.pick(l)
	if len(given) == 0 {
		port := l.portOf(s)
		if port == 0 {
			return nil, nil
		}
		return []string{net.JoinHostPort(l.Bind, strconv.Itoa(port))}, nil
	}
	var out []string
	for _, a := range given {
		switch {
		case a == "off":
			if len(given) > 1 {
				return nil, fmt.Errorf("--%s: off stands alone", s.name)
			}
			return nil, nil
		case strings.HasPrefix(a, "unix:") && len(a) > len("unix:"):
			out = append(out, a)
		default:
			host, port, err := net.SplitHostPort(a)
			if err != nil {
				return nil, fmt.Errorf("--%s: %q is not HOST:PORT, unix:PATH or off", s.name, a)
			}
			if host == "" {
				host = l.Bind
			}
			out = append(out, net.JoinHostPort(host, port))
		}
	}
	return out, nil
}

func (l *Listeners) portOf(s service) int {
	switch {
	case s.port == 0:
		return 0
	case l.PortsFrom > 0:
		n := l.PortsFrom
		for _, other := range services {
			if other.name == s.name {
				break
			}
			if other.port != 0 {
				n++
			}
		}
		return n
	case l.StandardPorts:
		return s.standard
	}
	return s.port
}

// listen opens every listener, or none: all clashes come in one error.
func (l *Listeners) listen() ([]listening, error) {
	var open []listening
	var taken, other []string
	for _, s := range services {
		addrs, err := l.addresses(s)
		if err != nil {
			other = append(other, err.Error())
		}
		for _, a := range addrs {
			ln, err := listenOn(a)
			switch {
			case err == nil:
				open = append(open, listening{s, ln})
			case errors.Is(err, syscall.EADDRINUSE):
				taken = append(taken, a+" (--"+s.name+")")
			default:
				other = append(other, fmt.Sprintf("--%s: %v", s.name, err))
			}
		}
	}
	var lines []string
	if len(taken) > 0 {
		lines = append(lines, "in use already: "+strings.Join(taken, ", ")+"; stop what listens there, or choose others with --ports-from N")
	}
	lines = append(lines, other...)
	if len(lines) == 0 {
		return open, nil
	}
	for _, ln := range open {
		_ = ln.Close()
	}
	return nil, errors.New(strings.Join(lines, "; "))
}

func listenOn(addr string) (net.Listener, error) {
	path, unix := strings.CutPrefix(addr, "unix:")
	if !unix {
		return net.Listen("tcp", addr)
	}
	// A socket file that nobody listens on is left over from a crash.
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSocket != 0 {
		if c, err := net.Dial("unix", path); err == nil {
			_ = c.Close()
			return nil, fmt.Errorf("%s: %w", path, syscall.EADDRINUSE)
		}
		_ = os.Remove(path)
	}
	return net.Listen("unix", path)
}

// advertised reads --advertise NAME=HOST:PORT.
func (l *Listeners) advertised() (map[string]string, error) {
	out := map[string]string{}
	for _, a := range l.Advertise {
		name, addr, ok := strings.Cut(a, "=")
		_, _, err := net.SplitHostPort(addr)
		known := false
		for _, s := range services {
			known = known || s.name == name
		}
		if !ok || err != nil || !known {
			return nil, fmt.Errorf("--advertise: %q is not NAME=HOST:PORT with NAME one of the listeners", a)
		}
		out[name] = addr
	}
	return out, nil
}
