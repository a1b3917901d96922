// Package imapd is the IMAP server: IMAP4rev2 (RFC 9051), IMAP4rev1 (RFC 3501) and
// the extensions in caps.go. A command is a file: it parses all of its line, then
// acts, then answers; verbs.go says in which state it may come; view.go holds what
// the client believes about the selected mailbox.
package imapd
