// Package program is catchpost as a whole: its options and commands, and the
// wiring of store, servers and API. It is the only package that imports
// everything; main and the test helper are thin around it.
package program
