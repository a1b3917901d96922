package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"github.com/catchpost/catchpost/internal/client"
)

// Exit statuses of the commands that judge.
const (
	ExitFailed      = 1 // the mail is wrong, or none came
	ExitUsage       = 2 // the request is wrong
	ExitUnreachable = 3 // no answer, or none for this caller
)

// ExitError ends a command with an exit status; Err is what to print on standard
// error, nil where the command has said all.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit status %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns the cause.
func (e *ExitError) Unwrap() error { return e.Err }

// usage makes an error of wrong usage.
func usage(format string, args ...any) error {
	return &ExitError{ExitUsage, fmt.Errorf(format, args...)}
}

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Remote names the instance that a command talks to.
type Remote struct {
	URL     string `name:"url" env:"CATCHPOST_URL" default:"http://127.0.0.1:8025" placeholder:"URL" help:"Address of the instance (${default})."`
	Token   string `env:"CATCHPOST_TOKEN" placeholder:"TOKEN" help:"Token of a sandbox, or the administrator's."`
	Sandbox string `env:"CATCHPOST_SANDBOX" placeholder:"NAME" help:"Sandbox to look at (the token's own, else default)."`
}

// client makes the client of the instance.
func (r *Remote) client() (*client.Client, error) {
	c, err := client.New(r.URL, r.Token)
	if err != nil {
		return nil, usage("--url: %w", err)
	}
	return c.In(r.Sandbox), nil
}

// exit gives an error of the client its exit status.
func exit(err error) error {
	if err == nil {
		return nil
	}
	if _, done := errors.AsType[*ExitError](err); done {
		return err
	}
	if e, ok := errors.AsType[*client.Error](err); ok {
		switch s := e.Problem.Status; {
		case e.Problem.Code == "no_match", e.Problem.Code == "message_not_found", e.Problem.Code == "part_not_found":
			return &ExitError{ExitFailed, err}
		case s == http.StatusBadRequest, s == http.StatusRequestEntityTooLarge, s == http.StatusUnsupportedMediaType, s == http.StatusConflict:
			return &ExitError{ExitUsage, err}
		}
		return &ExitError{ExitUnreachable, err}
	}
	if _, ok := errors.AsType[*client.UnreachableError](err); ok {
		return &ExitError{ExitUnreachable, err}
	}
	if errors.Is(err, context.Canceled) {
		return &ExitError{130, nil} // as a shell says it of SIGINT
	}
	return &ExitError{ExitFailed, err}
}

// printLine writes a value as JSON in one line.
func printLine(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// printJSON writes a value as indented JSON.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}
