package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"time"
)

type suiteCommand struct {
	Catchpost string        `required:"" help:"Path of the catchpost binary."`
	Duration  time.Duration `default:"2s" help:"Length of one ingest run."`
	Rounds    int           `default:"3" help:"Ingest rounds; medians are reported."`
	Messages  int64         `default:"100000" help:"Messages in the store for the read figures."`
	Ingest    bool          `default:"true" negatable:"" help:"Measure ingest against smtp-sink."`
	Read      bool          `default:"true" negatable:"" help:"Measure lists, searches and waits."`
}

// Run takes the figures and prints them as one JSON object.
func (c *suiteCommand) Run(ctx context.Context) error {
	out := map[string]any{}
	if c.Ingest {
		rows, memory, err := c.ingest(ctx)
		if err != nil {
			return fmt.Errorf("ingest: %w", err)
		}
		out["ingest"], out["memory"] = rows, memory
	}
	if c.Read {
		rows, err := c.read(ctx)
		if err != nil {
			return fmt.Errorf("read: %w", err)
		}
		out["read"] = rows
	}
	return printJSON(out)
}

// ingestRow compares one kind of load; Ratio is catchpost's median rate over
// smtp-sink's, and is left out when smtp-sink is not installed.
type ingestRow struct {
	Size        int       `json:"size"`
	Connections int       `json:"connections"`
	Catchpost   []float64 `json:"catchpost_per_second"`
	Sink        []float64 `json:"smtp_sink_per_second,omitempty"`
	Ratio       float64   `json:"ratio,omitempty"`
	Floor       float64   `json:"floor"`
	Aim         float64   `json:"aim"`
}

func (c *suiteCommand) ingest(ctx context.Context) ([]ingestRow, map[string]any, error) {
	rows := []ingestRow{
		{Size: 2048, Connections: 8, Floor: 0.20, Aim: 0.30},
		{Size: 2048, Connections: 32, Floor: 0.45, Aim: 0.60},
		{Size: 100 << 10, Connections: 8, Floor: 0.70, Aim: 1.20},
	}
	memory := map[string]any{}
	for i := range rows {
		row := &rows[i]
		for range c.Rounds {
			sink, err := c.sinkRate(ctx, row)
			if err != nil {
				return nil, nil, err
			}
			if sink > 0 {
				row.Sink = append(row.Sink, sink)
			}
			rate, err := c.ownRate(ctx, row)
			if err != nil {
				return nil, nil, err
			}
			row.Catchpost = append(row.Catchpost, rate)
		}
		if len(row.Sink) > 0 {
			row.Ratio = median(row.Catchpost) / median(row.Sink)
		}
	}
	if err := c.memory(ctx, memory); err != nil {
		return nil, nil, err
	}
	return rows, memory, nil
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

func (c *suiteCommand) sinkRate(ctx context.Context, row *ingestRow) (float64, error) {
	path, err := findSink()
	if err != nil {
		return 0, nil //nolint:nilerr // without smtp-sink there is no ratio, and the row says so
	}
	addr, err := freeAddr()
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, path, "-u", "nobody", addr, "1000")
	if os.Getuid() != 0 {
		cmd = exec.CommandContext(ctx, path, addr, "1000")
	}
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = cmd.Process.Kill(); _ = cmd.Wait() }()
	if err := awaitPort(ctx, addr); err != nil {
		return 0, err
	}
	r, err := load(ctx, loadOptions{addr: addr, size: row.Size, connections: row.Connections, duration: c.Duration})
	return r.PerSecond, err
}

func (c *suiteCommand) ownRate(ctx context.Context, row *ingestRow) (float64, error) {
	in, err := startInstance(ctx, c.Catchpost)
	if err != nil {
		return 0, err
	}
	defer in.stop()
	r, err := load(ctx, loadOptions{addr: in.smtp, size: row.Size, connections: row.Connections, duration: c.Duration})
	return r.PerSecond, err
}

// memory reads the resident sizes: idle, and the anonymous part after 20,000 messages.
func (c *suiteCommand) memory(ctx context.Context, out map[string]any) error {
	in, err := startInstance(ctx, c.Catchpost)
	if err != nil {
		return err
	}
	defer in.stop()
	idle, err := in.status("VmRSS")
	if err != nil {
		return err
	}
	if _, err := load(ctx, loadOptions{addr: in.smtp, size: 2048, connections: 32, duration: time.Minute, messages: 20000}); err != nil {
		return err
	}
	anon, err := in.status("RssAnon")
	if err != nil {
		return err
	}
	out["idle_rss_mb"], out["idle_rss_under_mb"] = idle, 30
	out["anonymous_after_20000_mb"], out["anonymous_after_20000_under_mb"] = anon, 60
	return nil
}

func findSink() (string, error) {
	if p, err := exec.LookPath("smtp-sink"); err == nil {
		return p, nil
	}
	return exec.LookPath("/usr/sbin/smtp-sink")
}

// instance is a catchpost process on ports of its own and a data file in a
// folder that goes with it.
type instance struct {
	cmd  *exec.Cmd
	dir  string
	smtp string
	http string
}

func startInstance(ctx context.Context, binary string) (*instance, error) {
	dir, err := os.MkdirTemp("", "catchpost-bench-")
	if err != nil {
		return nil, err
	}
	in := &instance{dir: dir}
	if in.smtp, err = freeAddr(); err != nil {
		return nil, err
	}
	if in.http, err = freeAddr(); err != nil {
		return nil, err
	}
	off := []string{"--smtps=off", "--submission=off", "--pop3=off", "--pop3s=off", "--imap=off", "--imaps=off"}
	args := append([]string{"serve", "--smtp", in.smtp, "--http", in.http, "--data", filepath.Join(dir, "bench.db")}, off...)
	in.cmd = exec.CommandContext(ctx, binary, args...)
	in.cmd.Stderr = os.Stderr
	if err := in.cmd.Start(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	for _, addr := range []string{in.smtp, in.http} {
		if err := awaitPort(ctx, addr); err != nil {
			in.stop()
			return nil, err
		}
	}
	return in, nil
}

func (in *instance) stop() {
	_ = in.cmd.Process.Signal(os.Interrupt)
	_ = in.cmd.Wait()
	_ = os.RemoveAll(in.dir)
}

// status reads one size from /proc, in MB.
func (in *instance) status(field string) (float64, error) {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(in.cmd.Process.Pid) + "/status")
	if err != nil {
		return 0, err
	}
	return procField(string(b), field)
}
