package program

import (
	"context"
	"fmt"
	"os"

	"github.com/catchpost/catchpost/store"
)

// checkCommand verifies a data file that no instance has open.
type checkCommand struct {
	Data string `placeholder:"FILE" help:"Data file (default: the one that serve uses)."`
}

// Run opens the file and verifies every invariant.
func (c checkCommand) Run(ctx context.Context, s streams) error {
	st, path, err := openFile(ctx, c.Data)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	if err := st.CheckConsistency(); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	boxes, err := st.Sandboxes(ctx)
	if err != nil {
		return err
	}
	var messages, bytes int64
	for _, b := range boxes {
		messages, bytes = messages+b.Messages, bytes+b.Bytes
	}
	_, err = fmt.Fprintf(s.out, "%s is sound: %d messages with %s in %d sandboxes\n", path, messages, Size(bytes), len(boxes))
	return err
}

// compactCommand gives free space back.
type compactCommand struct {
	Data string `placeholder:"FILE" help:"Data file (default: the one that serve uses)."`
}

// Run compacts the file.
func (c compactCommand) Run(ctx context.Context, s streams) error {
	st, path, err := openFile(ctx, c.Data)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	before, err := fileSize(path)
	if err != nil {
		return err
	}
	if err := st.Compact(ctx); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	after, err := fileSize(path)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(s.out, "%s had %s, has %s\n", path, before, after)
	return err
}

func openFile(ctx context.Context, option string) (*store.Store, string, error) {
	path, err := dataFile(option)
	if err != nil {
		return nil, "", err
	}
	if _, err := fileSize(path); err != nil {
		return nil, "", err // Open would make a new file
	}
	st, err := store.Open(ctx, store.Options{Path: path})
	return st, path, err
}

func fileSize(path string) (Size, error) {
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return Size(info.Size()), nil
}
