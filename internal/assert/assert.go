// Package assert judges what was sent: assertions of API.md "Assertion", watched
// as messages come, and verdicts that say why. It knows filters and the shapes
// of the contract; where messages come from is its driver's business.
package assert

import (
	"errors"
	"time"

	"github.com/catchpost/catchpost/internal/filter"
)

// Limits of a request.
const (
	MaxAssertions = 100
	MaxExpect     = 100             // filters in one expect
	MaxDuration   = 5 * time.Minute // of within and settle
	MaxCount      = 1_000_000
	MaxName       = 200 // characters
	MaxMatched    = 20  // summaries in a verdict
	MaxNear       = 5   // near misses and failures in a verdict
	MaxRecent     = 500 // messages that a failed assertion compares itself with
	maxJudged     = 50  // of them, judged clause by clause
)

// ErrLagged is what a Subscription answers when it lost track: the driver looks again.
var ErrLagged = errors.New("the subscription lost track")

// Assertion says which messages must come, and how they must be.
type Assertion struct {
	Name     string
	Where    *filter.Filter
	Min, Max int // Max is -1 for no upper bound
	Within   time.Duration
	Settle   time.Duration
	Expect   []*filter.Filter
}

// Label is the name, or what the assertion looks for.
func (a *Assertion) Label() string {
	switch {
	case a.Name != "":
		return a.Name
	case a.Where.Len() == 0:
		return "any message"
	}
	return shorten(conditions(a.Where), 80)
}
