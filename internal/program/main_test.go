package program

import (
	"io"
	"slices"
	"strings"
	"testing"
)

// TestFiltersLast: filter words may stand anywhere, but a flag keeps its value.
func TestFiltersLast(t *testing.T) {
	var c commandLine
	parser, err := newParser(&c, io.Discard, io.Discard, func(int) {})
	if err != nil {
		t.Fatal(err)
	}
	for in, want := range map[string]string{
		"assert to=a@x.test --within 5s subject=W":          "assert --within 5s to=a@x.test subject=W",
		"assert to=a@x.test -e subject=W --json":            "assert -e subject=W --json to=a@x.test",
		"assert to=a@x.test --expect subject=W":             "assert --expect subject=W to=a@x.test",
		"assert --expect=subject=W to=a@x.test":             "assert --expect=subject=W to=a@x.test",
		"assert --json to=a@x.test --name job=12":           "assert --json --name job=12 to=a@x.test",
		"assert -e subject=W -e not.body={{ to=a@x.test":    "assert -e subject=W -e not.body={{ to=a@x.test",
		"get to=a@x.test --code latest":                     "get --code latest to=a@x.test",
		"run -- env a=b":                                    "run -- env a=b",
		"wait --url http://127.0.0.1:1 not.seen=true -w 1s": "wait --url http://127.0.0.1:1 -w 1s not.seen=true",
	} {
		if got := filtersLast(parser.Model, strings.Fields(in)); !slices.Equal(got, strings.Fields(want)) {
			t.Errorf("%s:\n got %s\nwant %s", in, strings.Join(got, " "), want)
		}
	}
}
