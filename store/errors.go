package store

import (
	"errors"
	"fmt"
)

// Errors of the store, named for the domain; each door translates them once.
var (
	ErrNotFound      = errors.New("not found")
	ErrNoSandbox     = errors.New("no such sandbox")
	ErrSandboxEnded  = errors.New("the sandbox has ended")
	ErrSandboxExists = errors.New("a sandbox of that name exists")
	ErrBadName       = errors.New("not a valid name")
	ErrFull          = errors.New("the sandbox is full")
	// ErrTooBig is an ErrFull that no room would mend: a message over the limit of octets.
	ErrTooBig          = fmt.Errorf("%w: the message alone is over its limit", ErrFull)
	ErrDiskFull        = errors.New("the disk is full")
	ErrBadCursor       = errors.New("not a cursor of this list")
	ErrLagged          = errors.New("the subscription lost track")
	ErrClosed          = errors.New("the store is closed")
	ErrBadLogin        = errors.New("wrong login")
	ErrLocked          = errors.New("the data file is in use by another process")
	ErrForeign         = errors.New("not a catchpost data file")
	ErrCorrupt         = errors.New("the data file is damaged")
	ErrMailboxExists   = errors.New("the mailbox exists")
	ErrTooManyKeywords = errors.New("the mailbox has no room for another keyword")
	ErrReadOnly        = errors.New("read-only")
	ErrConflict        = errors.New("the state has changed")
)
