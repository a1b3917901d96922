package store

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store/kv"
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

// hundredThousand is a store of 100,000 mails of 1.5 KB, made once.
var hundredThousand = sync.OnceValues(func() (*Store, error) {
	dir, err := os.MkdirTemp("", "catchpost-bench")
	if err != nil {
		return nil, err
	}
	s, err := Open(context.Background(), Options{Path: filepath.Join(dir, "mail.db"), Relaxed: true})
	if err != nil {
		return nil, err
	}
	var wg sync.WaitGroup
	for w := range 32 {
		wg.Go(func() {
			for n := w; n < 100_000; n += 32 {
				o := s.NewOctets()
				_, _ = o.Write(bulk(n, 1500))
				_, _ = s.Deliver(context.Background(), Delivery{
					Origin: model.OriginSMTP, ReversePath: "a@b.test", ForwardPaths: []string{fmt.Sprintf("anna%d@x.test", n%5000)}, Octets: o,
				})
			}
		})
	}
	wg.Wait()
	return s, nil
})

func bigStore(b *testing.B) *Store {
	b.Helper()
	s, err := hundredThousand()
	if err != nil {
		b.Fatal(err)
	}
	return s
}

func BenchmarkList50(b *testing.B) {
	s := bigStore(b)
	for _, c := range []string{
		"", "to=anna3@x.test", "forward_paths=anna77@x.test",
		"q=order-77777", "q=many+of+them", "q=word123", "q=zzyzx-no-hit", "q=zz", "q=e", "q=%C3%A4", "q=qj", "subject.prefix=Order+99",
	} {
		b.Run("filter="+c, func(b *testing.B) {
			f := parse(b, c)
			for b.Loop() {
				page, err := s.List(context.Background(), Query{Filter: f})
				if err != nil || len(page.Messages) == 0 && !strings.Contains(c, "no-hit") && len(f.Plan().Needles[0]) > 2 {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkNeedle finds the first 50 messages with a needle, without the filter.
func BenchmarkNeedle(b *testing.B) {
	s := bigStore(b)
	sp, err := s.space(DefaultSandbox)
	if err != nil {
		b.Fatal(err)
	}
	for _, needle := range []string{"many of them", "order-77777", "word123 ", "zzyzx-no-hit", "text88 "} {
		b.Run(needle, func(b *testing.B) {
			hits, looked := 0, 0
			for b.Loop() {
				hits, looked = 0, 0
				c := s.planned(sp, filter.Plan{Needles: []string{needle}}, Newest, 0)
				for hits < 50 && !c.ended {
					batch := c.batch(scanBatch)
					_ = s.view(func(r kv.Reader) error {
						for _, seq := range batch {
							looked++
							if c.holds(r, seq) {
								hits++
							}
						}
						return nil
					})
				}
			}
			b.ReportMetric(float64(hits), "hits")
			b.ReportMetric(float64(looked), "looked")
		})
	}
}

// BenchmarkDeliverSandboxes delivers to 200 sandboxes; compare with one.
func BenchmarkDeliverSandboxes(b *testing.B) {
	for _, sandboxes := range []int{1, 200} {
		b.Run(fmt.Sprint(sandboxes), func(b *testing.B) {
			s := benchStore(b, Options{})
			for i := range sandboxes {
				if _, _, err := s.CreateSandbox(context.Background(), NewSandbox{Name: fmt.Sprintf("run-%d", i)}); err != nil {
					b.Fatal(err)
				}
			}
			produce(b, s, 32, 2<<10, func(n int) (string, string) {
				return fmt.Sprintf("run-%d", n%sandboxes), "anna@x.test"
			})
		})
	}
}

// BenchmarkDeliverWaiters delivers while others wait for mail that does not come.
func BenchmarkDeliverWaiters(b *testing.B) {
	for _, waiters := range []int{0, 200} {
		b.Run(fmt.Sprint(waiters), func(b *testing.B) {
			s := benchStore(b, Options{})
			var waiting sync.WaitGroup
			ctx, cancel := context.WithCancel(context.Background())
			for i := range waiters {
				plan := filter.Plan{Addresses: [][]string{{fmt.Sprintf("nobody%d@x.test", i)}}}
				if i%2 == 0 {
					plan = filter.Plan{Needles: []string{fmt.Sprintf("nothing of %d", i)}}
				}
				sub := s.Subscribe(Interest{Sandbox: DefaultSandbox, Plan: &plan})
				waiting.Go(func() {
					defer sub.Close()
					for {
						if _, err := sub.Next(ctx); err != nil {
							return
						}
					}
				})
			}
			produce(b, s, 32, 2<<10, func(n int) (string, string) { return "", "anna@x.test" })
			cancel()
			waiting.Wait()
		})
	}
}
