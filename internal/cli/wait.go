package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/client"
)

// maxWait is the longest that the server holds one request.
const maxWait = 5 * time.Minute

// Wait holds until mail arrives that matches a filter.
type Wait struct {
	Remote
	Filter []string      `arg:"" optional:"" placeholder:"FIELD=VALUE" help:"Conditions, all of which must hold: to=anna@x.test subject.prefix=Welcome."`
	Within time.Duration `short:"w" default:"30s" help:"How long to wait, at most 5m (${default})."`
	Min    int           `default:"1" help:"How many messages must match (${default})."`
	JSON   bool          `name:"json" help:"Print the answer as JSON."`
}

// Run waits and prints the messages' summaries. Exit status 1 when too few
// matched in time.
func (w *Wait) Run(ctx context.Context, s Streams) error {
	c, err := w.client()
	if err != nil {
		return err
	}
	if w.Within <= 0 || w.Within > maxWait {
		return usage("--within: %v is not between 1ms and 5m", w.Within)
	}
	page, err := c.List(ctx, w.Filter, client.Options{Wait: w.Within, Min: w.Min, Limit: max(50, min(w.Min, 500))})
	if err != nil {
		return exit(err)
	}
	if w.JSON {
		if err := printJSON(s.Out, page); err != nil {
			return err
		}
	} else {
		for i := range page.Messages {
			printSummary(s.Out, &page.Messages[i].Summary)
		}
	}
	if !page.TimedOut && page.Total >= w.Min {
		return nil
	}
	if !w.JSON {
		w.explain(ctx, c, s)
	}
	return &ExitError{ExitFailed, fmt.Errorf("%d of %d messages matched within %v", page.Total, w.Min, w.Within)}
}

// explain prints what came close, which an assertion's verdict knows.
func (w *Wait) explain(ctx context.Context, c *client.Client, s Streams) {
	where, err := whereOf(w.Filter)
	if err != nil {
		return
	}
	answer, err := c.Assert(ctx, assertion{Name: "wait", Where: where, Count: map[string]int{"min": w.Min}})
	if err != nil || answer.Passed {
		return
	}
	for l := range strings.Lines(answer.Text) {
		if !strings.Contains(l, "(looked_once)") { // it did wait
			fmt.Fprint(s.Err, l)
		}
	}
}

// Ready waits until an instance takes requests.
type Ready struct {
	Remote
	Wait time.Duration `default:"0s" help:"How long to try (${default}: once)."`
}

// Run asks until the instance is ready. Exit status 3 if it is not in time.
func (r *Ready) Run(ctx context.Context, s Streams) error {
	c, err := r.client()
	if err != nil {
		return err
	}
	if err := untilReady(ctx, c, r.Wait); err != nil {
		return &ExitError{ExitUnreachable, err}
	}
	fmt.Fprintln(s.Out, "ready:", c.Base())
	return nil
}

// untilReady asks again and again, for nobody is there yet who could call back.
func untilReady(ctx context.Context, c *client.Client, wait time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, max(wait, 5*time.Second))
	defer cancel()
	deadline := time.Now().Add(wait)
	pause := 20 * time.Millisecond
	for {
		err := c.Ready(ctx)
		if err == nil || time.Now().Add(pause).After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
		pause = min(pause*3/2, 500*time.Millisecond)
	}
}
