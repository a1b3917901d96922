package api

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"testing"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/store"
)

// TestEveryStoreErrorHasACode reads the store's errors from its source, so that
// a new one cannot be forgotten here.
func TestEveryStoreErrorHasACode(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "../store/errors.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			declared += len(spec.Names)
		}
		return true
	})
	if declared != len(storeCodes) {
		t.Errorf("store declares %d errors, storeCodes has %d", declared, len(storeCodes))
	}
	for _, c := range storeCodes {
		if p := problemOf(fmt.Errorf("look: %w", c.err)); p.code != c.code {
			t.Errorf("%v is %s, want %s", c.err, p.code, c.code)
		}
	}
}

func TestProblemOf(t *testing.T) {
	for _, tt := range []struct {
		err  error
		code string
	}{
		{&filter.Error{Code: "bad_operator", Param: "size.prefix"}, "bad_operator"},
		{&filter.Error{Code: "never heard"}, "bad_value"},
		{errors.New("secret path /x/y"), "internal"},
		{errCutShort, "shutting_down"},
		{fmt.Errorf("deep: %w", store.ErrSandboxEnded), "sandbox_ended"},
	} {
		p := problemOf(tt.err)
		if p.code != tt.code {
			t.Errorf("%v is %s, want %s", tt.err, p.code, tt.code)
		}
		if p.code == "internal" && p.detail != "the request could not be served" {
			t.Errorf("the cause leaks: %q", p.detail)
		}
	}
	for _, c := range []string{"internal", "bad_token", "no_match"} {
		if kinds[c].help == "" || kinds[c].status == 0 {
			t.Errorf("%s is not explained", c)
		}
	}
}

func TestDisposition(t *testing.T) {
	for in, want := range map[string]string{
		"":                   `attachment`,
		"terms.pdf":          `attachment; filename="terms.pdf"`,
		"../../etc/passwd":   `attachment; filename="passwd"`,
		`C:\temp\a.txt`:      `attachment; filename="a.txt"`,
		".bashrc":            `attachment; filename="bashrc"`,
		"a\"b.txt":           `attachment; filename="a_b.txt"; filename*=UTF-8''a%22b.txt`,
		"a\r\nSet-Cookie: x": `attachment; filename="aSet-Cookie: x"`,
		"Rechnung März.pdf":  `attachment; filename="Rechnung M_rz.pdf"; filename*=UTF-8''Rechnung%20M%C3%A4rz.pdf`,
		"exe\u202efdp.txt":   `attachment; filename="exefdp.txt"`,
		"50%.txt":            `attachment; filename="50_.txt"; filename*=UTF-8''50%25.txt`,
		"請求書.pdf":            `attachment; filename="___.pdf"; filename*=UTF-8''%E8%AB%8B%E6%B1%82%E6%9B%B8.pdf`,
	} {
		if got := disposition(false, in); got != want {
			t.Errorf("%q:\n got %s\nwant %s", in, got, want)
		}
	}
}

func TestParseDuration(t *testing.T) {
	for in, code := range map[string]string{
		"10s": "", "500ms": "", "5m": "", "5m1s": "bad_duration", "10": "bad_duration", "-1s": "bad_duration",
		"soon": "bad_duration", "": "bad_duration", "1e3s": "bad_duration",
	} {
		_, err := parseDuration("wait", in, 5*60e9)
		got := ""
		if err != nil {
			got = problemOf(err).code
		}
		if got != code {
			t.Errorf("%q: %q, want %q (%v)", in, got, code, err)
		}
	}
}
