package compat

import (
	"net/http"
	"slices"
	"strings"

	"github.com/andybalholm/cascadia"
	"golang.org/x/net/html"
)

// Mailpit's answer of html-check.
type htmlReport struct {
	Warnings  []htmlWarning
	Platforms map[string][]string
	Total     htmlTotal
}

type htmlWarning struct {
	Slug, Title, Description, URL, Category string
	Tags                                    []string
	Keywords                                string
	Results                                 []htmlResult
	NotesByNumber                           map[string]string
	Score                                   htmlScore
}

type htmlResult struct{ Name, Platform, Family, Version, Support, NoteNumber string }

type htmlScore struct {
	Found                           int
	Supported, Partial, Unsupported float32
}

type htmlTotal struct {
	Tests, Nodes                    int
	Supported, Partial, Unsupported float32
}

// maxCheckedHTML bounds the HTML that is looked into, in octets.
const maxCheckedHTML = 2 << 20

func (c *call) htmlCheck() error {
	_, v, err := c.findOpen()
	if err != nil {
		return err
	}
	doc, ok := v.HTML()
	if !ok {
		return bad("message does not contain HTML")
	}
	if len(doc) > maxCheckedHTML {
		return &failure{http.StatusRequestEntityTooLarge, "the HTML is larger than 2 MiB"}
	}
	report, err := checkHTML(doc)
	if err != nil {
		return err
	}
	return c.json(report)
}

// checkHTML finds the features of an HTML mail and says which clients know them.
func checkHTML(doc string) (*htmlReport, error) {
	data, err := features()
	if err != nil {
		return nil, err
	}
	root, err := html.Parse(strings.NewReader(doc))
	if err != nil {
		return nil, bad("the HTML cannot be read: %v", err)
	}
	page := readSheet(root, doc)
	out := &htmlReport{Warnings: []htmlWarning{}, Platforms: data.platforms, Total: htmlTotal{Tests: len(data.tests) + 1, Nodes: max(1, len(page.nodes))}}
	if n := len(cascadia.QueryAll(root, scripts)); n > 0 {
		out.Warnings = append(out.Warnings, scriptWarning(n))
	}
	for i := range data.tests {
		t := &data.tests[i]
		found := t.find(page)
		if found == 0 {
			continue
		}
		w := t.warning
		w.Score.Found = found
		if w.Score.Partial+w.Score.Unsupported > 0 {
			out.Warnings = append(out.Warnings, w)
		}
	}
	out.total()
	return out, nil
}

var scripts = cascadia.MustCompile(`script:not([type="application/ld+json"]):not([type="application/json"])`)

func scriptWarning(n int) htmlWarning {
	return htmlWarning{
		Slug: "html-script", Title: "<script> element", Description: "Mail clients run no scripts.", Category: "html", Tags: []string{},
		Results: []htmlResult{}, NotesByNumber: map[string]string{}, Score: htmlScore{Found: n, Unsupported: 100},
	}
}

// total is what the worst warnings leave, each weighed by its share of the nodes,
// the worst first.
func (r *htmlReport) total() {
	weight := func(w *htmlWarning) float32 { return min(1, float32(w.Score.Found)/float32(r.Total.Nodes)) }
	for i := range r.Warnings {
		w := &r.Warnings[i]
		r.Total.Partial = max(r.Total.Partial, w.Score.Partial*weight(w))
		r.Total.Unsupported = max(r.Total.Unsupported, w.Score.Unsupported*weight(w))
	}
	r.Total.Partial = min(r.Total.Partial, 100-r.Total.Unsupported)
	r.Total.Supported = 100 - r.Total.Partial - r.Total.Unsupported
	slices.SortStableFunc(r.Warnings, func(a, b htmlWarning) int {
		x, y := (a.Score.Unsupported+a.Score.Partial)*weight(&a), (b.Score.Unsupported+b.Score.Partial)*weight(&b)
		switch {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return strings.Compare(a.Slug, b.Slug)
	})
}
