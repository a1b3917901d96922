// Package filtertest holds the table of the filter grammar: sample mails, and a
// row for each field and operator that holds and one that does not. Every door
// of the product runs it.
package filtertest

import (
	"embed"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

//go:embed testdata
var files embed.FS

// Row is one line of the grammar's table: the same filter in each notation, the
// sample mail it looks at, and whether it holds.
type Row struct {
	Line int    // in testdata/rows.txt
	Mail string // name of a Mail
	// Holds is what Match answers.
	Holds bool
	URL   url.Values
	JSON  map[string]any
	Args  []string
	// Q is the filter in the notation of q.
	Q string
}

func (r Row) String() string {
	return fmt.Sprintf("rows.txt:%d %s %s", r.Line, r.Mail, strings.Join(r.Args, " "))
}

// Facts are what a store decides by itself; rows name them in braces.
type Facts struct {
	ID       string
	Sequence uint64
	Size     int64
}

// Rows returns the table for mails that the store gave these facts, by the
// mail's name.
func Rows(facts map[string]Facts) []Row {
	raw, err := files.ReadFile("testdata/rows.txt")
	if err != nil {
		panic(err) // embedded
	}
	var rows []Row
	for i, line := range strings.Split(string(raw), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		words := strings.SplitN(line, " ", 3)
		r := Row{Line: i + 1, Mail: words[1], Holds: words[0] == "yes", URL: url.Values{}, JSON: map[string]any{}}
		f := facts[r.Mail]
		text := strings.NewReplacer("{id}", f.ID, "{sequence}", strconv.FormatUint(f.Sequence, 10),
			"{size}", strconv.FormatInt(f.Size, 10), `\n`, "\n", `\r`, "\r").Replace(words[2])
		var q []string
		for _, cond := range strings.Split(text, " & ") {
			k, v, _ := strings.Cut(cond, "=")
			r.add(k, v)
			r.Args = append(r.Args, cond)
			q = append(q, inQ(k, v))
		}
		r.Q = strings.Join(q, " ")
		rows = append(rows, r)
	}
	return rows
}

// add puts a condition into the URL and the JSON form: alternatives of an "in"
// as an array, numbers and booleans bare, a repeated key as an array.
func (r *Row) add(k, v string) {
	r.URL.Add(k, v)
	var j any = v
	if n, err := json.Number(v).Int64(); err == nil && strconv.FormatInt(n, 10) == v {
		j = json.Number(v)
	} else if v == "true" || v == "false" {
		j = v == "true"
	}
	if strings.HasSuffix(k, ".in") {
		list := []any{}
		for _, e := range strings.Split(strings.ReplaceAll(v, `\,`, "\x00"), ",") {
			list = append(list, strings.ReplaceAll(e, "\x00", ","))
		}
		j = list
	}
	if old, ok := r.JSON[k]; ok {
		j = []any{old, j}
	}
	r.JSON[k] = j
}

func inQ(k, v string) string {
	if k == "q" {
		return v
	}
	if k == "not.q" {
		return "-" + v // one word only
	}
	return k + `:"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}
