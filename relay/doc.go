// Package relay takes selected messages to their next hops: it finds them by
// MX, speaks SMTP to them, keeps trying by a schedule, and tells senders what
// became of their mail. Its queue is rows of the store; the store wakes it.
package relay
