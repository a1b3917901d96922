package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/client"
	"github.com/catchpost/catchpost/internal/model"
)

// Get prints a message, or one thing out of it.
type Get struct {
	Remote
	What []string      `arg:"" optional:"" placeholder:"latest|ID" help:"An ID, or latest (the default) with conditions: latest to=anna@x.test."`
	Wait time.Duration `short:"w" default:"0s" help:"With latest: how long to wait for one, at most 5m (${default})."`

	Raw        bool `group:"What to print" xor:"what" help:"The octets as they were sent."`
	Text       bool `group:"What to print" xor:"what" help:"The text body."`
	HTML       bool `name:"html" group:"What to print" xor:"what" help:"The HTML body."`
	Headers    bool `group:"What to print" xor:"what" help:"The header fields, decoded."`
	Transcript bool `group:"What to print" xor:"what" help:"What client and server said."`
	Code       bool `group:"What to print" xor:"what" help:"The likeliest one-time code."`
	Link       bool `group:"What to print" xor:"what" help:"The likeliest link to follow (verify, reset, sign_in)."`
	JSON       bool `name:"json" group:"What to print" xor:"what" help:"The full message as JSON."`

	Kind string `enum:",verify,reset,sign_in,unsubscribe,tracking,image,other" default:"" placeholder:"KIND" help:"With --link: the first link of this kind."`
	All  bool   `help:"With --code and --link: all of them, best first."`
}

// Run prints what was asked for. Exit status 1 if there is no such message or
// no such thing in it.
func (g *Get) Run(ctx context.Context, s Streams) error {
	c, err := g.client()
	if err != nil {
		return err
	}
	id, filter := "latest", g.What
	if len(filter) > 0 && !strings.Contains(filter[0], "=") {
		id, filter = filter[0], filter[1:]
	}
	if id != "latest" && (len(filter) > 0 || g.Wait > 0) {
		return usage("conditions and --wait go with latest, not with an ID")
	}
	if g.Wait < 0 || g.Wait > maxWait {
		return usage("--wait: %v is not between 0 and 5m", g.Wait)
	}
	return exit(g.print(ctx, c, id, filter, s))
}

func (g *Get) print(ctx context.Context, c *client.Client, id string, filter []string, s Streams) error {
	part := func(what string) error {
		b, err := c.Part(ctx, id, what, filter, g.Wait)
		if err == nil {
			_, err = s.Out.Write(b)
		}
		return err
	}
	switch {
	case g.Raw:
		return part("raw")
	case g.Text:
		return part("text")
	case g.HTML:
		return part("html")
	case g.Transcript:
		return part("transcript")
	case g.Code:
		return g.code(ctx, c, id, filter, s)
	case g.Link || g.Kind != "":
		return g.link(ctx, c, id, filter, s)
	}
	return g.whole(ctx, c, id, filter, s)
}

// whole prints the message, or its headers, or its JSON.
func (g *Get) whole(ctx context.Context, c *client.Client, id string, filter []string, s Streams) error {
	var m model.Message
	var err error
	var include []string
	if g.JSON {
		include = []string{"links", "codes"}
	}
	if id == "latest" {
		m, err = c.Latest(ctx, filter, g.Wait, include...)
	} else {
		m, err = c.Get(ctx, id, include...)
	}
	switch {
	case err != nil:
		return err
	case g.JSON:
		return printJSON(s.Out, m)
	case g.Headers:
		for _, h := range m.Headers {
			fmt.Fprintf(s.Out, "%s: %s\n", printable(h.Name, false), printable(h.Value, false))
		}
		return nil
	}
	printMessage(s.Out, &m)
	return nil
}

func (g *Get) code(ctx context.Context, c *client.Client, id string, filter []string, s Streams) error {
	codes, err := c.Codes(ctx, id, filter, g.Wait)
	if err != nil {
		return err
	}
	if len(codes) == 0 {
		return &ExitError{ExitFailed, fmt.Errorf("no one-time code in the message")}
	}
	for _, code := range codes {
		fmt.Fprintln(s.Out, printable(code.Code, false))
		if !g.All {
			break
		}
	}
	return nil
}

func (g *Get) link(ctx context.Context, c *client.Client, id string, filter []string, s Streams) error {
	links, err := c.Links(ctx, id, filter, g.Wait)
	if err != nil {
		return err
	}
	kinds := []string{"verify", "reset", "sign_in"}
	if g.Kind != "" {
		kinds = []string{g.Kind}
	}
	found := false
	for _, kind := range kinds {
		for _, l := range links {
			if l.Kind != kind || found && !g.All {
				continue
			}
			found = true
			fmt.Fprintln(s.Out, printable(l.URL, false))
		}
	}
	if !found {
		return &ExitError{ExitFailed, fmt.Errorf("no link of kind %s in the message", strings.Join(kinds, ", "))}
	}
	return nil
}
