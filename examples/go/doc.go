// Package register is an example: a Go test of an application that sends mail.
package register
