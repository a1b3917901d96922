package imapd

import (
	"strconv"
	"strings"

	"github.com/catchpost/catchpost/imapd/wire"
)

func upperAtom(d *wire.Decoder) string { return strings.ToUpper(d.ExpectAtom()) }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

// isFieldAtom reports whether a header field's name can stand unquoted.
func isFieldAtom(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c != '-' && c != '_' && c != '.' && !isDigit(c) && (c|0x20 < 'a' || c|0x20 > 'z') {
			return false
		}
	}
	return s != ""
}
