package web_test

import (
	"compress/gzip"
	_ "embed"
	"io"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"github.com/catchpost/catchpost/internal/program"
)

//go:embed testdata/axe.min.js.gz
var axePacked []byte

// axe is axe-core; it is put into the page that is judged.
func axe(t *testing.T) string {
	t.Helper()
	z, err := gzip.NewReader(strings.NewReader(string(axePacked)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// accessible fails if axe-core finds something serious in what the tab shows.
func (p *tab) accessible(axe, what string) {
	p.t.Helper()
	eval[bool](p, axe+"; true")
	// Colours on their way to others are neither.
	eval[bool](p, `Promise.all(document.getAnimations().filter(a => a.effect.getTiming().iterations !== Infinity).map(a => a.finished.catch(() => {}))).then(() => true)`)
	found := eval[string](p, `axe.run(document, { iframes: false, resultTypes: ["violations"] }).then(r => r.violations
		.filter(v => ["serious", "critical"].includes(v.impact))
		.map(v => v.id + ": " + v.help + "\n" + v.nodes.slice(0, 4).map(n => "    " + n.html.slice(0, 160) + "  " + (n.any[0]?.message || "")).join("\n")).join("\n"))`)
	if found != "" {
		p.t.Errorf("%s:\n%s", what, found)
	}
}

// states are what views show on the way: dialogs, menus, lists to choose from.
func (s *stage) states() []struct {
	view
	do func(*tab)
} {
	m, press := "#/default/"+s.id+"?tab=text", func(keys string) func(*tab) { return func(p *tab) { p.press(keys) } }
	button := func(words string) func(*tab) { return func(p *tab) { p.button(words) } }
	return []struct {
		view
		do func(*tab)
	}{
		{view{"relay dialog", m, there(".verdicts li")}, button("Relay")},
		{view{"move dialog", m, there("dialog[open] .choice")}, press("v")},
		{view{"tag dialog", m, there("dialog[open] .field")}, press("l")},
		{view{"menu", m, there("[role=menu]")}, button("More actions")},
		{view{"help", m, there("dialog[open] .help")}, press("?")},
		{view{"account picker", "#/default", there("[role=listbox] .picker-item + .picker-item")}, func(p *tab) { p.click(".pickers > :last-child button") }},
		{view{"suggestions", "#/default", there(".offers li")}, func(p *tab) { p.click(".search input") }},
		{view{"selection", "#/default", there(".selection")}, press("jx")},
		{view{"nothing found", "#/default?q=zzzz", there(".empty")}, func(*tab) {}},
		{view{"empty mailbox", "#/default/mail/anna@x.test/Archive", there(".empty")}, func(*tab) {}},
		{view{"empty sandbox", "#/signup-review", there(".empty .code")}, func(*tab) {}},
		{view{"message gone", "#/default/nothing", there(".message [role=alert]")}, func(*tab) {}},
		{view{"compose", "#/default/compose", there(".compose .note.bad")}, button("Send")},
		{view{"learn", "#/default/contacts", there(".learn li")}, button("From mail")},
		{view{"contact", "#/default/contacts/new", there(".editor")}, func(*tab) {}},
		{view{"sandbox dialog", "#/default/sandboxes", there("dialog[open] .field")}, button("New sandbox")},
		{view{"confirm", "#/default/sandboxes", there("dialog[open] .danger")}, button("End")},
		{view{"webhook dialog", "#/default/webhooks", there("dialog[open] textarea")}, button("New webhook")},
		{view{"fault", "#/default/faults/greylist", there(".editor")}, func(*tab) {}},
		{view{"session", "#/default/sessions", there(".split-side .transcript")}, func(p *tab) { p.click(".table .strong") }},
	}
}

// TestAccessible runs axe-core over every view and what it opens, in light and dark.
func TestAccessible(t *testing.T) {
	b := newBrowser(t)
	w := newStage(t, "")
	judge := axe(t)
	for _, scheme := range []string{"light", "dark"} {
		p := b.tab(1280, 900, false)
		p.prefers("prefers-color-scheme", scheme)
		for _, v := range w.views() {
			p.open(w.at(v))
			p.until(v.ready)
			p.accessible(judge, v.name+", "+scheme)
		}
		for _, st := range w.states() {
			p.open("about:blank")
			p.open(w.at(st.view))
			p.until(there("main .view-head, .list-head, .compose"))
			if strings.HasPrefix(st.hash, "#/default/"+w.id) {
				p.until(there(".tab-panel"))
			} else if st.name == "selection" {
				p.until(there(".row"))
			}
			st.do(p)
			p.until(st.ready)
			p.accessible(judge, st.name+", "+scheme)
		}
		p.press(kb.Escape)
		p.clean()
	}
	closed := newWorld(t, func(o *program.Options) { o.Login.AdminToken = "admin_token_1234567890" })
	p := b.tab(1280, 900, false)
	p.open(closed.url + "/")
	p.until(there(".signin form"))
	p.accessible(judge, "sign-in")
}
