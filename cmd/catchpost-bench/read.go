package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"time"
)

// readRow is the median and 99th percentile of one kind of request.
type readRow struct {
	Name  string  `json:"name"`
	P50MS float64 `json:"p50_ms"`
	P99MS float64 `json:"p99_ms"`
	Under float64 `json:"under_ms,omitempty"`
}

func (c *suiteCommand) read(ctx context.Context) (map[string]any, error) {
	in, err := startInstance(ctx, c.Catchpost)
	if err != nil {
		return nil, err
	}
	defer in.stop()
	if _, err := load(ctx, loadOptions{addr: in.smtp, size: 2048, connections: 32, duration: 10 * time.Minute, messages: c.Messages}); err != nil {
		return nil, err
	}
	var rows []readRow
	half := fmt.Sprintf("ref%010d", serial.Load()-c.Messages/2)
	for _, q := range []struct{ name, query string }{
		{"list 50 newest", ""},
		{"search: one message in the middle", "q=" + half},
		{"search: a word of every message", "q=parcel"},
		{"search: in no message", "q=quixotherm"},
		{"search: part of a word", "q=nvoic"},
		{"search: two letters", "q=zz"},
		{"subject contains a number", "subject=" + half[5:]},
		{"to", "to=anna@x.test"},
	} {
		under := 5.0
		if q.query == "" {
			under = 1
		}
		row, err := in.timeGets(ctx, q.name, "/v1/messages?limit=50&"+q.query, 200, under)
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	visible, err := in.visible(ctx, 200)
	if err != nil {
		return nil, err
	}
	woken, err := in.woken(ctx, 200)
	if err != nil {
		return nil, err
	}
	rows = append(rows, visible, woken)
	waiters, err := c.waitersCost(ctx)
	if err != nil {
		return nil, err
	}
	return map[string]any{"messages": c.Messages, "requests": rows, "waiters_200": waiters}, nil
}

// plain is a client that does not ask for compression, as Go's does by itself.
var plain = &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 4}}

func (in *instance) get(ctx context.Context, path string) ([]byte, error) {
	return in.getBy(ctx, plain, path)
}

func (in *instance) getBy(ctx context.Context, client *http.Client, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+in.http+path, nil)
	if err != nil {
		return nil, err
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != http.StatusOK {
		err = fmt.Errorf("GET %s: %s: %s", path, resp.Status, b)
	}
	return b, err
}

func (in *instance) timeGets(ctx context.Context, name, path string, n int, under float64) (readRow, error) {
	times := make([]time.Duration, 0, n)
	for range n {
		began := time.Now()
		if _, err := in.get(ctx, path); err != nil {
			return readRow{}, err
		}
		times = append(times, time.Since(began))
	}
	return percentiles(name, times, under), nil
}

func percentiles(name string, times []time.Duration, under float64) readRow {
	slices.Sort(times)
	return readRow{Name: name, P50MS: ms(times[len(times)/2]), P99MS: ms(times[len(times)*99/100]), Under: under}
}

// visible measures from the 250 to a message's answer by the API, the first
// look included; a message not there at the first look is an error.
func (in *instance) visible(ctx context.Context, n int) (readRow, error) {
	c, err := dial(in.smtp)
	if err != nil {
		return readRow{}, err
	}
	defer c.close()
	b := newBody(2048)
	var times []time.Duration
	for range n {
		id, err := c.sendID("visible@x.test", b.next())
		if err != nil {
			return readRow{}, err
		}
		began := time.Now()
		if _, err := in.get(ctx, "/v1/messages/"+id); err != nil {
			return readRow{}, err
		}
		times = append(times, time.Since(began))
	}
	return percentiles("from the 250 to visible by the API", times, 2), nil
}

// woken measures from the 250 to the answer of a wait that was held.
func (in *instance) woken(ctx context.Context, n int) (readRow, error) {
	c, err := dial(in.smtp)
	if err != nil {
		return readRow{}, err
	}
	defer c.close()
	b := newBody(2048)
	var times []time.Duration
	for i := range n {
		to := fmt.Sprintf("woken-%d@x.test", i)
		answered := make(chan time.Time, 1)
		failed := make(chan error, 1)
		go func() {
			if _, err := in.get(ctx, "/v1/messages?wait=30s&to="+url.QueryEscape("anna@x.test")+"&forward_paths="+url.QueryEscape(to)); err != nil {
				failed <- err
				return
			}
			answered <- time.Now()
		}()
		if err := in.awaitWaits(ctx, 1); err != nil {
			return readRow{}, err
		}
		if err := c.send(to, b.next()); err != nil {
			return readRow{}, err
		}
		sent := time.Now()
		select {
		case at := <-answered:
			times = append(times, max(0, at.Sub(sent)))
		case err := <-failed:
			return readRow{}, err
		}
	}
	return percentiles("from the 250 to a waiter's answer", times, 2), nil
}

var waitsHeld = regexp.MustCompile(`(?m)^catchpost_http_waits(?:\{[^}]*\})? ([0-9.e+]+)$`)

// awaitWaits waits until the instance holds n waits.
func (in *instance) awaitWaits(ctx context.Context, n int) error {
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for range 5000 {
		b, err := in.get(ctx, "/metrics")
		if err != nil {
			return err
		}
		if m := waitsHeld.FindSubmatch(b); m != nil {
			if held, err := strconv.ParseFloat(string(m[1]), 64); err == nil && held >= float64(n) {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return fmt.Errorf("the instance never held %d waits", n)
}

// waitersCost compares the 32-connection rate with and without 200 waiters.
func (c *suiteCommand) waitersCost(ctx context.Context) (map[string]any, error) {
	var with, without []float64
	for range c.Rounds {
		for _, waiters := range []int{0, 200} {
			rate, err := c.rateWithWaiters(ctx, waiters)
			if err != nil {
				return nil, err
			}
			if waiters == 0 {
				without = append(without, rate)
			} else {
				with = append(with, rate)
			}
		}
	}
	return map[string]any{
		"without_per_second": without, "with_per_second": with,
		"cost": 1 - median(with)/median(without), "cost_under": 0.20,
	}, nil
}

func (c *suiteCommand) rateWithWaiters(ctx context.Context, waiters int) (float64, error) {
	in, err := startInstance(ctx, c.Catchpost)
	if err != nil {
		return 0, err
	}
	defer in.stop()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	var wg sync.WaitGroup
	for i := range waiters {
		wg.Go(func() {
			query := "to=" + url.QueryEscape(fmt.Sprintf("never-%d@x.test", i))
			if i%2 == 1 {
				query = "subject=" + url.QueryEscape(fmt.Sprintf("never %d", i))
			}
			_, _ = in.get(ctx, "/v1/messages?wait=120s&"+query)
		})
	}
	if err := in.awaitWaits(ctx, waiters); err != nil {
		return 0, err
	}
	r, err := load(ctx, loadOptions{addr: in.smtp, size: 2048, connections: 32, duration: c.Duration})
	cancel()
	wg.Wait()
	return r.PerSecond, err
}
