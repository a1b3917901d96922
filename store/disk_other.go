//go:build !unix

package store

import "errors"

// diskFree is not known here; a full disk shows when it is written to.
func diskFree(string) (free, total uint64, err error) { return 0, 0, errors.ErrUnsupported }
