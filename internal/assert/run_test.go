package assert_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catchpost/catchpost/internal/assert"
	"github.com/catchpost/catchpost/internal/filter/filtertest"
	"github.com/catchpost/catchpost/internal/model"
)

// after delivers a message at a time of the test's clock.
type after struct {
	d time.Duration
	m model.Message
}

func TestRun(t *testing.T) {
	anna := func(id string) model.Message { return mail(id, "anna@x.test", "Welcome, Anna", "Hi Anna") }
	bob := mail("b1", "bob@x.test", "Welcome, Bob", "Hi Bob")
	for _, c := range []struct {
		name, json string
		mails      []after
		failed     []string // failed_on by assertion, "" for passed
		found      []int
		waited     time.Duration
	}{
		{"there already", `{"where":{"to":"anna@x.test"}}`, []after{{0, anna("a1")}}, []string{""}, []int{1}, 0},
		{"looked once", `{"where":{"to":"anna@x.test"}}`, []after{{time.Second, anna("a1")}}, []string{"count"}, []int{0}, 0},
		{"comes in time", `{"where":{"to":"anna@x.test"},"within":"10s"}`, []after{{time.Second, bob}, {3 * time.Second, anna("a1")}}, []string{""}, []int{1}, 3 * time.Second},
		{"comes too late", `{"where":{"to":"anna@x.test"},"within":"10s"}`, []after{{11 * time.Second, anna("a1")}}, []string{"count"}, []int{0}, 10 * time.Second},
		{"two of two", `{"where":{"to":"anna@x.test"},"count":2,"within":"10s"}`, []after{{0, anna("a1")}, {4 * time.Second, anna("a2")}}, []string{""}, []int{2}, 4 * time.Second},
		{"one of two", `{"where":{"to":"anna@x.test"},"count":2,"within":"10s"}`, []after{{0, anna("a1")}}, []string{"count"}, []int{1}, 10 * time.Second},
		{"too many there", `{"where":{"to":"anna@x.test"},"count":1}`, []after{{0, anna("a1")}, {0, anna("a2")}, {0, anna("a3")}}, []string{"count"}, []int{3}, 0},
		{"one too many while settling", `{"where":{"to":"anna@x.test"},"count":1,"within":"10s","settle":"2s"}`, []after{{time.Second, anna("a1")}, {2 * time.Second, anna("a2")}}, []string{"count"}, []int{2}, 2 * time.Second},
		{"settled", `{"where":{"to":"anna@x.test"},"count":1,"within":"10s","settle":"2s"}`, []after{{time.Second, anna("a1")}, {4 * time.Second, anna("a2")}}, []string{""}, []int{1}, 3 * time.Second},
		{"nothing sent", `{"where":{"to":"anna@x.test"},"count":0,"settle":"2s"}`, []after{{time.Second, bob}}, []string{""}, []int{0}, 2 * time.Second},
		{"something sent", `{"where":{"to":"anna@x.test"},"count":0,"settle":"2s"}`, []after{{time.Second, anna("a1")}}, []string{"count"}, []int{1}, time.Second},
		{"none there", `{"where":{"to":"anna@x.test"},"count":0}`, nil, []string{""}, []int{0}, 0},
		{"at most", `{"where":{"to":"anna@x.test"},"count":{"max":1},"settle":"1s"}`, []after{{0, anna("a1")}}, []string{""}, []int{1}, time.Second},
		{"at least", `{"where":{"to":"anna@x.test"},"count":{"min":2},"within":"5s"}`, []after{{0, anna("a1")}, {0, anna("a2")}, {0, anna("a3")}}, []string{""}, []int{3}, 0},
		{"expect holds", `{"where":{"to":"anna@x.test"},"within":"5s","expect":{"body":"Hi Anna","not.text":"{{"}}`, []after{{time.Second, anna("a1")}}, []string{""}, []int{1}, time.Second},
		{"expect broken at once", `{"where":{"subject":"welcome"},"count":3,"within":"1m","expect":[{"subject":"Anna"},{"body":"Hi"}]}`, []after{{time.Second, anna("a1")}, {2 * time.Second, bob}}, []string{"expect"}, []int{2}, 2 * time.Second},
		{"expect broken while settling", `{"where":{"subject":"welcome"},"settle":"10s","expect":{"subject":"Anna"}}`, []after{{0, anna("a1")}, {2 * time.Second, bob}}, []string{"expect"}, []int{2}, 2 * time.Second},
		{"nothing to judge", `{"where":{"to":"nobody@x.test"},"count":0,"expect":{"body":"x"}}`, []after{{0, bob}}, []string{""}, []int{0}, 0},
		{"together", `[{"where":{"to":"anna@x.test"},"within":"5s"},{"where":{"to":"bob@x.test"},"within":"3s"},{"where":{"to":"carl@x.test"},"count":0,"settle":"4s"}]`,
			[]after{{time.Second, bob}, {2 * time.Second, anna("a1")}}, []string{"", "", ""}, []int{1, 1, 0}, 4 * time.Second},
		{"together, one fails", `[{"where":{"to":"anna@x.test"},"within":"5s"},{"where":{"to":"bob@x.test"},"within":"3s"}]`, []after{{4 * time.Second, anna("a1")}}, []string{"", "count"}, []int{1, 0}, 4 * time.Second},
		{"at the deadline", `{"where":{"to":"anna@x.test"},"within":"5s"}`, []after{{5*time.Second - 1, anna("a1")}}, []string{""}, []int{1}, 5*time.Second - 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &box{}
				deliverAll(b, c.mails)
				list := parse(c.json)
				a, err := assert.Run(t.Context(), b, list)
				if err != nil {
					t.Fatal(err)
				}
				if got := a.WaitedMS; got != c.waited.Milliseconds() {
					t.Errorf("waited %d ms, want %s", got, c.waited)
				}
				passed := true
				for i, v := range a.Verdicts {
					passed = passed && c.failed[i] == ""
					if v.FailedOn != c.failed[i] || v.Passed != (c.failed[i] == "") || v.Found != c.found[i] {
						t.Errorf("verdict %d: failed on %q, found %d, want %q, %d: %s", i, v.FailedOn, v.Found, c.failed[i], c.found[i], v.Reason)
					}
				}
				if a.Passed != passed {
					t.Errorf("passed %v\n%s", a.Passed, a.Text)
				}
				if len(b.subs) != 0 {
					t.Error("a subscription was left open")
				}
			})
		})
	}
}

// deliverAll delivers what is due at once, and the rest when its time comes.
func deliverAll(b *box, mails []after) {
	for _, m := range mails {
		if m.d == 0 {
			b.deliver(m.m)
		} else {
			time.AfterFunc(m.d, func() { b.deliver(m.m) })
		}
	}
}

// A message that comes right after the look, before anyone waits, is not lost.
func TestNoLostWakeUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &box{}
		b.looked = func() { b.deliver(mail("a1", "anna@x.test", "Welcome", "Hi")) }
		a, err := assert.Run(t.Context(), b, parse(`{"where":{"to":"anna@x.test"},"within":"10s"}`))
		if err != nil || !a.Passed || a.WaitedMS != 0 {
			t.Errorf("%+v %v", a, err)
		}
	})
}

// A subscription that lost track makes the assertion look again.
func TestLagged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &box{}
		time.AfterFunc(time.Second, func() {
			b.mu.Lock()
			sub := b.subs[0]
			b.subs = nil // so that the news is lost
			b.mu.Unlock()
			b.deliver(mail("a1", "anna@x.test", "Welcome", "Hi"))
			sub.mu.Lock()
			sub.lagged = true
			sub.mu.Unlock()
			sub.wake <- struct{}{}
		})
		a, err := assert.Run(t.Context(), b, parse(`{"where":{"to":"anna@x.test"},"within":"10s"}`))
		if err != nil || !a.Passed || a.WaitedMS != 1000 {
			t.Errorf("%+v %v", a, err)
		}
	})
}

// Cut short there is an error and no verdict.
func TestCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		stopping := errors.New("the server is stopping")
		ctx, cancel := context.WithCancelCause(t.Context())
		time.AfterFunc(time.Second, func() { cancel(stopping) })
		a, err := assert.Run(ctx, &box{}, parse(`[{"count":0},{"within":"10s"}]`))
		if !errors.Is(err, stopping) || a.Verdicts != nil || a.Text != "" {
			t.Errorf("%+v %v", a, err)
		}
	})
}

// A message whose octets are gone counts as not there; another error ends the run.
func TestGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &box{}
		b.deliver(mail("a1", "anna@x.test", "Welcome", "Hi"))
		b.messages[0].(*filtertest.Subject).Err = fmt.Errorf("open: %w", errGone)
		a, err := assert.Run(t.Context(), b, parse(`{"where":{"body":"Hi"}}`))
		if err != nil || a.Passed || a.Verdicts[0].Found != 0 {
			t.Errorf("%+v %v", a, err)
		}
		b.messages[0].(*filtertest.Subject).Err = errors.New("disk")
		if _, err = assert.Run(t.Context(), b, parse(`{"where":{"body":"Hi"}}`)); err == nil {
			t.Error("an error of the store gave a verdict")
		}
	})
}

// 200 at once over one box, a fifth of the mail for nobody: no wrong verdict, and
// each looked when it began and, where it failed, once at its end.
func TestMany(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &box{}
		var wg sync.WaitGroup
		for i := range 200 {
			to := fmt.Sprintf("user%d@x.test", i)
			wg.Go(func() {
				a, err := assert.Run(t.Context(), b, parse(fmt.Sprintf(`{"where":{"to":%q},"count":1,"within":"30s"}`, to)))
				if want := i%20 != 0; err != nil || a.Passed != want {
					t.Errorf("%d: %v %v, want %v\n%s", i, a.Passed, err, want, a.Text)
				}
			})
			if i%20 != 0 {
				time.AfterFunc(time.Duration(i%30)*time.Second+time.Millisecond, func() { b.deliver(mail(fmt.Sprint("m", i), to, "Welcome", "Hi")) })
			}
			if i%5 == 0 {
				time.AfterFunc(time.Duration(i%29)*time.Second, func() { b.deliver(mail(fmt.Sprint("n", i), "else@x.test", "News", "Hi")) })
			}
		}
		wg.Wait()
		if b.looks != 200+10 {
			t.Errorf("looked %d times", b.looks)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	list := parse(`{"where":{"to":"anna@x.test","subject.prefix":"Welcome"},"within":"5m"}`)
	s := filtertest.Of(mail("b1", "bob@x.test", "Welcome, Bob", "Hi Bob"))
	w := assert.New(list[0], time.Now())
	b.ReportAllocs()
	for b.Loop() {
		if err := w.Add(s, time.Time{}); err != nil {
			b.Fatal(err)
		}
	}
}
