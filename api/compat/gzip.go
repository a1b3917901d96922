package compat

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
)

// gzipFrom is the length from which a body is worth it.
const gzipFrom = 1 << 10

var gzipWriters = sync.Pool{New: func() any {
	w, _ := gzip.NewWriterLevel(io.Discard, gzip.BestSpeed) // the level is one that there is
	return w
}}

// takesGzip reads Accept-Encoding, RFC 9110 §12.5.3.
func takesGzip(r *http.Request) bool {
	for _, field := range r.Header.Values("Accept-Encoding") {
		for one := range strings.SplitSeq(field, ",") {
			coding, weight, _ := strings.Cut(one, ";")
			coding = strings.ToLower(strings.TrimSpace(coding))
			if coding != "gzip" && coding != "x-gzip" && coding != "*" {
				continue
			}
			q, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(weight)), "q=")
			n, err := strconv.ParseFloat(q, 64)
			return !ok || err == nil && n > 0
		}
	}
	return false
}

// compresses reports whether a body of a type goes out in gzip, and says in the
// header that this depends on the request.
func (c *call) compresses(mediaType string) bool {
	if !strings.HasPrefix(mediaType, "text/") && !strings.HasPrefix(mediaType, "application/json") {
		return false // pictures and attachments are packed as they are
	}
	c.w.Header().Add("Vary", "Accept-Encoding")
	return takesGzip(c.r)
}

// packed is a body in gzip, or as it is where that is better.
func (c *call) packed(mediaType string, body [][]byte) [][]byte {
	length := 0
	for _, b := range body {
		length += len(b)
	}
	if length < gzipFrom || !c.compresses(mediaType) {
		return body
	}
	var out bytes.Buffer
	z := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(z)
	z.Reset(&out)
	for _, b := range body {
		_, _ = z.Write(b) // a Buffer takes everything
	}
	_ = z.Close()
	c.w.Header().Set("Content-Encoding", "gzip")
	return [][]byte{out.Bytes()}
}

// begin begins a body whose length is not known: where it is written, and what
// ends it.
func (c *call) begin(mediaType string) (io.Writer, func()) {
	h := c.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	if c.r.Method == http.MethodHead || !c.compresses(mediaType) {
		return c.w, func() {}
	}
	h.Set("Content-Encoding", "gzip")
	z := gzipWriters.Get().(*gzip.Writer)
	z.Reset(c.w)
	return z, func() {
		_ = z.Close() // the client may be gone
		gzipWriters.Put(z)
	}
}
