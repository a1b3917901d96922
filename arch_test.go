// Package catchpost_test holds what no single package can: who may import whom.
package catchpost_test

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/catchpost/catchpost/"

// leaves may import only the standard library, kept libraries and what stands
// here, each with its reason.
var leaves = map[string][]string{
	"internal/model":             {},
	"internal/address":           {"internal/model"}, // header addresses come as model.Address
	"internal/clock":             {},
	"internal/line":              {},
	"internal/message":           {"internal/model", "internal/address"},                                                         // what a message says comes in the contract's shapes
	"internal/transcript":        {"internal/model", "internal/clock"},                                                           // a transcript is a model.Session
	"internal/fault":             {"internal/address", "internal/model"},                                                         // rules match paths
	"internal/daemon":            {"internal/line", "internal/transcript", "internal/fault", "internal/model", "internal/clock"}, // the connection tees, reads and suffers
	"internal/sasl":              {},
	"internal/mailtest":          {},
	"internal/tlsca":             {},
	"internal/filter":            {"internal/message", "internal/model"},                    // folds as capture folded
	"internal/extract":           {"internal/message", "internal/model"},                    // visible words
	"internal/assert":            {"internal/filter", "internal/model"},                     // clauses are filters
	"internal/filter/filtertest": {"internal/filter", "internal/message", "internal/model"}, // rows of the grammar, for every door's test
	"internal/policy":            {"internal/address", "internal/filter"},                   // lists judge addresses, rules are filters
	"internal/dsn":               {},
	"internal/client":            {"internal/model", "internal/filter"}, // the API seen from outside
}

// rooms stand above the leaves; besides leaves they may import what stands here.
var rooms = map[string][]string{
	"store":           {"store/kv"},
	"store/kv":        {},
	"store/storetest": {"store", "store/kv"},
	"smtpd":           {"store"},
	"pop3d":           {"store"},
	"imapd":           {"store", "imapd/wire"},
	"imapd/wire":      {},
	"api":             {"store", "openapi", "api/compat"},
	"api/compat":      {"store"},
	"openapi":         {},
	"openapi/gen":     {},
	"relay":           {"store"},
	"web":             {},
	"internal/cli":    {},
	"examples":        {},
}

// tops wire the rooms and may import anything but each other's insides.
var tops = []string{"cmd/", "internal/program", "catchposttest", "examples/"}

type pkg struct {
	ImportPath string
	Doc        string
	Name       string
	Imports    []string
	GoFiles    []string
}

// TestImports holds the direction of imports.
func TestImports(t *testing.T) {
	for _, p := range packages(t) {
		name := strings.TrimPrefix(p.ImportPath, module)
		if name == p.ImportPath || slices.ContainsFunc(tops, func(s string) bool { return strings.HasPrefix(name, s) }) {
			continue
		}
		allowed, isLeaf := leaves[name]
		more, isRoom := rooms[name]
		if !isLeaf && !isRoom {
			t.Errorf("%s stands in no row of this test: say what it may import and why", name)
			continue
		}
		for _, imp := range p.Imports {
			imp, ours := strings.CutPrefix(imp, module)
			if !ours || slices.Contains(allowed, imp) || slices.Contains(more, imp) {
				continue
			}
			if _, leaf := leaves[imp]; leaf && isRoom {
				continue
			}
			t.Errorf("%s may not import %s", name, imp)
		}
	}
}

// TestDocs holds that every package has a doc comment.
func TestDocs(t *testing.T) {
	for _, p := range packages(t) {
		if p.Doc == "" && len(p.GoFiles) > 0 {
			t.Errorf("%s has no package comment", p.ImportPath)
		}
	}
}

func packages(t *testing.T) []pkg {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Doc,Name,Imports,GoFiles", "./...").Output()
	if err != nil {
		t.Fatal(err)
	}
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}
