package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/catchpost/catchpost/internal/assert"
	"github.com/catchpost/catchpost/internal/client"
	"github.com/catchpost/catchpost/internal/model"
)

// assertion is the body of POST /v1/assert as the command line builds it.
type assertion struct {
	Name   string         `json:"name,omitempty"`
	Where  map[string]any `json:"where,omitempty"`
	Count  any            `json:"count,omitempty"`
	Within string         `json:"within,omitempty"`
	Settle string         `json:"settle,omitempty"`
	Expect []any          `json:"expect,omitempty"`
}

// Assert judges what was sent.
type Assert struct {
	Remote
	Filter []string `arg:"" optional:"" placeholder:"FIELD=VALUE" help:"Conditions that say which messages count: to=anna@x.test."`
	File   string   `short:"f" placeholder:"FILE" help:"YAML or JSON file with one assertion or a list of them; - is standard input."`
	Name   string   `placeholder:"NAME" help:"Name of the assertion in reports."`
	Count  string   `placeholder:"N" help:"How many must match: 2, 1..3, 2.., ..3 (1..)."`
	Within string   `short:"w" placeholder:"DURATION" help:"How long to wait for them (0s)."`
	Settle string   `placeholder:"DURATION" help:"How long to watch for more after that (0s)."`
	Expect []string `short:"e" sep:"none" placeholder:"FIELD=VALUE" help:"Condition that every matched message must meet; repeat for several."`
	JSON   bool     `name:"json" help:"Print the verdicts as JSON."`
	JUnit  string   `name:"junit" placeholder:"FILE" help:"Write a JUnit report too."`
}

// Run asserts and prints the verdicts. Exit status 1 when one failed.
func (a *Assert) Run(ctx context.Context, s Streams) error {
	body, err := a.body(s.In)
	if err != nil {
		return err
	}
	c, err := a.client()
	if err != nil {
		return err
	}
	answer, err := c.Assert(ctx, body)
	if err != nil {
		return exit(err)
	}
	if a.JUnit != "" {
		if err := writeJUnit(a.JUnit, &answer); err != nil {
			return err
		}
	}
	if a.JSON {
		err = printJSON(s.Out, answer)
	} else {
		_, err = fmt.Fprintln(s.Out, strings.TrimRight(answer.Text, "\n"))
	}
	if err == nil && !answer.Passed {
		err = &ExitError{ExitFailed, nil}
	}
	return err
}

// body builds the request from the file or from the arguments.
func (a *Assert) body(in io.Reader) (any, error) {
	if a.File == "" {
		return a.fromArgs()
	}
	if len(a.Filter)+len(a.Expect) > 0 || a.Count+a.Within+a.Settle+a.Name != "" {
		return nil, usage("conditions stand in the file or on the command line, not in both")
	}
	return readAssertions(a.File, in)
}

func (a *Assert) fromArgs() (any, error) {
	if len(a.Filter) == 0 && a.Count == "" && len(a.Expect) == 0 {
		return nil, usage("nothing to assert: give conditions (to=anna@x.test), --count, or a file with -f")
	}
	body := assertion{Name: a.Name, Within: a.Within, Settle: a.Settle}
	var err error
	if body.Where, err = whereOf(a.Filter); err != nil {
		return nil, err
	}
	if body.Count, err = countOf(a.Count); err != nil {
		return nil, err
	}
	expect, err := whereOf(a.Expect)
	if err != nil {
		return nil, err
	}
	if len(expect) > 0 {
		body.Expect = []any{expect}
	}
	return body, nil
}

// whereOf makes a JSON filter of filter words: a repeated field becomes a list,
// and so do the commas of "in".
func whereOf(words []string) (map[string]any, error) {
	q, err := client.Query(words)
	if err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	where := map[string]any{}
	for name, values := range q {
		switch {
		case strings.HasSuffix(name, ".in"):
			where[name] = strings.Split(strings.Join(values, ","), ",")
			if len(values) > 1 {
				return nil, usage("%s stands twice", name)
			}
		case len(values) == 1:
			where[name] = values[0]
		default:
			where[name] = values
		}
	}
	return where, nil
}

// countOf reads "2", "1..3", "2..", "..3".
func countOf(s string) (any, error) {
	if s == "" {
		return nil, nil
	}
	low, high, isRange := strings.Cut(s, "..")
	if !isRange {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, usage("--count: %q is neither a number nor a range like 1..3", s)
		}
		return n, nil
	}
	bounds := map[string]int{}
	for name, v := range map[string]string{"min": low, "max": high} {
		if v == "" {
			continue
		}
		n, err := strconv.Atoi(v)
		if err != nil || n < 0 {
			return nil, usage("--count: %q is neither a number nor a range like 1..3", s)
		}
		bounds[name] = n
	}
	if len(bounds) == 0 {
		return nil, usage("--count: %q has no bound", s)
	}
	return bounds, nil
}

// checkAssertions refuses what the instance would refuse.
func checkAssertions(name string, list any) error {
	body, err := json.Marshal(list)
	if err != nil {
		return usage("%s: %w", name, err) // a key that is no text
	}
	if _, err := assert.ParseJSON(body, time.Now()); err != nil {
		return usage("%s: %w", name, err)
	}
	return nil
}

// readAssertions reads a YAML or JSON file: one assertion, a list, or several
// YAML documents of these.
func readAssertions(name string, in io.Reader) (any, error) {
	var data []byte
	var err error
	if name == "-" {
		data, err = io.ReadAll(io.LimitReader(in, 8<<20))
	} else {
		data, err = os.ReadFile(name)
	}
	if err != nil {
		return nil, &ExitError{ExitUsage, err}
	}
	var list []any
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var doc any
		err := dec.Decode(&doc)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, usage("%s: %w", name, err)
		}
		switch d := doc.(type) {
		case []any:
			list = append(list, d...)
		case map[string]any:
			list = append(list, d)
		case nil:
		default:
			return nil, usage("%s: an assertion is an object with where, count, within, settle, expect", name)
		}
	}
	if len(list) == 0 {
		return nil, usage("%s: no assertion in it", name)
	}
	for i, a := range list {
		if _, ok := a.(map[string]any); !ok {
			return nil, usage("%s: assertion %d is no object", name, i+1)
		}
	}
	return list, nil
}

func writeJUnit(name string, answer *model.AssertAnswer) error {
	f, err := os.Create(name)
	if err != nil {
		return &ExitError{ExitUsage, err}
	}
	defer f.Close()
	if err := assert.WriteJUnit(f, "", *answer); err != nil {
		return err
	}
	return f.Close()
}
