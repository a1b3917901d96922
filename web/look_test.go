package web_test

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"image"
	"image/png"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// dot is the smallest image.
func dot() []byte {
	var b bytes.Buffer
	_ = png.Encode(&b, image.NewGray(image.Rect(0, 0, 3, 3))) // a Buffer takes all
	return b.Bytes()
}

// TestPreview asks for remote content, looks at three widths, and at mail as in
// the dark.
func TestPreview(t *testing.T) {
	b := newBrowser(t)
	asked := make(chan string, 100)
	far := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.URL.Path
		w.Header().Set("Content-Type", "image/png")
		_, _ = w.Write(dot())
	}))
	defer far.Close()
	w := newWorld(t, nil)
	w.send("a@x.test", "b@x.test", "From: a@x.test\nTo: b@x.test\nSubject: Remote\nMIME-Version: 1.0\nContent-Type: text/html\n\n<p>Look:</p><img src=\""+far.URL+"/pixel.png\">\n")
	p := b.tab(1440, 900, false)
	p.open(w.url + "/")
	p.click(".row-subject")
	p.until(there(".preview iframe.loaded"))
	p.sees("Remote content is blocked.")
	if n := len(asked); n != 0 {
		t.Errorf("the other host was asked %d times before it was allowed", n)
	}
	p.button("Show it")
	p.sees("Remote content is shown.")
	select {
	case <-asked:
	case <-time.After(patience):
		t.Error("remote content was asked for and does not come")
	}
	for name, width := range map[string]int{"Phone": 390, "Tablet": 768} {
		p.button(name)
		p.until(fmt.Sprintf(`Math.round(document.querySelector(".preview iframe").getBoundingClientRect().width) === %d`, width))
	}
	p.button("Desktop")
	p.until(`document.querySelector(".preview").clientWidth === document.querySelector(".preview iframe").clientWidth`)
	p.button("Preview as in the dark")
	p.until(`getComputedStyle(document.querySelector(".preview iframe")).colorScheme === "dark"`)
	p.clean()
}

// tone is a second of silence as WAVE.
func tone() []byte {
	const rate = 8000
	b := []byte("RIFF\x00\x00\x00\x00WAVEfmt ")
	b = binary.LittleEndian.AppendUint32(b, 16)
	for _, v := range []uint16{1, 1, rate, 0, rate, 0, 1, 8} { // PCM, mono, rate and octets a second (two halves each)
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(append(b, "data"...), rate)
	b = append(b, bytes.Repeat([]byte{128}, rate)...)
	binary.LittleEndian.PutUint32(b[4:], uint32(len(b)-8))
	return b
}

// TestAttachmentsShown opens each kind that a browser can show.
func TestAttachmentsShown(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	parts := []struct {
		name, media, shows string
		content            []byte
	}{
		{"dot.png", "image/png", `document.querySelector("dialog img")?.naturalWidth === 3`, dot()},
		{"tone.wav", "audio/wav", `document.querySelector("dialog audio")?.duration === 1`, tone()},
		{"notes.txt", "text/plain", `document.querySelector("dialog pre")?.innerText === "plain words"`, []byte("plain words")},
		{"data.json", "application/json", `document.querySelector("dialog pre")?.innerText === "{\"a\":1}"`, []byte(`{"a":1}`)},
		{"call.ics", "text/calendar", `document.querySelector("dialog .calendar")?.innerText.includes("Call, again")`, []byte("BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Call\\, \r\n again\r\nDTSTART:20261124T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n")},
		{"page.pdf", "application/pdf", there("dialog iframe.pdf"), []byte("%PDF-1.4\n%%EOF\n")},
		{"thing.bin", "application/octet-stream", "", []byte{0, 1}},
	}
	var m strings.Builder
	m.WriteString("From: a@x.test\nTo: b@x.test\nSubject: All kinds\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nSee below.\n")
	for _, p := range parts {
		fmt.Fprintf(&m, "--b\nContent-Type: %s; name=%s\nContent-Disposition: attachment; filename=%[2]s\nContent-Transfer-Encoding: base64\n\n%s\n", p.media, p.name, wrap(p.content))
	}
	w.send("a@x.test", "b@x.test", m.String()+"--b--\n")
	p := b.tab(1280, 900, false)
	p.open(w.url + "/")
	p.click(".row-subject")
	for i, part := range parts {
		button := fmt.Sprintf(`document.querySelectorAll(".attachment-open")[%d]`, i)
		p.until(button + ` !== undefined`)
		if part.shows == "" {
			if !eval[bool](p, button+".disabled") {
				t.Errorf("%s can be opened", part.name)
			}
			continue
		}
		eval[bool](p, button+".click() === undefined")
		p.until(part.shows)
		if hash := eval[string](p, "location.hash"); !strings.Contains(hash, "part=") {
			t.Errorf("%s: no deep link: %s", part.name, hash)
		}
		p.press(kb.Escape)
		p.until(`!document.querySelector("dialog[open]")`)
	}
	p.clean()
}

// TestCopies copies what one copies: a code, a link, an address.
func TestCopies(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	fill(w)
	id := w.list("subject.prefix=Welcome").Messages[0].ID
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/" + id + "?tab=finds")
	p.until(there(".codes"))
	eval[bool](p, `(() => { navigator.clipboard.writeText = async text => { window.copied = text; }; return true; })()`)
	p.click(".code-big")
	p.until(`window.copied === "482913"`)
	p.sees("Copied")
	p.click(".links .icon-button")
	p.until(`window.copied.startsWith("https://shop.test/verify/")`)
	p.click("#tab-assert")
	p.click(".assert section:nth-of-type(2) .icon-button")
	p.until(`window.copied.startsWith("curl -fsS '` + w.url + `/v1/assert?sandbox=default'") && window.copied.includes('"not.body":"{{"')`)
	p.clean()
}

// TestLanguageAndDirection: Indonesian by choice, right-to-left mail in its direction.
func TestLanguageAndDirection(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	fill(w)
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default?q=from.contains%3Anoam")
	p.until(`getComputedStyle(document.querySelector(".row-subject")).direction === "rtl"`)
	p.click(".row-subject")
	p.until(`getComputedStyle(document.querySelector(".message h1")).direction === "rtl" && getComputedStyle(document.querySelector(".text [dir]")).direction === "rtl"`)
	p.open(w.url + "/#/default/settings")
	p.until(there("select[name=language]"))
	eval[bool](p, `(() => { const s = document.querySelector("select[name=language]"); s.value = "id"; return s.dispatchEvent(new Event("change", { bubbles: true })); })()`)
	p.sees("Pengaturan")
	p.sees("Kotak masuk")
	if lang := eval[string](p, "document.documentElement.lang"); lang != "id" {
		t.Errorf("lang is %q", lang)
	}
	p.open("about:blank")
	p.open(w.url + "/#/default")
	p.sees("Semua surat")
	p.sees("11 pesan")
	p.clean()
}

// TestServerAway: a server that does not answer is said, what was written is
// kept, and trying again goes on.
func TestServerAway(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "Before", "x"))
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/compose?to=anna@x.test&subject=Kept")
	p.until(there(".compose .token"))
	eval[bool](p, `(window.real = fetch, window.fetch = async () => { throw new TypeError("gone"); }, true)`)
	p.button("Send")
	p.sees("Catchpost does not answer")
	p.until(`document.querySelector("#c-subject").value === "Kept" && !document.querySelector(".compose .primary").disabled`)
	eval[bool](p, `(location.hash = "#/default/contacts") !== ""`)
	p.until(`document.querySelector("[role=alert]")?.innerText.includes("It may have stopped")`)
	eval[bool](p, `(window.fetch = window.real, true)`)
	p.button("Try again")
	p.sees("No contacts yet")
	w.proxy.CloseClientConnections()
	w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "After", "x"))
	eval[bool](p, `(location.hash = "#/default") !== ""`)
	p.until(`document.querySelectorAll(".row").length === 2`)
	p.until(there(".pulse.live"))
	w.send("a@x.test", "b@x.test", plain("a@x.test", "b@x.test", "Live again", "x"))
	p.until(`document.querySelectorAll(".row").length === 3`)
}
