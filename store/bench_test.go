package store

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/catchpost/catchpost/internal/model"
)

// bulk makes a mail of about size octets with words of its own.
func bulk(n, size int) []byte {
	var b strings.Builder
	b.WriteString(order(n))
	for i := 0; b.Len() < size; i++ {
		fmt.Fprintf(&b, "word%d and text%d stand in line %d of a mail that has many of them\r\n", (n*31+i)%40000, (n+i*7)%9000, i)
	}
	return []byte(b.String())
}

// run delivers b.N messages by so many producers.
func produce(b *testing.B, s *Store, producers, size int, to func(n int) (sandbox, path string)) {
	b.Helper()
	mails := make([][]byte, 64)
	for i := range mails {
		mails[i] = bulk(i, size)
	}
	var next atomic.Int64
	var wg sync.WaitGroup
	b.SetBytes(int64(size))
	b.ResetTimer()
	for range producers {
		wg.Go(func() {
			for {
				n := int(next.Add(1))
				if n > b.N {
					return
				}
				o := s.NewOctets()
				_, _ = o.Write(mails[n%len(mails)])
				sandbox, path := to(n)
				_, err := s.Deliver(context.Background(), Delivery{
					Origin: model.OriginSMTP, Sandbox: sandbox, ReversePath: "a@b.test", ForwardPaths: []string{path}, Octets: o,
				})
				if err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "msg/s")
}

func benchStore(b *testing.B, o Options) *Store {
	b.Helper()
	o.Path = filepath.Join(b.TempDir(), "mail.db")
	s, err := Open(context.Background(), o)
	if err != nil {
		b.Fatal(err)
	}
	s.scan = plainScan
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	return s
}

func BenchmarkDeliver(b *testing.B) {
	for _, c := range []struct{ size, producers int }{{2 << 10, 1}, {2 << 10, 8}, {2 << 10, 32}, {100 << 10, 8}} {
		b.Run(fmt.Sprintf("%dKB/%d", c.size>>10, c.producers), func(b *testing.B) {
			s := benchStore(b, Options{})
			produce(b, s, c.producers, c.size, func(n int) (string, string) {
				return "", fmt.Sprintf("anna%d@x.test", n%1000)
			})
		})
	}
}
