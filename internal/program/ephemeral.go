package program

import (
	"context"
	"crypto/rand"
	"strings"

	"github.com/catchpost/catchpost/internal/cli"
)

// startForRun starts the instance of `catchpost run`: in memory, on free ports.
func startForRun(ctx context.Context) (cli.Instance, error) {
	token := "cpa_" + rand.Text() // so that CATCHPOST_TOKEN is one, as on a shared instance
	in, err := StartEphemeral(ctx, func(o *Options) { o.Login.AdminToken = token })
	if err != nil {
		return cli.Instance{}, err
	}
	return cli.Instance{URL: strings.TrimSuffix(in.pageURL(), "/"), Token: token, Close: in.Shutdown}, nil
}

// StartEphemeral starts an instance in memory, on free ports of the loopback
// address. change, if not nil, may change its options first.
func StartEphemeral(ctx context.Context, change func(*Options)) (*Instance, error) {
	o, err := DefaultOptions()
	if err != nil {
		return nil, err
	}
	free := []string{"127.0.0.1:0"}
	o.Data.Data = ":memory:"
	o.Listeners = Listeners{Bind: "127.0.0.1", SMTP: free, SMTPS: free, Submission: free, POP3: free, POP3S: free, IMAP: free, IMAPS: free, HTTP: free}
	if change != nil {
		change(&o)
	}
	return Start(ctx, o, StartOptions{})
}

// DefaultOptions are the options of an empty command line, whatever the
// environment says.
func DefaultOptions() (Options, error) {
	var c struct {
		Options `embed:""`
	}
	parser, err := plainParser(&c)
	if err != nil {
		return Options{}, err
	}
	_, err = parser.Parse(nil)
	return c.Options, err
}
