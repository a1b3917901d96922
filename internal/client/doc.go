// Package client speaks the HTTP contract for the command line and for Go
// tests: typed calls, contexts, and no polling, for the server does the waiting.
package client
