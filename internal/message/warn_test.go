package message

import (
	"os"
	"regexp"
	"slices"
	"testing"
)

// TestWarningTables holds the three lists of codes to one another.
func TestWarningTables(t *testing.T) {
	read := func(file, pattern string) (codes []string) {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range regexp.MustCompile(pattern).FindAllSubmatch(text, -1) {
			codes = append(codes, string(m[1]))
		}
		slices.Sort(codes)
		return codes
	}
	want := read("warn.go", `Warn\w+\s+= "(\w+)"`)
	for file, pattern := range map[string]string{"doc.go": `(?m)^//\t(\w+) {2,}`, "../../docs/warnings.md": "(?m)^\\| `(\\w+)` \\|"} {
		if got := read(file, pattern); !slices.Equal(got, want) {
			t.Errorf("%s:\n got %q\nwant %q", file, got, want)
		}
	}
}
