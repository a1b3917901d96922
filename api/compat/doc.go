// Package compat serves the HTTP APIs of Mailpit and MailHog over the same store,
// so that suites written for them run unchanged. It knows the store, filters and
// leaves; neither shape is seen anywhere else. docs/compat.md lists every route,
// what is the same and what differs on purpose.
package compat
