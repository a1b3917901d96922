// Package web is the page: plain ES modules, styles and vendored libraries,
// embedded and served as they are written. It speaks to the public API alone
// and imports no package of ours.
package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"
)

//go:embed all:page
var files embed.FS

// policy lets the page load its own files and nothing else. Frames show mail
// from its own sandboxed route; images may be data: or blob: for attachments
// that are about to be sent.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; connect-src 'self'; " +
	"img-src 'self' data: blob:; media-src 'self' blob:; frame-src 'self'; object-src 'none'; manifest-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// versionMark stands in index.html for the version of the files it loads.
const versionMark = "{{version}}"

// asset is one file, ready to send.
type asset struct {
	mediaType string
	plain     []byte
	packed    []byte // gzip; nil where that is no gain
	etag      string
}

// site is every file, and the version that their addresses carry.
type site struct {
	version string
	assets  map[string]*asset // by path in the page folder
}

var load = sync.OnceValue(newSite)

// newSite reads and packs the embedded files.
func newSite() *site {
	s := &site{assets: map[string]*asset{}}
	all := sha256.New()
	err := fs.WalkDir(files, "page", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := files.ReadFile(name)
		if err != nil {
			return err
		}
		name = strings.TrimPrefix(name, "page/")
		all.Write([]byte(name + "\x00" + strconv.Itoa(len(b)) + "\x00"))
		all.Write(b)
		s.assets[name] = &asset{mediaType: mediaType(name), plain: b}
		return nil
	})
	if err != nil {
		panic("web: reading embedded files: " + err.Error()) // they are in the binary
	}
	s.version = hex.EncodeToString(all.Sum(nil)[:6])
	index := s.assets["index.html"]
	index.plain = bytes.ReplaceAll(index.plain, []byte(versionMark), []byte(s.version))
	for _, a := range s.assets {
		sum := sha256.Sum256(a.plain)
		a.etag = `"` + hex.EncodeToString(sum[:9]) + `"`
		a.packed = pack(a)
	}
	return s
}

// pack compresses text once, at start.
func pack(a *asset) []byte {
	if strings.HasPrefix(a.mediaType, "font/") || strings.HasPrefix(a.mediaType, "image/png") {
		return nil
	}
	var b bytes.Buffer
	z, _ := gzip.NewWriterLevel(&b, gzip.BestCompression) // the level is valid
	_, _ = z.Write(a.plain)                               // a Buffer takes all
	_ = z.Close()
	if b.Len() >= len(a.plain) {
		return nil
	}
	return b.Bytes()
}

var mediaTypes = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".woff2": "font/woff2", ".txt": "text/plain; charset=utf-8",
	".md": "text/plain; charset=utf-8", ".webmanifest": "application/manifest+json",
}

func mediaType(name string) string {
	if t, ok := mediaTypes[path.Ext(name)]; ok {
		return t
	}
	return "application/octet-stream"
}

// Handler serves the page at "/" and its files at "/assets/VERSION/…", where
// VERSION changes with any of them, so that browsers may keep them for ever.
// All addresses in the page are relative: it works under any base path.
func Handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { load().serve(w, r) })
}

func (s *site) serve(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(r.URL.Path, "/")
	keep := "no-cache"
	switch {
	case name == "":
		name = "index.html"
	case name == "favicon.ico", name == "favicon.svg":
		name = "icon.svg"
	default:
		rest, ok := strings.CutPrefix(name, "assets/")
		version, file, found := strings.Cut(rest, "/")
		if !ok || !found || file == "index.html" {
			http.NotFound(w, r)
			return
		}
		if version == s.version {
			keep = "public, max-age=31536000, immutable"
		}
		name = file
	}
	a, ok := s.assets[name]
	if !ok {
		http.NotFound(w, r)
		return
	}
	a.send(w, r, keep)
}

func (a *asset) send(w http.ResponseWriter, r *http.Request, keep string) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
	h.Set("Cache-Control", keep)
	h.Set("ETag", a.etag)
	if matches(r.Header.Get("If-None-Match"), a.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", a.mediaType)
	body := a.plain
	if a.packed != nil {
		h.Set("Vary", "Accept-Encoding")
		if takesGzip(r.Header.Get("Accept-Encoding")) {
			h.Set("Content-Encoding", "gzip")
			body = a.packed
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodGet {
		_, _ = w.Write(body) // the client may have gone
	}
}

// matches compares weakly, RFC 9110 §13.1.2.
func matches(header, etag string) bool {
	for one := range strings.SplitSeq(header, ",") {
		one = strings.TrimPrefix(strings.TrimSpace(one), "W/")
		if one == etag || one == "*" {
			return true
		}
	}
	return false
}

// takesGzip reads Accept-Encoding, RFC 9110 §12.5.3: q=0 refuses.
func takesGzip(header string) bool {
	for one := range strings.SplitSeq(header, ",") {
		coding, params, _ := strings.Cut(strings.TrimSpace(one), ";")
		if strings.TrimSpace(coding) != "gzip" && strings.TrimSpace(coding) != "*" {
			continue
		}
		q, ok := strings.CutPrefix(strings.ReplaceAll(params, " ", ""), "q=")
		if !ok {
			return true
		}
		weight, err := strconv.ParseFloat(q, 64)
		return err == nil && weight > 0
	}
	return false
}
