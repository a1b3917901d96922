package assert_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/catchpost/catchpost/internal/assert"
	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/filter/filtertest"
	"github.com/catchpost/catchpost/internal/model"
)

var errGone = errors.New("the message is gone")

// box is a sandbox in memory.
type box struct {
	mu       sync.Mutex
	messages []filter.Subject
	subs     []*subscription
	pruned   int64
	others   []model.Summary
	looked   func() // called once a look is over
	looks    int
}

type subscription struct {
	box    *box
	mu     sync.Mutex
	queue  []filter.Subject
	lagged bool
	wake   chan struct{}
}

// mail makes a message from "from to subject text".
func mail(id, to, subject, text string) model.Message {
	return model.Message{Summary: model.Summary{
		ID: id, Sandbox: "default", Origin: model.OriginSMTP, Subject: subject, ReceivedAt: time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		From: []model.Address{{Name: "Shop", Address: "hello@shop.test"}}, To: []model.Address{{Address: to}},
		ReversePath: "bounce@shop.test", ForwardPaths: []string{to}, Size: 1000,
		PageURL: "http://127.0.0.1:8025/#/default/" + id,
	}, Text: &text}
}

func (b *box) deliver(m model.Message) {
	b.mu.Lock()
	m.Sequence = uint64(len(b.messages) + 1)
	s := filtertest.Of(m)
	b.messages = append(b.messages, s)
	subs := slices.Clone(b.subs)
	b.mu.Unlock()
	for _, sub := range subs {
		sub.publish(s)
	}
}

func (s *subscription) publish(m filter.Subject) {
	s.mu.Lock()
	s.queue = append(s.queue, m)
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (b *box) Subscribe(context.Context, []*filter.Filter) (assert.Subscription, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	s := &subscription{box: b, wake: make(chan struct{}, 1)}
	b.subs = append(b.subs, s)
	return s, nil
}

func (s *subscription) Next(ctx context.Context) ([]filter.Subject, error) {
	for {
		s.mu.Lock()
		queue, lagged := s.queue, s.lagged
		s.queue, s.lagged = nil, false
		s.mu.Unlock()
		if lagged {
			return nil, assert.ErrLagged
		}
		if len(queue) > 0 {
			return queue, nil
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (s *subscription) Close() {
	s.box.mu.Lock()
	defer s.box.mu.Unlock()
	s.box.subs = slices.DeleteFunc(s.box.subs, func(o *subscription) bool { return o == s })
}

func (b *box) Look(_ context.Context, f *filter.Filter, yield func(filter.Subject) error) error {
	b.mu.Lock()
	list, looked := slices.Clone(b.messages), b.looked
	b.looked = nil
	b.looks++
	b.mu.Unlock()
	for _, s := range list {
		if err := yield(s); err != nil {
			return err
		}
	}
	if looked != nil {
		looked()
	}
	return nil
}

func (b *box) Evidence(context.Context, *assert.Watch) (assert.Evidence, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	recent := slices.Clone(b.messages)
	slices.Reverse(recent)
	return assert.Evidence{Recent: recent, Messages: int64(len(recent)), Pruned: b.pruned, Others: b.others}, nil
}

func (b *box) Gone(err error) bool { return errors.Is(err, errGone) }

// parse makes assertions of JSON.
func parse(body string) []assert.Assertion {
	list, err := assert.ParseJSON([]byte(body), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", body, err))
	}
	return list
}
