package cli

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"time"

	"github.com/catchpost/catchpost/internal/client"
	"github.com/catchpost/catchpost/internal/model"
)

// Instance is a Catchpost that runs for the sake of one command.
type Instance struct {
	URL   string // of its API, without /v1
	Token string // administrator's; empty on an open instance
	Close func(context.Context) error
}

// StartInstance starts an instance in this process, in memory and on free ports.
type StartInstance func(context.Context) (Instance, error)

// Run runs a command with a place to send mail to, then judges its mail.
type Run struct {
	URL       string        `name:"url" env:"-" placeholder:"URL" help:"Make a sandbox on this running instance, instead of starting one of its own."`
	Token     string        `env:"CATCHPOST_TOKEN" placeholder:"TOKEN" help:"Administrator's token of that instance."`
	Expect    string        `placeholder:"FILE" type:"path" help:"YAML or JSON file of assertions to judge when the command has ended."`
	Artifacts string        `placeholder:"DIR" type:"path" help:"Folder to write the mail, the transcripts and the reports to."`
	ReadyWait time.Duration `default:"30s" help:"How long to wait for the instance (${default})."`
	Command   []string      `arg:"" passthrough:"" placeholder:"COMMAND" help:"The command and its arguments, after --."`

	// Start supplies the instance; main sets it.
	Start StartInstance `kong:"-"`
	// Environ is the environment to add to; os.Environ() if nil.
	Environ []string `kong:"-"`
}

// stage is the prepared place for one run.
type stage struct {
	client  *client.Client
	sandbox model.Sandbox
	token   string
	end     func(context.Context)
}

// outcome is what a run came to.
type outcome struct {
	Command  []string            `json:"command"`
	ExitCode int                 `json:"exit_code"`
	Signal   string              `json:"signal,omitempty"`
	Started  time.Time           `json:"started_at"`
	Took     int64               `json:"took_ms"`
	Messages []model.Summary     `json:"messages"`
	Late     []string            `json:"late"` // IDs of what came after the command's end
	Verdict  *model.AssertAnswer `json:"verdict"`
}

// Run runs the command. The exit status is the command's own; 1 where it ended
// well but an expectation failed.
func (r *Run) Run(ctx context.Context, s Streams) error {
	var expect any
	if r.Expect != "" {
		var err error
		if expect, err = readAssertions(r.Expect, s.In); err != nil {
			return err
		}
		if err = checkAssertions(r.Expect, expect); err != nil {
			return err // before the command has run for minutes
		}
	}
	if len(r.Command) > 0 && r.Command[0] == "--" {
		r.Command = r.Command[1:]
	}
	if len(r.Command) == 0 {
		return usage("no command: catchpost run [--expect mail.yaml] -- npm test")
	}
	if _, err := exec.LookPath(r.Command[0]); err != nil {
		return &ExitError{127, fmt.Errorf("%s: %w", r.Command[0], err)}
	}
	st, err := r.prepare(ctx)
	if err != nil {
		return err
	}
	// The signal that ends the command must not keep its mail from being judged.
	after := context.WithoutCancel(ctx)
	defer st.end(after)
	return r.play(after, st, expect, s)
}

// play runs the command on a prepared stage, judges and reports.
func (r *Run) play(ctx context.Context, st *stage, expect any, s Streams) error {
	out := outcome{Command: r.Command, Started: time.Now().UTC(), Late: []string{}}
	if err := r.command(&out, st, s); err != nil {
		return &ExitError{126, err}
	}
	out.Took = time.Since(out.Started).Milliseconds()
	before, err := st.client.List(ctx, nil, client.Options{Limit: 1})
	if err != nil {
		return exit(fmt.Errorf("after the command: %w", err))
	}
	var judging error // the artifacts are written all the same
	if expect != nil {
		verdict, err := st.client.Assert(ctx, expect)
		if err == nil {
			out.Verdict = &verdict
		} else {
			judging = exit(fmt.Errorf("--expect: %w", err))
		}
	}
	if err := out.gather(ctx, st.client, before.Sequence); err != nil {
		return exit(err)
	}
	if r.Artifacts != "" {
		if err := writeArtifacts(ctx, r.Artifacts, st.client, &out); err != nil {
			return exit(fmt.Errorf("--artifacts: %w", err))
		}
	}
	if expect != nil || r.Artifacts != "" {
		fmt.Fprint(s.Err, out.text())
	}
	switch {
	case out.ExitCode != 0:
		return &ExitError{out.ExitCode, judging}
	case judging != nil:
		return judging
	case out.Verdict != nil && !out.Verdict.Passed:
		return &ExitError{ExitFailed, nil}
	}
	return nil
}

// gather lists the mail, and names what came after the command's end.
func (o *outcome) gather(ctx context.Context, c *client.Client, atEnd uint64) error {
	o.Messages = []model.Summary{}
	_, err := eachMessage(ctx, c, nil, func(m *model.Summary) error {
		o.Messages = append(o.Messages, *m)
		if m.Sequence > atEnd {
			o.Late = append(o.Late, m.ID)
		}
		return nil
	})
	return err
}

// prepare starts an instance, or makes a sandbox on a running one.
func (r *Run) prepare(ctx context.Context) (*stage, error) {
	if r.URL != "" {
		return r.sandboxOn(ctx)
	}
	if r.Start == nil {
		return nil, usage("--url is missing")
	}
	inst, err := r.Start(context.WithoutCancel(ctx)) // it outlives the signal that ends the command
	if err != nil {
		return nil, &ExitError{ExitUnreachable, fmt.Errorf("starting an instance: %w", err)}
	}
	st := &stage{token: inst.Token, end: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		_ = inst.Close(ctx) // nothing of it is kept
	}}
	if st.client, err = client.New(inst.URL, inst.Token); err == nil {
		if err = untilReady(ctx, st.client, r.ReadyWait); err == nil {
			st.sandbox, err = st.client.Sandbox(ctx, "default")
		}
	}
	if err != nil {
		st.end(ctx)
		return nil, &ExitError{ExitUnreachable, err}
	}
	return st, nil
}

// sandboxOn makes a sandbox that lives as long as the run.
func (r *Run) sandboxOn(ctx context.Context) (*stage, error) {
	admin, err := client.New(r.URL, r.Token)
	if err != nil {
		return nil, usage("--url: %w", err)
	}
	if err := untilReady(ctx, admin, r.ReadyWait); err != nil {
		return nil, &ExitError{ExitUnreachable, err}
	}
	box, err := admin.CreateSandbox(ctx, client.SandboxRequest{Labels: map[string]string{"by": "catchpost run"}})
	if err != nil {
		return nil, exit(err)
	}
	own, err := client.New(r.URL, box.Token)
	if err != nil {
		return nil, err
	}
	return &stage{client: own, sandbox: box, token: box.Token, end: func(ctx context.Context) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		if err := admin.EndSandbox(ctx, box.Name); err != nil {
			fmt.Fprintf(os.Stderr, "catchpost: sandbox %s stays until it expires: %v\n", box.Name, err)
		}
	}}, nil
}
