package store

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestLoneSenderDoesNotWait has one come long after a group: its group is formed
// at once, while one that comes right after others gives them a moment to return.
func TestLoneSenderDoesNotWait(t *testing.T) {
	for pause, want := range map[time.Duration]time.Duration{0: maxJoin, time.Second: 0} {
		synctest.Test(t, func(t *testing.T) {
			s := &Store{requests: make(chan *request, groupRequests)}
			w := newRhythm()
			began := time.Now()
			time.Sleep(10 * time.Millisecond)
			w.committed(10, began)
			formed := make(chan time.Time)
			go func() {
				s.gather(nil, w)
				formed <- time.Now()
			}()
			time.Sleep(pause)
			sent := time.Now()
			s.requests <- &request{}
			if took := (<-formed).Sub(sent); took != want {
				t.Errorf("after %v: waited %v, not %v", pause, took, want)
			}
		})
	}
}
