// Package line reads and writes what SMTP, POP3 and IMAP have in common: lines
// that end in CRLF, counted octets, and mail data that ends in a line with a
// single dot. Everything is bounded; a bare CR or LF is reported, never repaired.
package line
