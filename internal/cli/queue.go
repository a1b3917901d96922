package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/catchpost/catchpost/internal/client"
	"github.com/catchpost/catchpost/internal/model"
)

// Queue shows and changes what is on its way out.
type Queue struct {
	List    QueueList    `cmd:"" default:"withargs" help:"List what is on its way out (the default)."`
	Show    QueueShow    `cmd:"" help:"Print one entry with its attempts and what was said."`
	Retry   QueueRetry   `cmd:"" help:"Try entries now."`
	Hold    QueueHold    `cmd:"" help:"Keep entries from leaving."`
	Release QueueRelease `cmd:"" help:"Let held entries leave, if the lists allow it."`
	Cancel  QueueCancel  `cmd:"" help:"Give entries up."`
}

// QueueList lists entries as mailq does.
type QueueList struct {
	Remote
	State  []string `placeholder:"STATE" help:"Only these: queued, deferred, held, relayed, delivered, failed, expired, cancelled (default: the first three)."`
	Domain string   `placeholder:"NAME" help:"Only what goes to this domain."`
	All    bool     `short:"a" help:"Those that are done, too."`
	JSON   bool     `name:"json" help:"As JSON, one entry a line."`
}

// openStates are those of entries that may still leave.
var openStates = []string{"queued", "deferred", "held"}

// Run prints the list.
func (q *QueueList) Run(ctx context.Context, s Streams) error {
	c, err := q.client()
	if err != nil {
		return err
	}
	var params []string
	switch {
	case len(q.State) > 0:
		params = append(params, "state="+strings.Join(q.State, ","))
	case !q.All:
		params = append(params, "state="+strings.Join(openStates, ","))
	}
	if q.Domain != "" {
		params = append(params, "domain="+q.Domain)
	}
	entries, err := allQueue(ctx, c, params)
	if err != nil {
		return exit(err)
	}
	if q.JSON {
		for _, e := range entries {
			if err := printLine(s.Out, e); err != nil {
				return err
			}
		}
		return nil
	}
	printQueue(s.Out, entries)
	return nil
}

// allQueue reads every page.
func allQueue(ctx context.Context, c *client.Client, params []string) ([]model.QueueEntry, error) {
	var entries []model.QueueEntry
	cursor := ""
	for {
		page := append([]string{"limit=500"}, params...)
		if cursor != "" {
			page = append(page, "cursor="+cursor)
		}
		out, err := c.Queue(ctx, page...)
		if err != nil {
			return nil, err
		}
		entries = append(entries, out.Entries...)
		if out.NextCursor == nil {
			return entries, nil
		}
		cursor = *out.NextCursor
	}
}

func printQueue(w io.Writer, entries []model.QueueEntry) {
	if len(entries) == 0 {
		fmt.Fprintln(w, "The queue is empty.")
		return
	}
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ENTRY\tSTATE\tQUEUED\tNEXT\tTRIES\tFROM\tTO\tREASON")
	for _, e := range entries {
		next := "-"
		if e.NextAt != nil {
			next = e.NextAt.Local().Format(time.DateTime)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%d\t<%s>\t<%s>\t%s\n", e.ID, e.State, e.QueuedAt.Local().Format(time.DateTime), next, len(e.Attempts),
			printable(e.ReversePath, false), printable(e.ForwardPath, false), printable(short(e.Reason, 100), false))
	}
	_ = t.Flush()
	fmt.Fprintf(w, "%d entries\n", len(entries))
}

func short(s string, n int) string {
	if r := []rune(s); len(r) > n {
		return string(r[:n]) + "…"
	}
	return s
}

// QueueShow prints one entry.
type QueueShow struct {
	Remote
	ID   string `arg:"" placeholder:"ENTRY" help:"The entry."`
	JSON bool   `name:"json" help:"As JSON."`
}

// Run prints the entry, its attempts and their transcripts.
func (q *QueueShow) Run(ctx context.Context, s Streams) error {
	c, err := q.client()
	if err != nil {
		return err
	}
	e, err := c.QueueEntry(ctx, q.ID)
	if err != nil {
		return exit(err)
	}
	if q.JSON {
		return printJSON(s.Out, e)
	}
	printQueue(s.Out, []model.QueueEntry{e})
	fmt.Fprintf(s.Out, "message %s, sandbox %s\n", e.MessageID, e.Sandbox)
	for i, a := range e.Attempts {
		fmt.Fprintf(s.Out, "\nattempt %d at %s: %s", i+1, a.At.Local().Format(time.DateTime), a.Outcome)
		if a.Host != "" {
			fmt.Fprintf(s.Out, ", %s (%s)", printable(a.Host, false), a.Address)
		}
		if a.TLS != nil {
			fmt.Fprintf(s.Out, ", %s", a.TLS.Version)
		}
		fmt.Fprintf(s.Out, "\n  at %s: %s\n", a.Stage, printable(a.Text, false))
		for _, l := range a.Transcript {
			fmt.Fprintf(s.Out, "  %s %s\n", l.Direction, printable(l.Text, false))
		}
	}
	return nil
}

// queueChange is what the commands that change entries have in common.
type queueChange struct {
	Remote
	ID  []string `arg:"" optional:"" placeholder:"ENTRY" help:"The entries."`
	All bool     `help:"Every entry that this can be done to."`
}

// The commands that change entries.
type (
	// QueueRetry tries entries now.
	QueueRetry struct {
		queueChange `embed:""`
	}
	// QueueHold keeps entries from leaving.
	QueueHold struct {
		queueChange `embed:""`
	}
	// QueueRelease lets held entries leave.
	QueueRelease struct {
		queueChange `embed:""`
	}
	// QueueCancel gives entries up.
	QueueCancel struct {
		queueChange `embed:""`
	}
)

// Run tries entries now.
func (q *QueueRetry) Run(ctx context.Context, s Streams) error {
	return q.change(ctx, s, "retry", "queued", "deferred")
}

// Run holds entries.
func (q *QueueHold) Run(ctx context.Context, s Streams) error {
	return q.change(ctx, s, "hold", "queued", "deferred")
}

// Run releases held entries.
func (q *QueueRelease) Run(ctx context.Context, s Streams) error {
	return q.change(ctx, s, "release", "held")
}

// Run cancels entries.
func (q *QueueCancel) Run(ctx context.Context, s Streams) error {
	return q.change(ctx, s, "cancel", openStates...)
}

// change does one thing to the entries named, or to all in the states given.
// All are tried; the first error is the command's.
func (q *queueChange) change(ctx context.Context, s Streams, action string, states ...string) error {
	if q.All == (len(q.ID) > 0) {
		return usage("name the entries, or say --all")
	}
	c, err := q.client()
	if err != nil {
		return err
	}
	ids := q.ID
	if q.All {
		entries, err := allQueue(ctx, c, []string{"state=" + strings.Join(states, ",")})
		if err != nil {
			return exit(err)
		}
		for _, e := range entries {
			ids = append(ids, e.ID)
		}
	}
	var first error
	done := 0
	for _, id := range ids {
		e, err := c.ChangeQueueEntry(ctx, id, action)
		if err != nil {
			if fmt.Fprintf(s.Err, "%s: %v\n", printable(id, false), err); first == nil {
				first = err
			}
			continue
		}
		done++
		fmt.Fprintf(s.Out, "%s  %s  <%s>\n", e.ID, e.State, printable(e.ForwardPath, false))
	}
	fmt.Fprintf(s.Out, "%s: %d of %d entries\n", action, done, len(ids))
	return exit(first)
}
