// Package smtpd receives mail by SMTP (RFC 5321) and LMTP (RFC 2033) and hands it
// to the store. It knows
//
//   - PIPELINING (RFC 2920), SIZE (RFC 1870), 8BITMIME (RFC 6152)
//   - ENHANCEDSTATUSCODES (RFC 2034, RFC 3463)
//   - STARTTLS (RFC 3207), REQUIRETLS (RFC 8689)
//   - AUTH (RFC 4954)
//   - CHUNKING and BINARYMIME (RFC 3030)
//   - SMTPUTF8 (RFC 6531), DSN (RFC 3461), LIMITS (RFC 9422)
//   - HELP, VRFY, EXPN, and sendmail's VERB
//
// verbs.go is the grammar of a session: which command may come when, and who
// answers it. A handler returns a reply; session.write alone sends one. What RSET
// forgets lives in transaction, all else in session.
package smtpd
