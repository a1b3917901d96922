package wire

import (
	"strings"
	"time"
)

// DateTimeLayout is date-time of RFC 9051 §9, without quotes.
const DateTimeLayout = "_2-Jan-2006 15:04:05 -0700"

// Date demands date, quoted or not: "1-Feb-1994".
func (d *Decoder) Date() time.Time {
	quoted := d.Special('"')
	s := d.run(func(c byte) bool { return isAtomChar(c) })
	if quoted {
		d.ExpectSpecial('"')
	}
	return d.parseTime("2-Jan-2006", s)
}

// DateTime demands the quoted date-time of APPEND.
func (d *Decoder) DateTime() time.Time {
	s := d.Quoted()
	if len(s) != 26 {
		d.Fail("expected a date and time")
		return time.Time{}
	}
	return d.parseTime("2-Jan-2006 15:04:05 -0700", strings.TrimPrefix(s, " "))
}

func (d *Decoder) parseTime(layout, s string) time.Time {
	if !d.ok() {
		return time.Time{}
	}
	t, err := time.Parse(layout, s)
	if err != nil || t.Year() < 1 {
		d.Fail("expected a date")
		return time.Time{}
	}
	return t
}
