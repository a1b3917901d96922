package program

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

const (
	// heapRoom is how much garbage a small heap may gather before it is collected,
	// in octets. By Go's default of as much as is alive, a heap of a few megabytes
	// that takes mail is collected without a pause.
	heapRoom = 24 << 20
	leastGC  = 100 // percent of what is alive: the default, for heaps over heapRoom
	mostGC   = 800
)

// keepHeapRoom sets the collector's pace anew after each collection, unless the
// environment (GOGC) says it. It is for a process that is nothing but a server.
func keepHeapRoom() {
	if os.Getenv("GOGC") != "" {
		return
	}
	percent := leastGC
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	adjust := func() {
		metrics.Read(live)
		if live[0].Value.Kind() != metrics.KindUint64 {
			return
		}
		want := gcPercent(live[0].Value.Uint64())
		if want < percent*9/10 || want > percent*11/10 {
			percent = want
			debug.SetGCPercent(want)
		}
	}
	afterEachCollection(adjust)
}

// gcPercent is the pace for a heap of so many octets alive.
func gcPercent(live uint64) int {
	return int(min(max(heapRoom*100/max(live, 1), leastGC), mostGC))
}

// afterEachCollection calls fn once after each collection, in one goroutine: an
// object that nobody holds is found dead by each.
func afterEachCollection(fn func()) {
	type mark struct{ _ [16]byte }
	var again func(*mark)
	again = func(m *mark) {
		fn()
		runtime.SetFinalizer(m, again)
	}
	runtime.SetFinalizer(&mark{}, again)
}
