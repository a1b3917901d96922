package program

import (
	"runtime"
	"testing"
)

func TestGCPercent(t *testing.T) {
	for live, want := range map[uint64]int{0: mostGC, 1 << 20: mostGC, 8 << 20: 300, 24 << 20: leastGC, 1 << 30: leastGC} {
		if got := gcPercent(live); got != want {
			t.Errorf("%d octets alive: %d %%, not %d", live, got, want)
		}
	}
}

func TestAfterEachCollection(t *testing.T) {
	called := make(chan struct{}, 10)
	afterEachCollection(func() { called <- struct{}{} })
	for range 3 {
		runtime.GC()
		<-called
	}
}
