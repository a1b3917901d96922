// Command catchpost-bench puts load on a mail server and prints JSON.
//
// It measures any SMTP address (smtp), or starts a catchpost binary of its own
// and takes the whole set of figures beside Postfix's smtp-sink in the same run
// (suite). Ratios of one run are what to trust: client and server share a machine.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/alecthomas/kong"
)

type commands struct {
	SMTP   smtpCommand   `cmd:"" name:"smtp" help:"Send messages to one SMTP server for a while and print the rate."`
	Compat compatCommand `cmd:"" help:"Time calls of Mailpit's and MailHog's APIs beside ours, at 100,000 messages."`
	IMAP   imapCommand   `cmd:"" name:"imap" help:"Time IMAP and POP3 on a catchpost of its own and on Debian's Dovecot."`
	Suite  suiteCommand  `cmd:"" help:"Start a catchpost binary and smtp-sink, and print figures and ratios of one run."`
}

type smtpCommand struct {
	Addr        string        `arg:"" help:"HOST:PORT of the server."`
	Size        int           `default:"2048" help:"Octets of a message."`
	Connections int           `short:"c" default:"8" help:"Connections at once."`
	Duration    time.Duration `default:"3s" help:"How long to send."`
	Recipient   string        `default:"anna@x.test" help:"Forward-path; a %d in it is the connection's number."`
}

// Run sends for the asked time.
func (c *smtpCommand) Run(ctx context.Context) error {
	r, err := load(ctx, loadOptions{addr: c.Addr, size: c.Size, connections: c.Connections, duration: c.Duration, recipient: c.Recipient})
	if err != nil {
		return err
	}
	return printJSON(r)
}

func printJSON(v any) error {
	e := json.NewEncoder(os.Stdout)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var c commands
	k := kong.Parse(&c, kong.Name("catchpost-bench"), kong.Description("Load for mail servers, figures as JSON."),
		kong.BindTo(ctx, (*context.Context)(nil)))
	if err := k.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "catchpost-bench:", err)
		os.Exit(1)
	}
}
