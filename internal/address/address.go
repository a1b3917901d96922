// Package address knows RFC 5321 mailboxes and paths: parsing, exact spelling,
// and the key that tells one account from another.
package address

// Address is a Mailbox of RFC 5321 §4.1.2, or of RFC 6531 when not ASCII.
type Address struct {
	// Local is the local-part without quotes and backslashes.
	Local string
	// Domain is the domain as written; an address-literal keeps its brackets.
	// Empty only for <postmaster>, RFC 5321 §4.1.1.3.
	Domain string
}
