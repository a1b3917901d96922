package web_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/emersion/go-smtp"

	"github.com/catchpost/catchpost/internal/program"
	"github.com/catchpost/catchpost/store"
)

// patience bounds one step of a browser test; a slow machine is no failure.
const patience = 30 * time.Second

// plainHost is a name of this machine in the browser: pages that come by plain HTTP
// from another name than localhost are no secure context.
const plainHost = "catchpost.test"

// world is an instance, and a proxy before it that remembers what browsers asked.
type world struct {
	*program.Instance
	t     testing.TB
	proxy *httptest.Server
	url   string
	base  string // base path

	mu      sync.Mutex
	asked   []string
	streams int // open now
	most    int // open at once, ever
}

// needChromium skips unless browser tests are asked for; where CI asks and
// there is no browser, it fails.
func needChromium(t testing.TB) string {
	t.Helper()
	if os.Getenv("CATCHPOST_CLIENTS") == "" && os.Getenv("CATCHPOST_SCREENSHOTS") == "" {
		t.Skip("browser tests run with CATCHPOST_CLIENTS=1")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("no Chromium is installed")
	}
	t.Skip("no Chromium is installed")
	return ""
}

func newWorld(t testing.TB, change func(*program.Options)) *world {
	t.Helper()
	in, err := program.StartEphemeral(context.Background(), change)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Instance: in, t: t}
	target := &url.URL{Scheme: "http", Host: in.Addr("http")}
	forward := httputil.NewSingleHostReverseProxy(target)
	forward.FlushInterval = -1
	w.proxy = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		stream := strings.HasSuffix(r.URL.Path, "/v1/events")
		w.note(r.URL.RequestURI(), stream, 1)
		if stream {
			defer w.note("", true, -1)
		}
		forward.ServeHTTP(rw, r)
	}))
	forward.ErrorHandler = func(rw http.ResponseWriter, _ *http.Request, _ error) { rw.WriteHeader(http.StatusBadGateway) }
	w.url = w.proxy.URL
	t.Cleanup(func() {
		w.proxy.CloseClientConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		defer cancel()
		_ = in.Shutdown(ctx)
		w.proxy.Close()
	})
	return w
}

func (w *world) note(path string, stream bool, by int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if path != "" {
		w.asked = append(w.asked, path)
	}
	if stream {
		w.streams += by
		w.most = max(w.most, w.streams)
	}
}

// send hands a message to the SMTP server.
func (w *world) send(from, to, data string) {
	w.t.Helper()
	c, err := smtp.Dial(w.Addr("smtp"))
	if err != nil {
		w.t.Fatal(err)
	}
	defer c.Close()
	if err := c.Hello("app-1.shop.test"); err != nil {
		w.t.Fatal(err)
	}
	if err := c.SendMail(from, strings.Split(to, ","), strings.NewReader(strings.ReplaceAll(data, "\n", "\r\n"))); err != nil {
		w.t.Fatal(err)
	}
	_ = c.Quit()
}

// plain is a short message.
func plain(from, to, subject, body string) string {
	return fmt.Sprintf("From: %s\nTo: %s\nSubject: %s\nDate: Mon, 23 Nov 2026 09:00:00 +0000\nMessage-ID: <%d@shop.test>\n\n%s\n", from, to, subject, time.Now().UnixNano(), body)
}

// api asks the API and decodes its answer into out, if out is not nil.
func (w *world) api(method, path string, body, out any) {
	w.t.Helper()
	var in io.Reader
	if body != nil {
		b, err := json.Marshal(body)
		if err != nil {
			w.t.Fatal(err)
		}
		in = bytes.NewReader(b)
	}
	req, err := http.NewRequest(method, w.url+w.base+"/v1/"+path, in)
	if err != nil {
		w.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if t := w.Options.Login.AdminToken; t != "" {
		req.Header.Set("Authorization", "Bearer "+t)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode >= 300 {
		w.t.Fatalf("%s %s: %s %v\n%s", method, path, res.Status, err, answer)
	}
	if out != nil {
		if err := json.Unmarshal(answer, out); err != nil {
			w.t.Fatal(err)
		}
	}
}

// browser is one Chromium with a profile of its own.
type browser struct {
	t   testing.TB
	ctx context.Context
}

func newBrowser(t testing.TB) *browser {
	t.Helper()
	path := needChromium(t)
	flags := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.Flag("disable-gpu", true), chromedp.UserDataDir(t.TempDir()),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("host-resolver-rules", "MAP "+plainHost+" 127.0.0.1"), chromedp.Flag("force-color-profile", "srgb"), chromedp.Flag("lang", "en-US"), chromedp.Env("LANGUAGE=en_US", "TZ=UTC"),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), flags...)
	t.Cleanup(cancel)
	first, cancelFirst := chromedp.NewContext(ctx)
	t.Cleanup(cancelFirst)
	if err := chromedp.Do(first); err != nil {
		t.Fatal(err)
	}
	return &browser{t: t, ctx: first}
}

// tab is one page of a browser, and what it did.
type tab struct {
	t   testing.TB
	ctx context.Context

	mu       sync.Mutex
	problems []string // exceptions and refusals
	requests []string
}

func (b *browser) tab(width, height int64, mobile bool) *tab {
	b.t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	b.t.Cleanup(cancel)
	if err := chromedp.Do(ctx); err != nil {
		b.t.Fatal(err)
	}
	p := &tab{t: b.t, ctx: ctx}
	if err := chromedp.Listen(ctx, p.notice); err != nil {
		b.t.Fatal(err)
	}
	size := []chromedp.EmulateViewportOption{}
	if mobile {
		size = append(size, chromedp.EmulateMobile, chromedp.EmulateTouch, chromedp.EmulateScale(2))
	}
	p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		if _, err := cdp.Call(ctx, t, network.Enable, network.EnableParams{}); err != nil {
			return err
		}
		_, err := cdp.Call(ctx, t, runtime.Enable, cdp.Empty{})
		return err
	}), chromedp.EmulateViewport(width, height, size...))
	return p
}

func (p *tab) notice(ev any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch e := ev.(type) {
	case *runtime.EventExceptionThrown:
		text := e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
		p.problems = append(p.problems, text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == "error" {
			p.problems = append(p.problems, fmt.Sprintf("console.error %s", e.Args[0].Value))
		}
	case *network.EventRequestWillBeSent:
		p.requests = append(p.requests, e.Request.URL)
	}
}

func (p *tab) run(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, actions...); err != nil {
		p.fail("%v", err)
	}
}

// fail ends the test with what the page says.
func (p *tab) fail(format string, args ...any) {
	p.t.Helper()
	text, _ := chromedp.Run(p.ctx, chromedp.Evaluate[string](`location.hash + "\n" + document.body.innerText.slice(0, 3000)`))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.t.Fatalf(format+"\nproblems: %s\nthe page says:\n%s", append(args, strings.Join(p.problems, "\n"), text)...)
}

func (p *tab) open(address string) {
	p.t.Helper()
	p.run(chromedp.Navigate(address))
}

// until waits for a JavaScript expression to hold.
func (p *tab) until(expression string) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	wait := fmt.Sprintf(`new Promise((held, no) => {
		const end = Date.now() + %d;
		const look = () => {
			let yes = false;
			try { yes = %s; } catch {}
			yes ? held(true) : Date.now() > end ? no(new Error("too late")) : setTimeout(look, 25);
		};
		look();
	})`, (patience - 2*time.Second).Milliseconds(), expression)
	for {
		_, err := chromedp.Run(ctx, chromedp.Evaluate[bool](wait, chromedp.EvalAwaitPromise))
		if err == nil {
			return
		}
		moved := strings.Contains(err.Error(), "navigated") || strings.Contains(err.Error(), "context")
		if ctx.Err() != nil || !moved {
			p.fail("never came true: %s\n%v", expression, err)
		}
	}
}

// sees waits for text on the page.
func (p *tab) sees(text string) {
	p.t.Helper()
	quoted, _ := json.Marshal(text) // a string marshals
	p.until(fmt.Sprintf(`document.body.innerText.includes(%s)`, quoted))
}

func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.ctx, patience)
	defer cancel()
	out, err := chromedp.Run(ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.fail("%s: %v", expression, err)
	}
	return out
}

func (p *tab) click(selector string) {
	p.t.Helper()
	quoted, _ := json.Marshal(selector) // a string marshals
	p.until(fmt.Sprintf(`document.querySelector(%s) !== null`, quoted))
	p.run(chromedp.Click(chromedp.CSS(selector)))
}

// press types keys into whatever has the focus.
func (p *tab) press(keys string) {
	p.t.Helper()
	p.run(chromedp.KeyEvent(keys))
}

// clean fails if the page threw, logged an error, or asked another host.
func (p *tab) clean() {
	p.t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.problems) > 0 {
		p.t.Errorf("the page had problems:\n%s", strings.Join(p.problems, "\n"))
	}
	for _, request := range p.requests {
		at, err := url.Parse(request)
		if err != nil || strings.HasPrefix(at.Scheme, "http") && at.Hostname() != "127.0.0.1" {
			p.t.Errorf("a request went to another host: %s", request)
		}
	}
}

// prefers sets a media feature, such as prefers-color-scheme.
func (p *tab) prefers(feature, value string) {
	p.t.Helper()
	p.run(chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: feature, Value: value}}})
		return err
	}))
}

// fillMany delivers n short messages straight into the store, "number 1" to
// "number n", one after the other: they arrive in that order.
func fillMany(t testing.TB, w *world, n int) {
	t.Helper()
	for i := 1; i <= n; i++ {
		octets := w.Store.NewOctets()
		_, _ = fmt.Fprintf(octets, "From: a@x.test\r\nTo: b@x.test\r\nSubject: number %d\r\n\r\nx\r\n", i) // kept in memory
		_, err := w.Store.Deliver(context.Background(), store.Delivery{Origin: "smtp", ReversePath: "a@x.test", ForwardPaths: []string{"b@x.test"}, Octets: octets})
		octets.Discard()
		if err != nil {
			t.Fatal(err)
		}
	}
}
