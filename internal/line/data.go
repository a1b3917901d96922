package line

import (
	"bytes"
	"io"
)

// Data says what mail data was like. Offsets count unstuffed octets, -1 for none.
type Data struct {
	Size        int64 // unstuffed octets, whether dst took them or not
	BareLF      int64 // how many LF had no CR before them
	BareCR      int64 // how many CR had no LF after them
	FirstBareLF int64
	FirstBareCR int64
	// Refused is the first error of dst; nothing was written to it after that,
	// but the data was read to its end.
	Refused error
}

// Data copies mail data to dst up to its end, a line with a single dot between
// two CRLF (RFC 5321 §4.1.1.4), and removes the dots of §4.5.2. No other octet is
// changed. Only CRLF ends a line here: "\n.\n", "\r\n.\n", "\n.\r\n" and kin are
// data. err is the source's, io.ErrUnexpectedEOF when it ended early.
func (r *Reader) Data(dst io.Writer) (Data, error) {
	r.grow()
	u := NewUnstuffer(dst)
	for {
		if r.r == r.w {
			if err := r.fill(); err != nil {
				if err == io.EOF {
					err = io.ErrUnexpectedEOF
				}
				return u.Data, err
			}
		}
		n, done := u.Unstuff(r.buf[r.r:r.w])
		r.r += n
		if done {
			return u.Data, nil
		}
	}
}

// place names where the automaton stands in a line.
type place uint8

const (
	lineStart  place = iota // behind CRLF, or at the first octet
	afterDot                // behind CRLF "."
	afterDotCR              // behind CRLF "." CR
	inLine
	inLineCR // in a line, behind CR
)

// Unstuffer is the automaton behind Reader.Data. It takes mail data in blocks of
// any length.
type Unstuffer struct {
	Data
	dst io.Writer
	at  place
}

// NewUnstuffer begins mail data.
func NewUnstuffer(dst io.Writer) *Unstuffer {
	return &Unstuffer{dst: dst, Data: Data{FirstBareLF: -1, FirstBareCR: -1}}
}

var carriageReturn = []byte{'\r'}

// Unstuff consumes octets of b: all of them, or those up to the end of the data,
// in which case done is true.
func (u *Unstuffer) Unstuff(b []byte) (n int, done bool) {
	start := 0 // octets from here to i are to be written
	for i := 0; i < len(b); {
		switch u.at {
		case lineStart:
			if b[i] != '.' {
				u.at = inLine
				continue
			}
			u.write(b[start:i]) // the dot is held back
			i++
			start = i
			u.at = afterDot
		case afterDot:
			if b[i] != '\r' {
				u.at = inLine
				continue
			}
			i++
			start = i
			u.at = afterDotCR
		case afterDotCR:
			if b[i] == '\n' {
				return i + 1, true
			}
			u.write(carriageReturn) // the line went on: only its dot goes
			u.at = inLineCR
		case inLineCR:
			if b[i] == '\n' {
				i++
				u.at = lineStart
				continue
			}
			u.bareCR(u.Size + int64(i-start) - 1)
			u.at = inLine
		case inLine:
			i = u.line(b, i, start)
		}
	}
	u.write(b[start:])
	return len(b), false
}

// line goes from b[i] to behind the next LF, or to the end of b.
func (u *Unstuffer) line(b []byte, i, start int) int {
	end := bytes.IndexByte(b[i:], '\n')
	if end < 0 {
		end = len(b)
	} else {
		end += i
	}
	offset := u.Size - int64(start) // of b[0], unstuffed
	cr := bytes.IndexByte(b[i:end], '\r')
	for ; cr >= 0 && i+cr < end-1; cr = bytes.IndexByte(b[i:end], '\r') {
		u.bareCR(offset + int64(i+cr))
		i += cr + 1
	}
	switch {
	case end == len(b) && cr >= 0:
		u.at = inLineCR
		return end
	case end == len(b):
		return end
	case cr >= 0:
		u.at = lineStart
	default:
		u.BareLF++
		if u.FirstBareLF < 0 {
			u.FirstBareLF = offset + int64(end)
		}
	}
	return end + 1
}

func (u *Unstuffer) bareCR(offset int64) {
	u.BareCR++
	if u.FirstBareCR < 0 {
		u.FirstBareCR = offset
	}
}

func (u *Unstuffer) write(p []byte) {
	if len(p) == 0 {
		return
	}
	u.Size += int64(len(p))
	if u.Refused == nil {
		_, u.Refused = u.dst.Write(p)
	}
}

// AppendStuffed appends mail data as it goes over the wire: a dot before each
// line that begins with one (RFC 5321 §4.5.2), CRLF where the last line has none,
// and the closing line.
func AppendStuffed(dst, data []byte) []byte {
	for rest := data; len(rest) > 0; {
		if rest[0] == '.' {
			dst = append(dst, '.')
		}
		end := bytes.Index(rest, []byte("\r\n"))
		if end < 0 {
			dst = append(dst, rest...)
			break
		}
		dst = append(dst, rest[:end+2]...)
		rest = rest[end+2:]
	}
	if len(data) > 0 && !bytes.HasSuffix(data, []byte("\r\n")) {
		dst = append(dst, "\r\n"...)
	}
	return append(dst, ".\r\n"...)
}
