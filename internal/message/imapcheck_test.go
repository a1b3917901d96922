package message

import (
	"fmt"
	"strconv"
	"strings"
)

// wireChecker parses IMAP wire octets by the grammar of RFC 9051 §9 (and RFC 3501's,
// which is narrower in strings), and fails at the first octet that is not by it.
type wireChecker struct {
	in  []byte
	pos int
}

func checkEnvelope(b []byte) error {
	return checkAll(b, func(c *wireChecker) { c.envelope() })
}

func checkBody(b []byte, extended bool) error {
	return checkAll(b, func(c *wireChecker) { c.body(extended, 0) })
}

func checkAll(b []byte, rule func(*wireChecker)) (err error) {
	c := &wireChecker{in: b}
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%v at %d of %q", r, c.pos, clip(string(b), 2000))
		}
	}()
	rule(c)
	if c.pos != len(b) {
		panic("text after the end")
	}
	return nil
}

func (c *wireChecker) peek() byte {
	if c.pos >= len(c.in) {
		panic("unexpected end")
	}
	return c.in[c.pos]
}

func (c *wireChecker) expect(s string) {
	if !strings.HasPrefix(string(c.in[c.pos:min(len(c.in), c.pos+len(s))]), s) {
		panic("expected " + strconv.Quote(s))
	}
	c.pos += len(s)
}

func (c *wireChecker) isNil() bool {
	if c.pos+3 <= len(c.in) && string(c.in[c.pos:c.pos+3]) == "NIL" {
		c.pos += 3
		return true
	}
	return false
}

func (c *wireChecker) nstring() {
	if !c.isNil() {
		c.str()
	}
}

func (c *wireChecker) str() string {
	if c.peek() == '{' {
		end := strings.Index(string(c.in[c.pos:min(len(c.in), c.pos+20)]), "}\r\n")
		n, err := strconv.Atoi(string(c.in[c.pos+1 : c.pos+max(end, 1)]))
		if err != nil {
			panic("bad literal")
		}
		start := c.pos + end + 3
		if start+n > len(c.in) {
			panic("short literal")
		}
		s := string(c.in[start : start+n])
		if strings.IndexByte(s, 0) >= 0 {
			panic("NUL in literal")
		}
		c.pos = start + n
		return s
	}
	c.expect(`"`)
	var s []byte
	for {
		ch := c.peek()
		c.pos++
		switch {
		case ch == '"':
			return string(s)
		case ch == '\\':
			if ch = c.peek(); ch != '"' && ch != '\\' {
				panic("bad escape")
			}
			c.pos++
		case ch == 0 || ch == '\r' || ch == '\n' || ch >= 0x80:
			panic("octet not for a quoted string")
		}
		s = append(s, ch)
	}
}

func (c *wireChecker) number() {
	start := c.pos
	for c.pos < len(c.in) && c.in[c.pos] >= '0' && c.in[c.pos] <= '9' {
		c.pos++
	}
	if start == c.pos {
		panic("expected a number")
	}
}

func (c *wireChecker) envelope() {
	c.expect("(")
	c.nstring()
	c.expect(" ")
	c.nstring()
	for range 6 {
		c.expect(" ")
		c.addresses()
	}
	c.expect(" ")
	c.nstring()
	c.expect(" ")
	c.nstring()
	c.expect(")")
}

func (c *wireChecker) addresses() {
	if c.isNil() {
		return
	}
	c.expect("(")
	for {
		c.expect("(")
		for i := range 4 {
			if i > 0 {
				c.expect(" ")
			}
			c.nstring()
		}
		c.expect(")")
		if c.peek() == ')' {
			c.pos++
			return
		}
	}
}

func (c *wireChecker) params() {
	if c.isNil() {
		return
	}
	c.expect("(")
	for {
		c.str()
		c.expect(" ")
		c.str()
		if c.peek() == ')' {
			c.pos++
			return
		}
		c.expect(" ")
	}
}

func (c *wireChecker) body(extended bool, depth int) {
	if depth > 2*maxDepth+10 {
		panic("too deep")
	}
	c.expect("(")
	if c.peek() == '(' {
		for c.peek() == '(' {
			c.body(extended, depth+1)
		}
		c.expect(" ")
		c.str()
		if extended {
			c.expect(" ")
			c.params()
			c.extension()
		}
		c.expect(")")
		return
	}
	mediaType := c.str()
	c.expect(" ")
	sub := c.str()
	c.expect(" ")
	c.params()
	c.expect(" ")
	c.nstring()
	c.expect(" ")
	c.nstring()
	c.expect(" ")
	c.str()
	c.expect(" ")
	c.number()
	switch {
	case mediaType == "text":
		c.expect(" ")
		c.number()
	case mediaType == "message" && (sub == "rfc822" || sub == "global"):
		c.expect(" ")
		c.envelope()
		c.expect(" ")
		c.body(extended, depth+1)
		c.expect(" ")
		c.number()
	case mediaType == "multipart":
		panic("a multipart without parts")
	}
	if extended && c.peek() == ' ' { // it may be left out, as in an attached message that stays closed
		c.expect(" ")
		c.nstring()
		c.extension()
	}
	c.expect(")")
}

func (c *wireChecker) extension() {
	c.expect(" ")
	if !c.isNil() {
		c.expect("(")
		c.str()
		c.expect(" ")
		c.params()
		c.expect(")")
	}
	c.expect(" ")
	if c.peek() == '(' {
		c.pos++
		for {
			c.str()
			if c.peek() == ')' {
				c.pos++
				break
			}
			c.expect(" ")
		}
	} else {
		c.nstring()
	}
	c.expect(" ")
	c.nstring()
}
