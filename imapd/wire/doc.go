// Package wire is the grammar of IMAP on the wire: a decoder with one sticky
// error that knows its offset, an encoder into one buffered writer, sequence
// sets, mailbox names, dates and search keys (RFC 9051 §9, RFC 3501 §9 and the
// extensions named at each method). It knows no mailbox and no socket.
package wire
