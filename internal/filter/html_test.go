package filter_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/filter/filtertest"
	"github.com/catchpost/catchpost/internal/model"
)

func matches(t *testing.T, query, html string) bool {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	f, err := filter.ParseURL(v, now)
	if err != nil {
		t.Fatal(err)
	}
	held, err := f.Match(filtertest.Of(model.Message{HTML: &html}))
	if err != nil {
		t.Fatal(err)
	}
	return held
}

func TestElements(t *testing.T) {
	const html = `<table><tr><td>A</td><td id=b class="x y">B  <i>C</i>d</td></tr></table><p>one<br>two</p><ul><li>1<li>2<li>3</ul><input disabled>`
	for _, c := range []struct {
		query string
		want  bool
	}{
		{"elements.css=table td %2B td", true},
		{"elements.css=table > td", false},
		{"elements.css=tbody > tr > td.x.y%23b", true},
		{"elements.css=td ~ td i", true},
		{"elements.css=i ~ td", false},
		{"elements.css=ul > li:nth-child(2n%2B1):last-child", true},
		{"elements.css=td:not(.x), td:not(.z)", true},
		{"elements.css=td:not([class])", true},
		{"elements.css=[class~='y'][id=\"b\"]", true},
		{"elements.css=p > br", true},
		{"elements.css=:root body", true},
		{"elements.css=td.x&elements.text.eq=B Cd", true},
		{"elements.css=p&elements.text.eq=one two", true},
		{"elements.css=ul&elements.text.eq=1 2 3", true},
		{"elements.attr.DISABLED.exists=true", true},
		{"elements.css=input&elements.attr.disabled.exists=false", false},
	} {
		if got := matches(t, c.query, html); got != c.want {
			t.Errorf("%s: %v", c.query, got)
		}
	}
}

// Hostile HTML and hostile selectors cost no more than elements times steps.
func TestElementsAreBounded(t *testing.T) {
	deep := strings.Repeat("<b>", 500) + strings.Repeat("word ", 100_000)
	wide := strings.Repeat("<i></i>", 100_000)
	begun := time.Now()
	for _, html := range []string{deep, wide, strings.Repeat("<b>", 10_000), strings.Repeat("<p", 1_000_000)} {
		matches(t, "elements.css="+strings.Repeat("b ", 60)+"z", html)
		matches(t, "elements.css="+strings.Repeat("i ~ ", 60)+"z", html)
		matches(t, "elements.css=i:nth-last-child(17):has(z)", html)
		matches(t, "elements.text=zebra", html)
	}
	t.Logf("%s", time.Since(begun))
}
