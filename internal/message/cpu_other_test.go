//go:build !unix

package message

import (
	"testing"
	"time"
)

// cpuTime is not known here.
func cpuTime(t *testing.T) time.Duration {
	t.Skip("no processor time on this system")
	return 0
}
