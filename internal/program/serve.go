package program

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/catchpost/catchpost/store"
)

// serveCommand runs an instance until it is asked to end.
type serveCommand struct {
	Options `embed:""`
}

// Run serves until ctx ends.
func (c *serveCommand) Run(ctx context.Context, s streams) error {
	keepHeapRoom()
	lines, err := foreignVariables(&c.Options)
	if err != nil {
		return err
	}
	log := c.Log.logger(s.err)
	for _, line := range lines {
		log.Warn(line)
	}
	in, err := Start(ctx, c.Options, StartOptions{Log: log, Progress: progressTo(s.err)})
	if err != nil {
		return err
	}
	if !c.Log.Quiet {
		in.banner(ctx, s.out)
	}
	select {
	case <-ctx.Done():
		return in.Shutdown(context.WithoutCancel(ctx))
	case err := <-in.Failed():
		_ = in.Shutdown(context.WithoutCancel(ctx))
		return err
	}
}

func (l Log) logger(w io.Writer) *slog.Logger {
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.Level)) // kong has checked it
	o := &slog.HandlerOptions{Level: level}
	if l.JSON {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// progressTo tells of a long start, once a second.
func progressTo(w io.Writer) func(done, total int) {
	began, last := time.Now(), time.Now()
	return func(done, total int) {
		if now := time.Now(); now.Sub(began) > time.Second && now.Sub(last) > time.Second {
			last = now
			_, _ = fmt.Fprintf(w, "reading the data file: %d of %d messages\n", done, total)
		}
	}
}

// banner says where everything is and what it demands. Its last line begins
// with "ready".
func (in *Instance) banner(ctx context.Context, w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintf(t, "catchpost %s\n", Version)
	for _, l := range in.Listening {
		address := l.Address
		if l.Network == "unix" {
			address = "unix:" + address
		}
		_, _ = fmt.Fprintf(t, "  %s\t%s\t%s\n", l.Name, address, l.demands())
	}
	_, _ = fmt.Fprintf(t, "  data\t%s\t%s\n", in.Options.Data.Data, in.fill(ctx))
	open := "open: whoever reaches the API reads everything; --admin-token closes it"
	if in.Options.Login.AdminToken != "" {
		open = "closed: every API request needs a token"
	}
	_, _ = fmt.Fprintf(t, "  access\t%s\n", open)
	_ = t.Flush()
	if in.Options.Login.AdminToken == "" && in.reachable() {
		_, _ = fmt.Fprintln(w, "  WARNING: an open instance listens beyond this machine; set --admin-token or bind 127.0.0.1")
	}
	ready := "ready"
	if page := in.pageURL(); page != "" {
		ready += ": " + page
	}
	_, _ = fmt.Fprintln(w, ready)
}

// demands says what a client needs at a listener.
func (l Listening) demands() string {
	var words []string
	switch l.TLS {
	case "implicit":
		words = append(words, "TLS")
	case "starttls":
		words = append(words, "STARTTLS offered")
	}
	if l.Auth {
		words = append(words, "login needed")
	} else if l.Name != "http" {
		words = append(words, "any login")
	}
	return strings.Join(words, ", ")
}

// fill says how full the sandbox default is.
func (in *Instance) fill(ctx context.Context) string {
	b, err := in.Store.Sandbox(ctx, store.DefaultSandbox)
	if err != nil {
		return err.Error()
	}
	limit := "no limit"
	if in.Options.Data.MaxBytes > 0 {
		limit = "limit " + in.Options.Data.MaxBytes.String()
	}
	return fmt.Sprintf("%d messages, %s, %s", b.Messages, Size(b.Bytes), limit)
}

// reachable reports whether a listener can be reached from other machines.
func (in *Instance) reachable() bool {
	for _, l := range in.Listening {
		host, _, err := net.SplitHostPort(l.Address)
		if ip := net.ParseIP(host); l.Network == "tcp" && err == nil && ip != nil && !ip.IsLoopback() {
			return true
		}
	}
	return false
}

// pageURL is where the page is; "" when HTTP is off.
func (in *Instance) pageURL() string {
	for _, l := range in.Listening {
		if l.Name != "http" || l.Network != "tcp" {
			continue
		}
		scheme := "http"
		if in.Options.HTTP.HTTPS {
			scheme = "https"
		}
		host, port, _ := net.SplitHostPort(l.Address)
		if ip := net.ParseIP(host); ip != nil && ip.IsUnspecified() {
			host = "localhost"
		}
		return scheme + "://" + net.JoinHostPort(host, port) + strings.TrimSuffix(in.Options.HTTP.BasePath, "/") + "/"
	}
	return ""
}
