package compat_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/store/storetest"
)

// TestGzip: answers are compressed where that is asked for and of use, and say the
// same either way.
func TestGzip(t *testing.T) {
	w := newWorld(t, nil)
	for i := range 30 {
		storetest.Deliver(t, w.store, fmt.Sprintf("From: shop@x.test\r\nTo: anna@x.test\r\nSubject: Order %d\r\n\r\n%s\r\n", i, strings.Repeat("word ", 300)), "anna@x.test")
	}
	storetest.Deliver(t, w.store, welcome, "anna@x.test")
	client := http.Client{Transport: &http.Transport{DisableCompression: true}}
	get := func(path, accept string) (encoding, body string) {
		req, err := http.NewRequest("GET", w.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		if accept != "" {
			req.Header.Set("Accept-Encoding", accept)
		}
		res, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		var from io.Reader = res.Body
		if encoding = res.Header.Get("Content-Encoding"); encoding == "gzip" {
			if from, err = gzip.NewReader(res.Body); err != nil {
				t.Fatal(err)
			}
		}
		b, err := io.ReadAll(from)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("%s: %s, %v", path, res.Status, err)
		}
		return encoding, string(b)
	}
	for path, want := range map[string]string{
		"/api/v1/messages": "gzip", "/api/v1/messages?limit=0": "gzip", "/api/v2/messages": "gzip", "/mailhog/api/v1/messages": "gzip",
		"/api/v1/message/latest/html-check": "gzip", "/api/v1/tags": "", "/api/v1/message/latest/part/1.2": "",
	} {
		_, plainly := get(path, "")
		encoding, body := get(path, "br, gzip")
		if encoding != want || body != plainly {
			t.Errorf("%s: encoding %q, want %q, bodies equal: %v", path, encoding, want, body == plainly)
		}
	}
	for accept, want := range map[string]string{"": "", "identity": "", "gzip;q=0": "", "GZIP": "gzip", "*": "gzip", "br;q=1, gzip; q=0.5": "gzip", "gzipped": ""} {
		if encoding, _ := get("/api/v1/messages", accept); encoding != want {
			t.Errorf("Accept-Encoding: %s: %q, want %q", accept, encoding, want)
		}
	}
}
