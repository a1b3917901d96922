package web_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// TestEightTabs: eight tabs of one browser work and share one event stream, in a
// page without secure context as well.
func TestEightTabs(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	var tabs []*tab
	for range 8 {
		p := b.tab(1000, 700, false)
		p.open(strings.Replace(w.url, "127.0.0.1", plainHost, 1) + "/#/default")
		p.until(there(".pulse.live") + ` && !isSecureContext`)
		tabs = append(tabs, p)
	}
	w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "To all tabs", "x"))
	for _, p := range tabs {
		p.until(`document.querySelector(".row-subject")?.innerText.includes("To all tabs")`)
	}
	w.oneStream()
	// The tab that was first goes; the others hear on.
	tabs[0].open("about:blank")
	w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "After the first left", "x"))
	for _, p := range tabs[1:] {
		p.until(`document.querySelector(".row-subject")?.innerText.includes("After the first left")`)
	}
}

// TestTabsOnManySandboxes: eight tabs on eight sandboxes share one stream; each
// sees its own mail and no other's, also what came while the connection was cut and
// after the tab that was first has gone.
func TestTabsOnManySandboxes(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	var tabs []*tab
	for i := range 8 {
		name := fmt.Sprintf("box-%d", i)
		w.api("POST", "sandboxes", map[string]any{"name": name}, nil)
		p := b.tab(1000, 700, false)
		p.open(w.url + "/#/" + name)
		p.until(there(".pulse.live"))
		tabs = append(tabs, p)
	}
	sent := 0
	toEach := func() {
		sent++
		for i := range tabs {
			to := fmt.Sprintf("b@box-%d.catchpost.test", i)
			w.send("a@x.test", to, plain("a@x.test", to, fmt.Sprintf("Mail %d to box %d", sent, i), "x"))
		}
	}
	seen := func(first int) {
		t.Helper()
		for i, p := range tabs[first:] {
			p.until(fmt.Sprintf(`document.querySelectorAll(".row").length === %d && document.querySelector(".row-subject").innerText.includes("Mail %d to box %d")`, sent, sent, first+i))
		}
	}
	toEach()
	seen(0)
	w.oneStream()

	w.proxy.CloseClientConnections()
	toEach()
	seen(0)
	w.oneStream()

	tabs[0].run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, page.Close, cdp.Empty{})
		return err
	}))
	toEach()
	seen(1)
	w.oneStream()

	tabs[7].open(w.url + "/#/box-7/sandboxes")
	tabs[7].sees("box-6")
	w.api("POST", "sandboxes", map[string]any{"name": "made-later"}, nil)
	tabs[7].sees("made-later")
	for _, p := range tabs[1:] {
		p.clean()
	}
}

// oneStream fails unless one event stream is open at the server, and was ever.
func (w *world) oneStream() {
	w.t.Helper()
	res, err := http.Get(w.url + "/metrics")
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || !strings.Contains(string(text), "\ncatchpost_http_waits 1\n") {
		w.t.Errorf("not one stream at the server: %v %s", err, regexp.MustCompile(`(?m)^catchpost_http_waits .*`).Find(text))
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.most != 1 || w.streams != 1 {
		w.t.Errorf("%d streams are open, %d were at once", w.streams, w.most)
	}
}

// TestNoSharedWorker: a browser without shared workers, and one that cannot load
// ours, reads a stream in the tab that is looked at.
func TestNoSharedWorker(t *testing.T) {
	for _, script := range []string{
		`delete window.SharedWorker`,
		`window.SharedWorker = class extends SharedWorker { constructor(at, options) { super(at + ".gone", options); } }`,
	} {
		b := newBrowser(t)
		w := newWorld(t, nil)
		p := b.tab(1000, 700, false)
		p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
			_, err := cdp.Call(ctx, t, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: script})
			return err
		}))
		p.open(w.url + "/#/default")
		p.until(there(".pulse.live"))
		w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "Looked at", "x"))
		p.until(`document.querySelectorAll(".row").length === 1`)
		turn := func(hidden bool) {
			eval[bool](p, fmt.Sprintf(`(Object.defineProperty(document, "hidden", { get: () => %v, configurable: true }), document.dispatchEvent(new Event("visibilitychange")))`, hidden))
		}
		turn(true)
		w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "Not looked at", "x"))
		turn(false)
		p.until(`document.querySelectorAll(".row").length === 2`)
		w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "Again", "x"))
		p.until(`document.querySelectorAll(".row").length === 3`)
	}
}
