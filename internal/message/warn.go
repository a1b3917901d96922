package message

import (
	"fmt"

	"github.com/catchpost/catchpost/internal/model"
)

// Codes of warnings; doc.go has the table.
const (
	WarnNoHeader            = "no_header"
	WarnHeaderNoColon       = "header_no_colon"
	WarnLeadingSpace        = "leading_space"
	WarnMboxFromLine        = "mbox_from_line"
	WarnDuplicateHeader     = "duplicate_header"
	WarnMissingDate         = "missing_date"
	WarnMissingFrom         = "missing_from"
	WarnBadDate             = "bad_date"
	WarnBadAddress          = "bad_address"
	WarnBadMessageID        = "bad_message_id"
	WarnEightBitHeader      = "eight_bit_header"
	WarnBrokenEncodedWord   = "broken_encoded_word"
	WarnBrokenParameter     = "broken_parameter"
	WarnBadContentType      = "bad_content_type"
	WarnMissingBoundary     = "missing_boundary"
	WarnBrokenBoundary      = "broken_boundary"
	WarnUnclosedPart        = "unclosed_part"
	WarnBadCharset          = "bad_charset"
	WarnBadTransferEncoding = "bad_transfer_encoding"
	WarnTrailingJunk        = "trailing_junk"
	WarnTNEF                = "tnef"
	WarnNULOctet            = "nul_octet"
	WarnBareLF              = "bare_lf"
	WarnBareCR              = "bare_cr"
	WarnLineTooLong         = "line_too_long"
	WarnLongHeaderLine      = "long_header_line"
	WarnTooDeep             = "too_deep"
	WarnTooManyParts        = "too_many_parts"
	WarnTextTruncated       = "text_truncated"
)

// maxHeaderText bounds one decoded header text of a digest, in octets: a digest
// stands in lists. View.Headers has the whole of it.
const maxHeaderText = 64 << 10

// clip cuts a header text to maxHeaderText and says so.
func (w *warnings) clip(b []byte, offset int) []byte {
	if len(b) <= maxHeaderText {
		return b
	}
	w.add(WarnTextTruncated, offset, "a header text is cut to %d octets", maxHeaderText)
	return wholeRunes(b[:maxHeaderText])
}

// maxPerCode bounds how often one code is told about one message.
const maxPerCode = 10

// warnings collects what is malformed, the same code a few times at most.
type warnings struct {
	list    []model.Warning
	tallies []tally
}

// tally is how often a code was told. There are few codes in one message, and
// hostile mail tells one of them a hundred thousand times: a list is cheaper than a map.
type tally struct {
	code string
	n    int
}

// count is how often a code was told.
func (w *warnings) count(code string) int {
	for i := range w.tallies {
		if w.tallies[i].code == code {
			return w.tallies[i].n
		}
	}
	return 0
}

// another counts one more of a code and says how many there are now.
func (w *warnings) another(code string) int {
	for i := range w.tallies {
		if t := &w.tallies[i]; t.code == code {
			t.n++
			return t.n
		}
	}
	w.tallies = append(w.tallies, tally{code, 1})
	return 1
}

func (w *warnings) add(code string, offset int, format string, args ...any) {
	if w == nil {
		return
	}
	if w.another(code) > maxPerCode {
		return
	}
	detail := format
	if len(args) > 0 {
		detail = fmt.Sprintf(format, args...)
	}
	w.list = append(w.list, model.Warning{Code: code, Detail: detail, Offset: int64(offset)})
}
