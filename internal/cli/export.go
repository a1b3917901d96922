package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"github.com/catchpost/catchpost/internal/client"
	"github.com/catchpost/catchpost/internal/model"
)

// Export writes messages to files.
type Export struct {
	Remote
	Out    string   `arg:"" placeholder:"PATH" help:"Folder for eml and Maildir, file for mbox (- is standard output)."`
	Filter []string `arg:"" optional:"" placeholder:"FIELD=VALUE" help:"Conditions; without any, all messages."`
	Format string   `enum:"eml,mbox,maildir" default:"eml" help:"eml: a file a message. mbox: mboxrd, LF line ends. maildir."`
}

// Run exports, oldest message first, and prints how many went out.
func (c *Export) Run(ctx context.Context, s Streams) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	out, done, err := c.sink(s.Out)
	if err != nil {
		return &ExitError{ExitFailed, err}
	}
	n, err := eachMessage(ctx, cl, c.Filter, func(m *model.Summary) error {
		raw, err := cl.Raw(ctx, m.ID)
		if client.Code(err) == "message_not_found" {
			return nil // deleted since it was listed
		}
		if err != nil {
			return err
		}
		return out(m, raw)
	})
	if closeErr := done(); err == nil {
		err = closeErr
	}
	if err != nil {
		return exit(fmt.Errorf("after %d messages: %w", n, err))
	}
	_, err = fmt.Fprintf(s.Err, "exported %d messages\n", n)
	return err
}

// eachMessage lists all messages that match, oldest first.
func eachMessage(ctx context.Context, cl *client.Client, filter []string, do func(*model.Summary) error) (int, error) {
	n := 0
	o := client.Options{Order: "oldest", Limit: 200}
	for {
		page, err := cl.List(ctx, filter, o)
		if err != nil {
			return n, err
		}
		for i := range page.Messages {
			if err := do(&page.Messages[i].Summary); err != nil {
				return n, err
			}
			n++
		}
		if page.NextCursor == nil {
			return n, nil
		}
		o.Cursor = *page.NextCursor
	}
}

// sink opens what is written to.
func (c *Export) sink(stdout io.Writer) (write func(*model.Summary, []byte) error, done func() error, err error) {
	if c.Format == "mbox" {
		return c.mboxSink(stdout)
	}
	root, err := openFolder(c.Out)
	if err != nil {
		return nil, nil, err
	}
	if c.Format == "eml" {
		return func(m *model.Summary, raw []byte) error { return writeNew(root, fileName(m)+".eml", raw) }, root.Close, nil
	}
	for _, sub := range []string{"cur", "new", "tmp"} {
		if err := root.Mkdir(sub, 0o700); err != nil && !os.IsExist(err) {
			_ = root.Close()
			return nil, nil, err
		}
	}
	return func(m *model.Summary, raw []byte) error { return writeMaildir(root, m, raw) }, root.Close, nil
}

func (c *Export) mboxSink(stdout io.Writer) (func(*model.Summary, []byte) error, func() error, error) {
	w, done := stdout, func() error { return nil }
	if c.Out != "-" {
		f, err := os.OpenFile(c.Out, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return nil, nil, err
		}
		w, done = f, f.Close
	}
	return func(m *model.Summary, raw []byte) error { return writeMbox(w, m.ReversePath, m.ReceivedAt, raw) }, done, nil
}

// openFolder makes a folder if need be and opens it as a root that no name can
// lead out of.
func openFolder(path string) (*os.Root, error) {
	if err := os.MkdirAll(path, 0o777); err != nil {
		return nil, err
	}
	return os.OpenRoot(path)
}

// writeNew writes a file that is not there yet; one with equal octets stays.
func writeNew(root *os.Root, name string, data []byte) error {
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if os.IsExist(err) {
		if old, readErr := root.ReadFile(name); readErr == nil && bytes.Equal(old, data) {
			return nil
		}
		return fmt.Errorf("%s is there already, with other content", name)
	}
	if err != nil {
		return err
	}
	if _, err := f.Write(data); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

// writeMaildir writes to tmp and moves into place, as Maildir wants it.
func writeMaildir(root *os.Root, m *model.Summary, raw []byte) error {
	name := fmt.Sprintf("%d.M%dQ%d.%s", m.ReceivedAt.Unix(), m.ReceivedAt.Nanosecond()/1000, m.Sequence, safeWord(m.ID, 64))
	tmp := filepath.Join("tmp", name)
	if err := root.WriteFile(tmp, raw, 0o600); err != nil {
		return err
	}
	flags := ""
	if m.Flagged {
		flags += "F"
	}
	if m.Seen {
		flags += "S"
	}
	target := filepath.Join("new", name)
	if flags != "" {
		target = filepath.Join("cur", name+":2,"+flags)
	}
	return root.Rename(tmp, target)
}

// fileName names a message's file: time, ID, and as much of the subject as
// letters, digits and hyphens can say.
func fileName(m *model.Summary) string {
	name := m.ReceivedAt.UTC().Format("20060102T150405") + "-" + safeWord(m.ID, 64)
	if s := safeWord(strings.ToLower(m.Subject), 48); s != "" {
		name += "-" + s
	}
	return name
}

// safeWord keeps ASCII letters and digits; runs of all else become one hyphen.
func safeWord(s string, limit int) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9':
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "-"):
			b.WriteByte('-')
		}
		if b.Len() >= limit {
			break
		}
	}
	return strings.Trim(b.String(), "-")
}
