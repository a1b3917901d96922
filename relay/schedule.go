package relay

import (
	"hash/fnv"
	"math"
	"time"
)

// Schedule says when a forward-path is tried again, when its sender is told of
// the delay, and when it is given up, RFC 5321 §4.5.4.1. It is pure: the same
// entry and attempt always give the same times.
type Schedule struct {
	Retry  time.Duration // first spacing between attempts, 15 min
	Warn   time.Duration // age at which the delay DSN is due, 4 h; 0 is never
	Expire time.Duration // age at which it is given up, 5 days
	Most   time.Duration // widest spacing, 4 h
}

// withDefaults fills the classic practice in.
func (s Schedule) withDefaults() Schedule {
	if s.Retry <= 0 {
		s.Retry = 15 * time.Minute
	}
	s.Retry = max(s.Retry, time.Second)
	if s.Expire <= 0 {
		s.Expire = 120 * time.Hour
	}
	if s.Most <= 0 {
		s.Most = max(4*time.Hour, s.Retry)
	}
	return s
}

// growth of the spacing from the fourth attempt on; the first hour keeps Retry.
const growth = 1.5

// Spacing is the time from the nth failed attempt (1 is the first) to the next,
// with a jitter of a tenth either way that key decides.
func (s Schedule) Spacing(key string, n int) time.Duration {
	s = s.withDefaults()
	base := float64(s.Retry) * math.Pow(growth, float64(max(0, min(n, 60)-4)))
	base = min(base, float64(s.Most))
	h := fnv.New32a()
	_, _ = h.Write([]byte(key))
	_, _ = h.Write([]byte{byte(n), byte(n >> 8)})
	jitter := 0.9 + 0.2*float64(h.Sum32()%1000)/1000
	return min(time.Duration(base*jitter), s.Most)
}

// After is when to try again after the nth attempt failed at t.
func (s Schedule) After(key string, n int, t time.Time) time.Time {
	return t.Add(s.Spacing(key, n))
}

// Next is the earliest thing to do for an entry: its retry, its warning unless
// warned, its end.
func (s Schedule) Next(retry, queued, warned, expires time.Time) time.Time {
	next := retry
	if s.Warn > 0 && warned.IsZero() {
		if at := queued.Add(s.Warn); at.Before(next) {
			next = at
		}
	}
	if expires.Before(next) {
		next = expires
	}
	return next
}
