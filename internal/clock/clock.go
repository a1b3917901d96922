// Package clock is where time comes from, so that tests and controllable
// sandboxes can move it.
package clock

import "time"

// Clock tells the time. Implementations are safe for concurrent use.
type Clock interface{ Now() time.Time }

// System is the machine's clock.
type System struct{}

// Now returns the present time in UTC.
func (System) Now() time.Time { return time.Now().UTC() }
