package cli

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/client"
)

// Import puts messages from files into a sandbox.
type Import struct {
	Remote
	Paths  []string `arg:"" placeholder:"PATH" help:"eml or mbox file, Maildir, or folder of eml files; - is a message on standard input."`
	Format string   `enum:"auto,eml,mbox,mboxo,maildir" default:"auto" help:"auto looks at each path; mbox is mboxrd, mboxo takes a single > from lines that begin with >From."`
}

// Run imports and prints how many messages went in.
func (c *Import) Run(ctx context.Context, s Streams) error {
	cl, err := c.client()
	if err != nil {
		return err
	}
	in := importer{ctx: ctx, client: cl, stdin: s.In}
	for _, p := range c.Paths {
		if err := in.path(p, c.Format); err != nil {
			return exit(fmt.Errorf("after %d messages, %s: %w", in.count, p, err))
		}
	}
	_, err = fmt.Fprintf(s.Out, "imported %d messages\n", in.count)
	return err
}

type importer struct {
	ctx    context.Context
	client *client.Client
	stdin  io.Reader
	count  int
}

// put sends one message; an empty one is passed over.
func (in *importer) put(raw []byte) error { return in.putFrom(mboxOrigin{}, raw) }

// putFrom is put with what an mbox tells of the message.
func (in *importer) putFrom(o mboxOrigin, raw []byte) error {
	if len(bytes.TrimSpace(raw)) == 0 {
		return nil
	}
	if _, err := in.client.ImportWith(in.ctx, raw, o.reversePath, o.at); err != nil {
		return err
	}
	in.count++
	return nil
}

// path imports one argument.
func (in *importer) path(path, format string) error {
	if path == "-" {
		return in.stream(in.stdin, format)
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	if info.IsDir() {
		if format == "maildir" || format == "auto" && isMaildir(path) {
			return in.maildir(path)
		}
		return in.folder(path)
	}
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	return in.stream(f, format)
}

// stream imports an eml or an mbox.
func (in *importer) stream(f io.Reader, format string) error {
	r := bufio.NewReaderSize(f, 64<<10)
	if format == "auto" {
		format = "eml"
		if head, _ := r.Peek(5); string(head) == "From " {
			format = "mbox"
		}
	}
	if format == "mbox" || format == "mboxo" {
		return readMbox(r, format == "mboxo", in.putFrom)
	}
	raw, err := io.ReadAll(io.LimitReader(r, maxMessage))
	if err != nil {
		return err
	}
	return in.put(raw)
}

func isMaildir(path string) bool {
	for _, sub := range []string{"cur", "new"} {
		if info, err := os.Stat(filepath.Join(path, sub)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// maildir imports new/ and cur/, oldest name first: names begin with the time.
func (in *importer) maildir(path string) error {
	var files []string
	for _, sub := range []string{"cur", "new"} {
		entries, err := os.ReadDir(filepath.Join(path, sub))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		for _, e := range entries {
			if e.Type().IsRegular() && !strings.HasPrefix(e.Name(), ".") {
				files = append(files, filepath.Join(path, sub, e.Name()))
			}
		}
	}
	slices.SortStableFunc(files, func(a, b string) int { return strings.Compare(filepath.Base(a), filepath.Base(b)) })
	return in.files(files)
}

// folder imports every .eml file below a folder, in the order of their paths.
func (in *importer) folder(path string) error {
	var files []string
	err := filepath.WalkDir(path, func(p string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() && strings.EqualFold(filepath.Ext(p), ".eml") {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("no .eml file in this folder, and it is no Maildir")
	}
	return in.files(files)
}

func (in *importer) files(files []string) error {
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			return err
		}
		if err := in.put(raw); err != nil {
			return fmt.Errorf("%s: %w", f, err)
		}
	}
	return nil
}
