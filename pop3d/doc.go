// Package pop3d is the POP3 server: RFC 1939 with CAPA (RFC 2449), STLS (RFC 2595),
// AUTH (RFC 5034), response codes (RFC 2449, RFC 3206) and UTF8 (RFC 6856). The
// states of RFC 1939 are the files authorization.go, transaction.go and update.go.
package pop3d
