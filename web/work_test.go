package web_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/emersion/go-imap/v2/imapclient"
)

// catchFiles keeps what the page hands to the user as a file in window.files.
const catchFiles = `(() => {
	window.files = [];
	const make = URL.createObjectURL;
	URL.createObjectURL = blob => { blob.text().then(text => window.files.push({ type: blob.type, text })); return make.call(URL, blob); };
	HTMLAnchorElement.prototype.click = function () { window.names = [...(window.names || []), this.download]; };
	return true;
})()`

// TestManyAtOnce selects several messages and does to them what the bar offers.
func TestManyAtOnce(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	for i := range 5 {
		w.send("a@x.test", "anna@x.test", plain("a@x.test", "anna@x.test", fmt.Sprintf("number %d", i), "From here it begins with From."))
	}
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default")
	p.until(`document.querySelectorAll(".row").length === 5`)
	eval[bool](p, catchFiles)
	pick := func(rows ...int) {
		t.Helper()
		for _, n := range rows {
			eval[bool](p, fmt.Sprintf(`document.querySelector(".row:nth-child(%d) input").click() === undefined`, n))
		}
		p.until(fmt.Sprintf(`document.querySelector(".selection strong")?.innerText === "%d selected"`, len(rows)))
	}
	pick(1, 2)
	p.button("Mark as read")
	p.until(`document.querySelectorAll(".row.unread").length === 3`)
	p.button("Flag")
	p.until(`document.querySelectorAll(".row-flag.on").length === 2`)
	p.button("Tag")
	p.fillIn("dialog[open] input[type=text]", "smoke, release 4")
	p.button("Save")
	p.until(`document.querySelectorAll(".row .chip.tag").length === 4`)
	if l := w.list("tags=release%204&seen=true&flagged=true"); l.Total != 2 {
		t.Errorf("the API finds %d", l.Total)
	}
	p.button("Export")
	p.until(`window.files.length === 1 && window.names[0] === "catchpost-default.mbox"`)
	mbox := eval[string](p, `window.files[0].text`)
	if n := strings.Count(mbox, "\nSubject: number "); n != 2 || !strings.HasPrefix(mbox, "From a@x.test ") {
		t.Errorf("the mbox has %d messages:\n%s", n, mbox)
	}
	p.button("Move")
	p.fillIn("dialog[open] .inline-form input", "Checked")
	p.button("Create")
	p.sees("Moved to Checked")
	p.open(w.url + "/#/default/mail/default/Checked")
	p.until(`document.querySelectorAll(".row").length === 2`)
	p.button("List options")
	p.button("New mailbox")
	p.fillIn("dialog[open] input[name=mailbox]", "Checked/Old")
	p.button("Create")
	p.until(`decodeURIComponent(location.hash).endsWith("/Checked/Old")`)
	p.sees("Nothing here")
	p.button("List options")
	p.button("Delete this mailbox")
	p.click("dialog .danger")
	p.until(`location.hash.endsWith("/INBOX") && ![...document.querySelectorAll(".nav-item")].some(a => a.innerText.includes("Checked/Old"))`)

	// From an account's mailbox they go to Trash, and the evidence stays.
	p.open(w.url + "/#/default/mail/anna@x.test/INBOX")
	p.until(`document.querySelectorAll(".row").length === 5`)
	pick(1)
	p.button("Select all")
	p.sees("5 selected")
	p.button("Delete")
	p.sees("Nothing here")
	if n := w.list("").Total; n != 5 {
		t.Errorf("the evidence has %d messages", n)
	}
	c, err := imapclient.DialInsecure(w.Addr("imap"), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := c.Login("anna@x.test", "any").Wait(); err != nil {
		t.Fatal(err)
	}
	if box, err := c.Select("Trash", nil).Wait(); err != nil || box.NumMessages != 5 {
		t.Errorf("Trash by IMAP: %+v %v", box, err)
	}
	// All that is captured goes for good, after a question.
	p.open(w.url + "/#/default")
	p.until(`document.querySelectorAll(".row").length === 5`)
	p.press("j*#")
	p.sees("Delete 5 messages?")
	p.click("dialog .danger")
	p.sees("Waiting for mail")
	p.clean()
}

// TestDropFiles drops two files on a message that is written.
func TestDropFiles(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/compose?to=anna@x.test&subject=Dropped")
	p.until(there(".compose .token"))
	drag := func(kind string) {
		eval[bool](p, `(() => {
			const data = new DataTransfer();
			data.items.add(new File(["one"], "first.txt", { type: "text/plain" }));
			data.items.add(new File([new Uint8Array([0, 255, 10, 13])], "second.bin"));
			return document.querySelector(".compose").dispatchEvent(new DragEvent("`+kind+`", { dataTransfer: data, bubbles: true, cancelable: true })) || true;
		})()`)
	}
	drag("dragover")
	p.sees("Drop files to attach them")
	drag("drop")
	p.until(`document.querySelectorAll(".compose-files .attachment").length === 2`)
	p.button("Remove first.txt")
	p.until(`document.querySelectorAll(".compose-files .attachment").length === 1`)
	drag("drop")
	p.until(`document.querySelectorAll(".compose-files .attachment").length === 3`)
	p.button("Send")
	p.until(`document.querySelectorAll(".attachments .attachment").length === 3`)
	var m struct {
		Messages []struct {
			Attachments []struct {
				Name string
				Size int
			}
		}
	}
	w.api("GET", "messages?subject=Dropped&include=attachments", nil, &m)
	if a := m.Messages[0].Attachments; len(a) != 3 || a[0].Name != "second.bin" || a[0].Size != 4 || a[1].Name != "first.txt" || a[1].Size != 3 {
		t.Errorf("attachments %+v", a)
	}
	p.clean()
}

// TestDeepLinks loads every address anew, as from a bookmark, and goes back and
// forth between two.
func TestDeepLinks(t *testing.T) {
	b := newBrowser(t)
	w := newStage(t, "/qa/mail")
	p := b.tab(1280, 900, false)
	for _, v := range w.views() {
		p.open("about:blank")
		p.open(w.at(v))
		p.until(v.ready)
		if at := eval[string](p, "location.hash"); at != v.hash {
			t.Errorf("%s became %s", v.hash, at)
		}
	}
	p.open(w.url + "/qa/mail/#/default/sessions?outcome=delivered")
	p.until(`document.querySelector("select").value === "delivered" && document.querySelector(".table tbody tr") !== null`)
	eval[bool](p, `(location.hash = "#/default/contacts") !== ""`)
	p.until(there(".people-list"))
	eval[bool](p, `history.back() === undefined`)
	p.until(`document.querySelector("select")?.value === "delivered"`)
	p.open(w.url + "/qa/mail/#/default/nothinghere")
	p.until(there(".message [role=alert]"))
	p.open(w.url + "/qa/mail/#/no-such-sandbox")
	p.until(there(".list [role=alert]"))
}

// TestLearn adds people of captured mail to the address book, by choice; who is
// written to is learned where the settings say so.
func TestLearn(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	w.api("POST", "contacts", map[string]any{"name": "Anna", "addresses": []string{"anna@x.test"}}, nil)
	w.send("hello@shop.test", "anna@x.test", plain(`"Shop" <hello@shop.test>`, "anna@x.test", "One", "x"))
	w.send("hello@shop.test", "anna@x.test", plain("Budi <budi@x.test>", "anna@x.test", "Two", "x"))
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/contacts")
	eval[bool](p, catchFiles)
	p.button("From mail")
	p.until(`document.querySelectorAll(".learn li").length === 2`)
	eval[bool](p, `[...document.querySelectorAll(".learn li")].find(li => li.innerText.includes("Budi")).querySelector("input").click() === undefined`)
	p.button("Add 1")
	p.until(`document.querySelectorAll(".people-list li").length === 2`)
	p.button("Export vCard")
	p.until(`window.files.length === 1 && window.names[0] === "contacts.vcf"`)
	if text := eval[string](p, "window.files[0].text"); strings.Count(text, "BEGIN:VCARD\r\nVERSION:4.0\r\n") != 2 || !strings.Contains(text, "FN:Budi\r\nEMAIL:budi@x.test\r\n") {
		t.Errorf("the cards are\n%s", text)
	}
	for _, learn := range []bool{false, true} {
		if learn {
			p.open(w.url + "/#/default/settings")
			p.tick("Add people I write to to the contacts")
		}
		p.open(w.url + "/#/default/compose?to=citra@x.test&subject=Hello")
		p.until(there(".compose .token"))
		p.button("Send")
		p.until(`document.querySelector(".message h1")?.innerText === "Hello"`)
		var got struct{ Contacts []struct{ Name string } }
		want := map[bool]int{true: 1}[learn]
		for range 40 { // learning follows the answer
			if w.api("GET", "contacts?q=citra", nil, &got); len(got.Contacts) == want {
				break
			}
			eval[bool](p, `new Promise(r => setTimeout(r, 50, true))`)
		}
		if len(got.Contacts) != want {
			t.Errorf("learn %v: %d contacts", learn, len(got.Contacts))
		}
	}
	p.clean()
}

// tick clicks the label that begins with these words.
func (p *tab) tick(words string) {
	p.t.Helper()
	find := fmt.Sprintf(`[...document.querySelectorAll("label")].find(l => l.innerText.trim().startsWith(%s))?.querySelector("input")`, js(words))
	p.until(find + " !== undefined")
	eval[bool](p, find+`.click() === undefined`)
}

// TestNotices tells of mail that arrives while the page is out of sight, where
// the user and the browser allow it, and opens it from there.
func TestNotices(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	p := b.tab(1000, 800, false)
	p.open(w.url + "/#/default/settings")
	p.until(there(".pulse.live"))
	eval[bool](p, `(() => {
		window.notes = [];
		window.Notification = class { constructor(title, options) { Object.assign(this, options, { title }); window.notes.push(this); } close() {} };
		Notification.permission = "denied";
		Notification.requestPermission = async () => Notification.permission;
		Object.defineProperty(document, "hidden", { get: () => window.away });
		return true;
	})()`)
	p.tick("Tell me of new mail")
	p.sees("The browser does not allow notifications here.")
	eval[bool](p, `(Notification.permission = "granted") !== ""`)
	p.tick("Tell me of new mail")
	p.until(`JSON.parse(localStorage.getItem("catchpost.settings")).notify === true`)
	arrive := func(subject string) {
		w.send("hello@shop.test", "anna@x.test", plain(`"Shop" <hello@shop.test>`, "anna@x.test", subject, "Look at this."))
	}
	arrive("While looking")
	p.until(`document.querySelector(".nav-count")?.innerText === "1"`)
	eval[bool](p, `(window.away = true)`)
	arrive("While away")
	p.until(`window.notes.length === 1`)
	if got := eval[string](p, `notes[0].title + "|" + notes[0].body`); got != "While away|Shop\nLook at this." {
		t.Errorf("the notice says %q", got)
	}
	eval[bool](p, `(window.away = false, notes[0].onclick() === undefined)`)
	p.until(`document.querySelector(".message h1")?.innerText === "While away"`)
	p.clean()
}

// TestDrafts keeps what was written over a reload, and a draft till it is sent.
func TestDrafts(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/compose")
	p.fillIn("#c-to", "anna@x.test,")
	p.fillIn("#c-subject", "Half a letter")
	p.fillIn(".compose-body textarea", "It begins")
	p.until(`(sessionStorage.getItem("catchpost.compose.default") || "").includes("It begins")`)
	eval[bool](p, `location.reload() === undefined`)
	p.until(`document.querySelector("#c-subject")?.value === "Half a letter" && document.querySelector(".token") !== null`)
	// Another message that is begun in between is another one.
	p.open(w.url + "/#/default/compose?to=budi@x.test")
	p.until(`document.querySelector(".token")?.innerText.includes("budi") && document.querySelector("#c-subject").value === ""`)
	eval[bool](p, `history.back() === undefined`)
	p.until(`document.querySelector("#c-subject")?.value === "Half a letter"`)
	p.button("Save draft")
	p.until(`location.hash.includes("/Drafts") && document.querySelectorAll(".row").length === 1`)
	if n := w.list("").Total; n != 0 {
		t.Errorf("a draft counts as captured: %d", n)
	}
	p.open(w.url + "/#/default/compose")
	p.until(`document.querySelector("#c-subject")?.value === ""`)
	eval[bool](p, `history.back() === undefined`)
	p.click(".row-subject")
	p.button("Edit")
	p.until(`document.querySelector("#c-subject")?.value === "Half a letter"`)
	p.fillIn(".compose-body textarea", " and ends.")
	p.button("Save draft")
	p.until(`location.hash.includes("/Drafts") && document.querySelectorAll(".row").length === 1`)
	p.press("j" + "o")
	p.sees("and ends.")
	p.button("Edit")
	p.until(there("#c-subject"))
	p.press(kb.Escape)
	p.button("Discard")
	p.until(there(".row, .empty"))
	p.clean()
}
