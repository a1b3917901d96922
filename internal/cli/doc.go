// Package cli holds the commands that talk to an instance from outside: wait,
// assert, get, send, ready, run, import, export and sendmail. Each is a struct
// with kong tags and a Run method; exit statuses leave as *ExitError.
package cli
