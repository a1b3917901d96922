package policy

import (
	"fmt"
	"net/url"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
)

// Action is what a rule does with a captured message that it matches.
type Action string

// Actions of a rule. Drop selects nothing, and ends the search.
const (
	ActionRelay Action = "relay"
	ActionHold  Action = "hold"
	ActionDrop  Action = "drop"
)

// ParseAction reads an action.
func ParseAction(s string) (Action, error) {
	switch a := Action(s); a {
	case ActionRelay, ActionHold, ActionDrop:
		return a, nil
	}
	return "", fmt.Errorf("%q is no action: write relay, hold or drop", s)
}

// Denied says that a forward-path may not leave, and which rule says so.
type Denied struct {
	ForwardPath string
	Verdict     Verdict
}

func (d *Denied) Error() string {
	return fmt.Sprintf("%s may not leave: %s (rule: %s)", d.ForwardPath, d.Verdict.Reason, d.Verdict.Rule)
}

// Filters compiles filters that are kept as text, each once. It is safe for
// concurrent use.
type Filters struct {
	mu       sync.Mutex
	compiled map[string]*filter.Filter
}

// filtersMost bounds what is remembered.
const filtersMost = 1000

// Match judges a subject by a filter's text (filter.Filter's String); now is what
// relative times count from when the text is first seen.
func (c *Filters) Match(text string, s filter.Subject, now time.Time) (bool, error) {
	f, err := c.compile(text, now)
	if err != nil {
		return false, err
	}
	return f.Match(s)
}

func (c *Filters) compile(text string, now time.Time) (*filter.Filter, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f := c.compiled[text]; f != nil {
		return f, nil
	}
	values, err := url.ParseQuery(text)
	if err != nil {
		return nil, err
	}
	f, err := filter.ParseURL(values, now)
	if err != nil {
		return nil, err
	}
	if c.compiled == nil || len(c.compiled) >= filtersMost {
		c.compiled = make(map[string]*filter.Filter)
	}
	c.compiled[text] = f
	return f, nil
}
