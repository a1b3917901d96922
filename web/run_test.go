package web_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/emersion/go-smtp"

	"github.com/catchpost/catchpost/internal/program"
)

func TestAliases(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/aliases")
	p.sees("No aliases")
	p.button("New alias")
	p.fillIn("input[name=address]", "team@x.test")
	p.fillIn("textarea[name=members]", "anna@x.test\nbudi@x.test")
	p.button("Save")
	p.until(`location.hash.endsWith("/aliases/team@x.test") && document.querySelectorAll(".people-list li").length === 1`)
	p.sees("2 members")

	// A member may be an alias; the view says whom it reaches in the end.
	p.button("New alias")
	p.fillIn("input[name=address]", "all@x.test")
	p.fillIn("textarea[name=members]", "team@x.test\nno address")
	p.sees("In the end 4 addresses:")
	p.button("Save")
	p.until(`document.querySelector(".note.bad")?.innerText.includes("not a mailbox")`)
	p.empty("textarea[name=members]")
	p.press("team@x.test, citra@x.test")
	p.sees("In the end 3 addresses:")
	p.button("Save")
	p.until(`document.querySelectorAll(".people-list li").length === 2`)

	w.send("a@x.test", "all@x.test", plain("a@x.test", "all@x.test", "For everybody", "x"))
	p.open(w.url + "/#/default/mail/budi@x.test/INBOX")
	p.sees("For everybody")

	// Members are edited in place; an alias can be deleted.
	p.open(w.url + "/#/default/aliases/team@x.test")
	p.empty("textarea[name=members]")
	p.press("anna@x.test")
	p.button("Save")
	p.sees("1 member")
	var got struct {
		Aliases []struct {
			Address string
			Members []string
		}
	}
	if w.api("GET", "aliases", nil, &got); len(got.Aliases) != 2 {
		t.Errorf("the API has %+v", got)
	}
	p.button("Delete")
	p.click("dialog .danger")
	p.until(`document.querySelectorAll(".people-list li").length === 1 && location.hash.endsWith("/aliases")`)
	p.clean()
}

// try sends a message and returns what the server said, if not yes.
func (w *world) try(from, to string) error {
	c, err := smtp.Dial(w.Addr("smtp"))
	if err != nil {
		return err
	}
	defer c.Close()
	return c.SendMail(from, []string{to}, strings.NewReader("Subject: x\r\n\r\nx\r\n"))
}

// TestFaults makes the server misbehave from the page, and watches the hits.
func TestFaults(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/faults")
	p.sees("Everything works as it should")
	p.button("New fault")
	p.until(there(".presets"))
	p.click(".preset:first-child")
	p.until(`document.querySelector("input[name=id]").value === "greylist" && document.querySelector("input[name=times]").value === "2"`)
	p.button("Start")
	p.until(`document.querySelector(".table tbody")?.innerText.includes("451 4.7.1 Greylisted")`)
	for i, want := range []string{"451 4.7.1", "451 4.7.1", ""} {
		err := w.try("a@x.test", "b@x.test")
		if (err != nil) != (want != "") || err != nil && !strings.Contains(strings.ReplaceAll(err.Error(), "SMTP error ", ""), want) && !strings.Contains(err.Error(), "Greylisted") {
			t.Errorf("try %d: %v, want %q", i+1, err, want)
		}
	}
	p.until(`document.querySelector(".fault-hits")?.innerText.startsWith("2 of 2") && document.querySelector("tr.spent") !== null`)

	// A rule by hand: where, what, for whom.
	p.button("New fault")
	p.fillIn("input[name=id]", "no such")
	p.empty("input[name=code]")
	p.press("550")
	p.fillIn("input[name=text]", "Never heard of")
	eval[bool](p, `document.querySelector("details.more-fields").open = true`)
	p.fillIn("input[name=forward_path]", "nobody@*")
	eval[bool](p, `document.querySelector("details.more-fields + details.more-fields").open = true`)
	p.until(`document.querySelector(".code pre").innerText.includes('"forward_path":"nobody@*"')`)
	p.button("Start")
	p.until(`document.querySelectorAll(".table tbody tr").length === 2`)
	if err := w.try("a@x.test", "nobody@x.test"); err == nil || !strings.Contains(err.Error(), "Never heard of") {
		t.Errorf("the rule made by hand: %v", err)
	}
	if err := w.try("a@x.test", "b@x.test"); err != nil {
		t.Error(err)
	}

	// Cut after DATA: nothing is stored, and the transcript says why.
	p.button("New fault")
	p.click(".preset:nth-child(3)")
	p.button("Start")
	p.until(`document.querySelectorAll(".table tbody tr").length === 3`)
	before := w.list("").Total
	if err := w.try("a@x.test", "b@x.test"); err == nil {
		t.Error("the connection was not cut")
	}
	if n := w.list("").Total; n != before {
		t.Errorf("%d messages, had %d", n, before)
	}
	p.until(`[...document.querySelectorAll(".fault-hits")].at(-1).innerText.startsWith("1 of 1")`)

	p.button("End greylist")
	p.until(`document.querySelectorAll(".table tbody tr").length === 2`)
	p.button("End all")
	p.click("dialog .danger")
	p.sees("Everything works as it should")
	p.clean()
}

// receiver is a webhook's other end: it remembers bodies, and refuses while told to.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	bodies []string
	status int
}

func newReceiver(t testing.TB) *receiver {
	r := &receiver{status: http.StatusOK}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		body, _ := io.ReadAll(q.Body) // a broken one is an empty one
		r.mu.Lock()
		defer r.mu.Unlock()
		r.bodies = append(r.bodies, string(body))
		w.WriteHeader(r.status)
		_, _ = io.WriteString(w, "thank you")
	}))
	t.Cleanup(r.Close)
	return r
}

func (r *receiver) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.bodies)
}

func TestWebhooks(t *testing.T) {
	b := newBrowser(t)
	hook := newReceiver(t)
	w := newWorld(t, func(o *program.Options) { o.Relay.HookPrivate = true })
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/webhooks")
	p.sees("No webhooks")
	p.button("New webhook")
	p.fillIn("input[type=url]", hook.URL+"/mail")
	p.empty("dialog[open] textarea")
	p.press(`{"to":`)
	p.button("Save")
	p.sees("The filter is not JSON")
	p.empty("dialog[open] textarea")
	p.press(`{"to": "anna@x.test"}`)
	p.button("Save")
	p.sees("The secret is shown this once")
	p.press(kb.Escape)
	p.until(`document.querySelectorAll(".people-list li").length === 1 && document.querySelector(".split-side") !== null`)
	p.sees("Nothing was sent yet.")

	w.send("a@x.test", "anna@x.test", plain("a@x.test", "anna@x.test", "Told", "x"))
	w.send("a@x.test", "budi@x.test", plain("a@x.test", "budi@x.test", "Not told", "x"))
	p.until(`document.querySelector(".attempt .chip.good")?.innerText === "200"`)
	p.click(".attempt summary")
	p.until(`document.querySelector(".attempt[open]")?.innerText.includes("thank you") && document.querySelector(".attempt[open]").innerText.includes("Told")`)
	p.button("Send again")
	p.until(`document.querySelectorAll(".attempt").length === 2`)
	if n := hook.count(); n != 2 {
		t.Errorf("the receiver was told %d times", n)
	}
	p.click(".split-side input[type=checkbox]")
	p.until(`document.querySelector(".people-list .chip").innerText === "Off"`)
	p.button("Remove")
	p.click("dialog .danger")
	p.sees("No webhooks")
	p.clean()
}

func TestSandboxes(t *testing.T) {
	b := newBrowser(t)
	w := newWorld(t, nil)
	p := b.tab(1280, 900, false)
	p.open(w.url + "/#/default/sandboxes")
	p.button("New sandbox")
	p.fillIn("input[name=name]", "Bad Name")
	p.button("Create")
	p.until(there("dialog .note.bad"))
	p.empty("input[name=name]")
	p.press("run-7")
	p.button("Create")
	p.sees("The token is shown this once")
	p.until(`document.querySelector("dialog").innerText.includes("smtp://run-7:cp_")`)
	eval[bool](p, `(() => { navigator.clipboard.writeText = async text => { window.copied = text; }; return true; })()`)
	p.button("Copy as variables")
	p.until(`window.copied.includes("CATCHPOST_SANDBOX=run-7") && window.copied.includes("SMTP_PASSWORD=cp_")`)
	p.button("Open")
	p.until(`location.hash === "#/run-7"`)
	w.send("a@x.test", "b@run-7.catchpost.test", plain("a@x.test", "b@run-7.catchpost.test", "By its address", "x"))
	p.sees("By its address")
	p.open(w.url + "/#/run-7/limits")
	p.fillIn("input[type=number]", "1")
	p.button("Save")
	p.sees("Limits saved")
	w.send("a@x.test", "b@run-7.catchpost.test", plain("a@x.test", "b@run-7.catchpost.test", "Pushes the first out", "x"))
	p.open(w.url + "/#/run-7")
	p.sees("1 pruned")

	// It ends while another looks at it; one made elsewhere appears by itself.
	other := b.tab(1280, 900, false)
	other.open(w.url + "/#/run-7")
	other.sees("Pushes the first out")
	other.until(there(".pulse.live"))
	p.open(w.url + "/#/default/sandboxes")
	p.button("End")
	p.click("dialog .danger")
	p.until(`!document.querySelector(".table tbody").innerText.includes("run-7")`)
	other.until(`document.querySelector(".list [role=alert]")?.innerText.includes("ended")`)
	other.button("All sandboxes…")
	other.until(`location.hash === "#/default/sandboxes"`)
	w.api("POST", "sandboxes", map[string]any{"name": "from-ci"}, nil)
	other.until(`document.querySelector(".table tbody").innerText.includes("from-ci")`)
	p.clean()
}
