package api_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/catchpost/catchpost/store/storetest"
)

// BenchmarkList lists 50 of many messages over HTTP, keep-alive, and tells the
// median. CATCHPOST_MESSAGES says of how many (10,000).
func BenchmarkList(b *testing.B) {
	n := 10_000
	if s := os.Getenv("CATCHPOST_MESSAGES"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	w := newWorld(b, nil)
	for i := range n {
		storetest.Deliver(b, w.store, fmt.Sprintf("From: Shop <hello@shop.test>\r\nTo: Anna <anna@x.test>\r\nSubject: Order %d\r\n\r\nYour order %d is on its way.\r\n", i, i), "anna@x.test")
	}
	for _, query := range []string{"", "?to=anna@x.test", "?q=order", "?subject=Order+99"} {
		b.Run("query="+query, func(b *testing.B) {
			var took []time.Duration
			for b.Loop() {
				started := time.Now()
				res, err := http.Get(w.url + "/v1/messages" + query)
				if err != nil {
					b.Fatal(err)
				}
				_, _ = io.Copy(io.Discard, res.Body)
				res.Body.Close()
				took = append(took, time.Since(started))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)/2].Microseconds()), "p50-µs")
			b.ReportMetric(float64(took[len(took)*99/100].Microseconds()), "p99-µs")
		})
	}
}
