package policy

import (
	"fmt"
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

// Rule selects captured messages for relaying; the first that matches wins.
type Rule struct {
	ID     string         `json:"id"`
	Filter map[string]any `json:"filter"`
	Action Action         `json:"action"`
}

// Rules are compiled rules in their order, immutable.
type Rules struct {
	rules   []Rule
	filters []*filter.Filter
}

// CompileRules compiles rules. A rule's filter follows the one grammar; now is
// what relative times count from.
func CompileRules(rules []Rule, now time.Time) (*Rules, error) {
	c := &Rules{rules: rules}
	for i, r := range rules {
		switch r.Action {
		case ActionRelay, ActionHold, ActionDrop:
		default:
			return nil, &filter.Error{Code: "bad_value", Param: fmt.Sprintf("rules[%d].action", i),
				Detail: fmt.Sprintf("%q is no action: write relay, hold or drop", r.Action)}
		}
		f, err := filter.ParseJSON(r.Filter, fmt.Sprintf("rules[%d].filter", i), now)
		if err != nil {
			return nil, err
		}
		c.filters = append(c.filters, f)
	}
	return c, nil
}

// All returns the rules in their order.
func (c *Rules) All() []Rule {
	if c == nil {
		return nil
	}
	return c.rules
}

// First returns the first rule that matches; false if none does. A filter that
// cannot be judged matches nothing, and its error is returned.
func (c *Rules) First(s filter.Subject) (Rule, bool, error) {
	if c == nil {
		return Rule{}, false, nil
	}
	for i, f := range c.filters {
		ok, err := f.Match(s)
		if err != nil {
			return Rule{}, false, err
		}
		if ok {
			return c.rules[i], true, nil
		}
	}
	return Rule{}, false, nil
}
