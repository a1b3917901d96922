package web_test

import (
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/web"
)

func get(t *testing.T, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, res *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPageIsStrict(t *testing.T) {
	res := get(t, "/")
	policy := res.Header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "script-src 'self';", "frame-ancestors 'none'", "base-uri 'none'"} {
		if !strings.Contains(policy, want) {
			t.Errorf("policy %q lacks %q", policy, want)
		}
	}
	if strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q allows something unsafe", policy)
	}
	page := body(t, res)
	if inline := regexp.MustCompile(`<script(?:\s[^>]*)?>[^<]|\son\w+=|<style`).FindString(page); inline != "" {
		t.Errorf("inline script or style: %q", inline)
	}
	// Relative addresses alone work under any base path.
	if m := regexp.MustCompile(`(?:href|src)="(?:/|https?:)[^"]*"`).FindString(page); m != "" {
		t.Errorf("an address is not relative: %s", m)
	}
}

func TestCaching(t *testing.T) {
	page := body(t, get(t, "/"))
	file := regexp.MustCompile(`assets/\w+/app\.js`).FindString(page)
	if file == "" {
		t.Fatal("the page loads no app.js")
	}
	res := get(t, "/"+file)
	if got := res.Header.Get("Cache-Control"); !strings.Contains(got, "immutable") {
		t.Errorf("Cache-Control of a versioned file: %q", got)
	}
	if got := get(t, "/assets/000000000000/app.js").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control of another version: %q", got)
	}
	if got := get(t, "/").Header.Get("Cache-Control"); got != "no-cache" {
		t.Errorf("Cache-Control of the page: %q", got)
	}
	again := get(t, "/"+file, "If-None-Match", `W/"x", `+res.Header.Get("ETag"))
	if again.StatusCode != http.StatusNotModified {
		t.Errorf("If-None-Match: %s", again.Status)
	}
	plain, packed := get(t, "/"+file), get(t, "/"+file, "Accept-Encoding", "br, gzip;q=0.5")
	z, err := gzip.NewReader(packed.Body)
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(z)
	if err != nil || string(unpacked) != body(t, plain) {
		t.Errorf("gzip is not the file: %v", err)
	}
	if got := get(t, "/"+file, "Accept-Encoding", "gzip;q=0").Header.Get("Content-Encoding"); got != "" {
		t.Errorf("gzip was refused, sent %q", got)
	}
}

func TestNotFound(t *testing.T) {
	for _, path := range []string{"/nothing", "/assets", "/assets/x", "/assets/x/", "/assets/x/index.html", "/assets/x/../embed.go", "/page/app.js"} {
		if res := get(t, path); res.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %s", path, res.Status)
		}
	}
	w := httptest.NewRecorder()
	web.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST: %d", w.Code)
	}
}

var imports = regexp.MustCompile(`(?m)^(?:import|export)[^;]*?from "([^"]+)"`)

var urls = regexp.MustCompile(`url\(["']?([^"')]+)`)

// TestFirstPaint measures what a browser loads, compressed, before the list is
// there: the page, its styles with what they name, and every module that app.js
// imports. The typeface is not among it: it comes afterwards.
func TestFirstPaint(t *testing.T) {
	page := body(t, get(t, "/"))
	queue := []string{}
	for _, m := range regexp.MustCompile(`(?:href|src)="(assets/[^"]+)"`).FindAllStringSubmatch(page, -1) {
		queue = append(queue, "/"+m[1])
	}
	seen := map[string]int{"/": len(body(t, get(t, "/", "Accept-Encoding", "gzip")))}
	for len(queue) > 0 {
		path := queue[0]
		queue = queue[1:]
		if seen[path] != 0 {
			continue
		}
		seen[path] = len(body(t, get(t, path, "Accept-Encoding", "gzip")))
		for _, m := range append(imports.FindAllStringSubmatch(body(t, get(t, path)), -1), urls.FindAllStringSubmatch(body(t, get(t, path)), -1)...) {
			if !strings.HasPrefix(m[1], "data:") {
				queue = append(queue, filepath.Join(filepath.Dir(path), m[1]))
			}
		}
	}
	total := 0
	for path, n := range seen {
		total += n
		if strings.HasSuffix(path, ".woff2") {
			t.Errorf("%s is loaded before the first paint", path)
		}
	}
	t.Logf("first paint: %d files, %d octets compressed", len(seen), total)
	if total > 100_000 {
		t.Errorf("first paint takes %d octets, more than 100,000", total)
	}
}

func modules(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := filepath.WalkDir("page", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Ext(path) != ".js" || strings.Contains(path, "vendor") {
			return err
		}
		b, err := os.ReadFile(path)
		out[path] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestModules holds the rules of the page's house: small modules, one that
// talks HTTP, imports that exist, no address of another host.
func TestModules(t *testing.T) {
	elsewhere := regexp.MustCompile(`["'(\x60](?:https?:)?//[a-z][^"'\s\x60]*`)
	for path, source := range modules(t) {
		if n := strings.Count(source, "\n"); n > 400 {
			t.Errorf("%s has %d lines, more than 400", path, n)
		}
		if path != "page/api.js" && regexp.MustCompile(`\bfetch\(|XMLHttpRequest`).MatchString(source) && !strings.Contains(source, "async fetch(") {
			t.Errorf("%s talks HTTP; api.js alone does", path)
		}
		for _, m := range imports.FindAllStringSubmatch(source, -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(path), m[1])); err != nil {
				t.Errorf("%s imports %s: %v", path, m[1], err)
			}
		}
		for _, at := range elsewhere.FindAllString(source, -1) {
			if !strings.Contains(at, ".test") { // a placeholder to type over
				t.Errorf("%s names another host: %s", path, at)
			}
		}
	}
}

// words reads a language's file: key to text, the plural forms as one.
func words(t *testing.T, source string) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`"([\w.-]+)": ("(?:[^"\\]|\\.)*"|\{[^{}]*(?:\{\w+\}[^{}]*)*\})`).FindAllStringSubmatch(source, -1) {
		if _, twice := out[m[1]]; twice {
			t.Errorf("%q stands twice", m[1])
		}
		out[m[1]] = m[2]
	}
	return out
}

// TestWords holds that every language says all that the page says, with the
// same places to fill in, and nothing that it does not say.
func TestWords(t *testing.T) {
	all := modules(t)
	en, id := words(t, all["page/i18n/en.js"]), words(t, all["page/i18n/id.js"])
	if len(en) < 400 {
		t.Fatalf("read %d words only", len(en))
	}
	delete(all, "page/i18n/en.js")
	delete(all, "page/i18n/id.js")
	places := func(text string) []string {
		found := regexp.MustCompile(`\{\w+\}`).FindAllString(text, -1)
		slices.Sort(found)
		return slices.Compact(found)
	}
	for key, text := range en {
		if other, ok := id[key]; !ok {
			t.Errorf("id.js lacks %q", key)
		} else if !slices.Equal(places(text), places(other)) {
			t.Errorf("%q fills in %v in English, %v in Indonesian", key, places(text), places(other))
		}
	}
	for key := range id {
		if _, ok := en[key]; !ok {
			t.Errorf("en.js lacks %q", key)
		}
	}
	var source strings.Builder
	for path, text := range all {
		source.WriteString(text)
		for _, m := range regexp.MustCompile(`\bt\("([\w.-]+)"[,)]`).FindAllStringSubmatch(text, -1) {
			if _, ok := en[m[1]]; !ok {
				t.Errorf("%s says %q, which no language has", path, m[1])
			}
		}
	}
	// A key is said whole, or put together: t("state." + s).
	together := map[string]bool{}
	for _, m := range regexp.MustCompile(`\bt\("([\w.-]+\.)" \+`).FindAllStringSubmatch(source.String(), -1) {
		together[m[1]] = false
	}
	for key := range en {
		said := strings.Contains(source.String(), `"`+key+`"`)
		for prefix := range together {
			if strings.HasPrefix(key, prefix) {
				said, together[prefix] = true, true
			}
		}
		if !said {
			t.Errorf("nothing says %q", key)
		}
	}
	for prefix, any := range together {
		if !any {
			t.Errorf("no language has a word that begins with %q", prefix)
		}
	}
}
