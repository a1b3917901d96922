package cli

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/assert"
	"github.com/catchpost/catchpost/internal/client"
	"github.com/catchpost/catchpost/internal/model"
)

// text is the run's report as a person reads it.
func (o *outcome) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "catchpost run: %s\n", printable(strings.Join(o.Command, " "), false))
	fmt.Fprintf(&b, "  exit status %d", o.ExitCode)
	if o.Signal != "" {
		fmt.Fprintf(&b, " (%s)", o.Signal)
	}
	fmt.Fprintf(&b, " after %v, %d messages captured\n", (time.Duration(o.Took) * time.Millisecond).Round(time.Millisecond), len(o.Messages))
	for i := range o.Messages {
		m := &o.Messages[i]
		mark := ""
		if slices.Contains(o.Late, m.ID) {
			mark = "  LATE: came after the command had ended"
		}
		fmt.Fprintf(&b, "  %s  %s → %s  %q%s\n", m.ReceivedAt.Format("15:04:05.000"), m.ReversePath,
			printable(strings.Join(m.ForwardPaths, ", "), false), m.Subject, mark)
	}
	if o.Verdict != nil {
		b.WriteString(strings.TrimRight(o.Verdict.Text, "\n") + "\n")
	}
	return b.String()
}

// writeArtifacts fills a folder with mail/*.eml, transcripts/*.txt, report.txt,
// report.json and, where something was expected, junit.xml.
func writeArtifacts(ctx context.Context, dir string, c *client.Client, o *outcome) error {
	root, err := openFolder(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	for _, sub := range []string{"mail", "transcripts"} {
		if err := root.Mkdir(sub, 0o777); err != nil && !os.IsExist(err) {
			return err
		}
	}
	for i := range o.Messages {
		if err := writeMail(ctx, root, c, &o.Messages[i]); err != nil {
			return err
		}
	}
	if err := writeSessions(ctx, root, c); err != nil {
		return err
	}
	var js, xml bytes.Buffer
	if err := printJSON(&js, o); err != nil {
		return err
	}
	if o.Verdict != nil {
		if err := assert.WriteJUnit(&xml, "catchpost run", *o.Verdict); err != nil {
			return err
		}
		if err := root.WriteFile("junit.xml", xml.Bytes(), 0o666); err != nil {
			return err
		}
	}
	if err := root.WriteFile("report.json", js.Bytes(), 0o666); err != nil {
		return err
	}
	return root.WriteFile("report.txt", []byte(o.text()), 0o666)
}

// writeMail writes a message's octets.
func writeMail(ctx context.Context, root *os.Root, c *client.Client, m *model.Summary) error {
	raw, err := c.Raw(ctx, m.ID)
	if missing(err) {
		return nil // deleted by the command itself
	}
	if err != nil {
		return err
	}
	return root.WriteFile("mail/"+fileName(m)+".eml", raw, 0o666)
}

// writeSessions writes each session's transcript, empty and failed ones too.
func writeSessions(ctx context.Context, root *os.Root, c *client.Client) error {
	sessions, err := c.Sessions(ctx, "limit=500")
	if missing(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, s := range sessions {
		text, err := c.Session(ctx, s.ID)
		if missing(err) {
			continue
		}
		if err != nil {
			return err
		}
		name := s.StartedAt.UTC().Format("150405.000") + "-" + safeWord(s.Server, 16) + "-" + safeWord(s.ID, 64) + ".txt"
		if err := root.WriteFile("transcripts/"+name, text, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// missing reports whether an error says that the thing is not there.
func missing(err error) bool {
	return err != nil && client.Status(err) == http.StatusNotFound
}
