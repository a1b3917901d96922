package program

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// yamlOptions reads a configuration file: a flat map of flag names to values,
// a list where the flag repeats.
func yamlOptions(r io.Reader) (kong.Resolver, error) {
	values := map[string]any{}
	if err := yaml.NewDecoder(r).Decode(&values); err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("configuration file: %w", err)
	}
	var resolve kong.ResolverFunc = func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
		v, ok := values[flag.Name]
		if !ok {
			return nil, nil
		}
		if list, isList := v.([]any); isList {
			words := make([]string, len(list))
			for i, e := range list {
				words[i] = fmt.Sprint(e)
			}
			return strings.Join(words, ","), nil
		}
		return fmt.Sprint(v), nil
	}
	return checkedResolver{resolve, values}, nil
}

// checkedResolver refuses keys that name no flag.
type checkedResolver struct {
	kong.ResolverFunc
	values map[string]any
}

// Validate finds keys that are no option.
func (c checkedResolver) Validate(app *kong.Application) error {
	known := map[string]bool{}
	var walk func(n *kong.Node)
	walk = func(n *kong.Node) {
		for _, f := range n.Flags {
			known[f.Name] = true
		}
		for _, child := range n.Children {
			walk(child)
		}
	}
	walk(app.Node)
	for key := range c.values {
		if !known[key] {
			return fmt.Errorf("configuration file: %q is no option; the keys are the flags' names without --", key)
		}
	}
	return nil
}
