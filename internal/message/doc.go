// Package message reads RFC 5322 messages and their MIME structure without ever
// failing: one scan finds the parts' offsets, everything else is a slice of the
// octets, decoded when asked for. Compose writes such messages.
//
// # Warnings
//
// What is malformed is told as coded warnings, stable for users to match on.
// docs/warnings.md is the same table for readers of the manual.
//
//	no_header              the message or a part begins without any header field
//	header_no_colon        a header line is no field: "name:" is missing (RFC 5322 §2.2)
//	leading_space          the header begins with a folded line (RFC 5322 §2.2.3)
//	mbox_from_line         the message begins with an mbox "From " line (RFC 4155)
//	duplicate_header       a field that may stand once stands more often (RFC 5322 §3.6)
//	missing_date           no Date field (RFC 5322 §3.6.1)
//	missing_from           no From field (RFC 5322 §3.6.2)
//	bad_date               Date is not readable or not RFC 5322 §3.3
//	bad_address            an address field is not RFC 5322 §3.4
//	bad_message_id         Message-ID is not "<left@right>" (RFC 5322 §3.6.4)
//	eight_bit_header       octets beyond ASCII in a header that are not UTF-8 (RFC 6532 §3)
//	broken_encoded_word    an encoded word is not RFC 2047 §2
//	broken_parameter       a parameter is not RFC 2045 §5.1 or RFC 2231
//	bad_content_type       Content-Type is not "type/subtype" (RFC 2045 §5.1)
//	missing_boundary       a multipart names no boundary (RFC 2046 §5.1.1)
//	broken_boundary        a multipart's boundary never occurs, or is over 70 octets
//	unclosed_part          a multipart's closing delimiter is missing
//	bad_charset            a charset is unknown, or the octets are not in it
//	bad_transfer_encoding  an unknown encoding, or octets that are not in it (RFC 2045 §6)
//	trailing_junk          text follows the end of base64 data
//	tnef                   a part is TNEF (winmail.dat) and stays closed
//	nul_octet              the message has NUL octets (RFC 5322 §2.2, RFC 5321 §4.5.2)
//	bare_lf                lines end in LF alone (RFC 5322 §2.3)
//	bare_cr                a CR stands without LF (RFC 5322 §2.3)
//	line_too_long          lines over 998 octets (RFC 5322 §2.1.1)
//	long_header_line       header lines over 998 octets (RFC 5322 §2.1.1)
//	too_deep               parts nested deeper than 100 stay closed
//	too_many_parts         parts past the 10,000th stay closed
//	text_truncated         text past the limits is not searched, nor listed
package message
