// Package transcript records the dialogue of one connection: both directions, line
// by line, bounded, with secrets masked at their length and data elided with its size.
package transcript

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/catchpost/catchpost/internal/model"
)

// Bounds of one recorder, in octets.
const (
	DefaultLimit = 256 << 10
	maxLine      = 2000 // of a line; the rest is counted
	chunkSize    = 16 << 10
)

// kind is the first octet of a recorded line.
type kind byte

const (
	fromClient kind = iota
	fromServer
	remark
	kindMask kind = 3
	injected kind = 4 // flag
	hasID    kind = 8 // flag: a message ID follows the text
)

// Recorder keeps the lines of one connection in a compact form; it takes no
// memory before the first line. When it is full the lines after the opening go
// first. The zero value is ready; safe for concurrent use.
type Recorder struct {
	mu        sync.Mutex
	began     time.Time
	limit     int
	chunks    [][]byte // kind, µs since began, length, text[, length, ID]
	size      int
	truncated bool
	partial   []byte // of a server line that has no end yet
	partialN  int    // octets of it, also those beyond maxLine
	messageID string // for the next server line
	injecting bool
	elided    int64
	elidedAs  string
}

// SetLimit bounds the recorder to n octets of its compact form; 0 is DefaultLimit.
func (r *Recorder) SetLimit(n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limit = n
}

// Client records a line that the client sent, without its end. Octets from
// visible on are secret and masked one by one; visible < 0 shows them all.
func (r *Recorder) Client(text []byte, visible int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.add(fromClient, text, len(text), visible)
}

// Server records octets that we send. Lines end at LF; an unfinished one waits
// for the rest.
func (r *Recorder) Server(p []byte) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		if i < 0 || r.partialN > 0 {
			r.hold(p, i)
		} else {
			r.add(fromServer, bytes.TrimSuffix(p[:i], []byte("\r")), i, -1)
		}
		if i < 0 {
			return
		}
		p = p[i+1:]
	}
}

// hold keeps the beginning of a line; it records the line when end says that LF
// stands at p[end].
func (r *Recorder) hold(p []byte, end int) {
	if end >= 0 {
		p = p[:end]
	}
	r.partialN += len(p)
	r.partial = append(r.partial, p[:min(len(p), max(0, maxLine-len(r.partial)))]...)
	if end >= 0 {
		r.add(fromServer, bytes.TrimSuffix(r.partial, []byte("\r")), r.partialN, -1)
		r.partial, r.partialN = nil, 0
	}
}

// Remark records a line of our own: TLS started, a connection cut.
func (r *Recorder) Remark(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := fmt.Appendf(nil, format, args...)
	r.add(remark, text, len(text), -1)
}

// RemarkMessage is a Remark that belongs to a message, like the line after Message.
func (r *Recorder) RemarkMessage(id, format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	text := fmt.Appendf(nil, format, args...)
	r.messageID = id
	r.add(remark|hasID, text, len(text), -1)
}

// Elide stands for n octets that are not recorded; what says which ("mail data").
// Neighbours of one kind become one remark.
func (r *Recorder) Elide(n int64, what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.elidedAs != what {
		r.settle()
	}
	r.elided, r.elidedAs = r.elided+n, what
}

// Inject says whether what follows is a fault's doing.
func (r *Recorder) Inject(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle()
	r.injecting = on
}

// Message marks the next server line as the one that ends a message's transaction.
func (r *Recorder) Message(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messageID = id
}

// settle records the remark that elided octets are waiting for.
func (r *Recorder) settle() {
	if r.elidedAs == "" {
		return
	}
	text := fmt.Appendf(nil, "%d octets of %s", r.elided, r.elidedAs)
	r.elided, r.elidedAs = 0, ""
	r.add(remark, text, len(text), -1)
}

// add appends a line to the compact form; n is its length before it was cut.
func (r *Recorder) add(k kind, text []byte, n, visible int) {
	if r.elidedAs != "" {
		r.settle()
	}
	now := time.Now()
	if r.began.IsZero() {
		r.began = now
	}
	text = text[:min(len(text), maxLine)]
	id := ""
	if r.messageID != "" && (k == fromServer || k&hasID != 0) {
		id, r.messageID = r.messageID, ""
		k |= hasID
	}
	if r.injecting {
		k |= injected
	}
	b := r.room(len(text) + len(id) + 40)
	b = append(b, byte(k))
	b = binary.AppendUvarint(b, uint64(max(0, now.Sub(r.began).Microseconds())))
	over := ""
	if n > maxLine+1 {
		over = fmt.Sprintf(" … (%d octets)", n)
	}
	b = binary.AppendUvarint(b, uint64(len(text)+len(over)))
	b = append(append(b, text...), over...)
	if visible >= 0 {
		mask(b[len(b)-len(text)-len(over):len(b)-len(over)], visible)
	}
	if id != "" {
		b = append(append(b, byte(len(id))), id...)
	}
	last := len(r.chunks) - 1
	r.size += len(b) - len(r.chunks[last])
	r.chunks[last] = b
}

func mask(text []byte, visible int) {
	for i := min(visible, len(text)); i < len(text); i++ {
		text[i] = '*'
	}
}

// room returns the chunk that has place for n octets, dropping an old one when
// the limit is passed. The first chunk, the opening, always stays.
func (r *Recorder) room(n int) []byte {
	last := len(r.chunks) - 1
	if last >= 0 && len(r.chunks[last])+n <= chunkSize {
		return r.chunks[last]
	}
	limit := r.limit
	if limit == 0 {
		limit = DefaultLimit
	}
	for r.size+chunkSize > limit && len(r.chunks) > 2 {
		r.size -= len(r.chunks[1])
		r.chunks = append(r.chunks[:1], r.chunks[2:]...)
		r.truncated = true
	}
	r.chunks = append(r.chunks, nil)
	return nil
}

// Truncated says whether lines were dropped.
func (r *Recorder) Truncated() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.truncated
}

// Lines returns what was recorded. Octets that are no printable UTF-8 stand as \xHH.
func (r *Recorder) Lines() []model.TranscriptLine {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.settle()
	var lines []model.TranscriptLine
	for _, b := range r.chunks {
		for len(b) > 0 {
			var l model.TranscriptLine
			l, b = decode(b, r.began)
			lines = append(lines, l)
		}
	}
	return lines
}

var directions = [...]string{fromClient: "C", fromServer: "S", remark: "*"}

func decode(b []byte, began time.Time) (model.TranscriptLine, []byte) {
	k := kind(b[0])
	b = b[1:]
	at, n := binary.Uvarint(b)
	b = b[n:]
	size, n := binary.Uvarint(b)
	b = b[n:]
	l := model.TranscriptLine{
		At:        began.Add(time.Duration(at) * time.Microsecond).UTC().Round(0),
		Direction: directions[k&kindMask],
		Text:      printable(b[:size]),
		Injected:  k&injected != 0,
	}
	b = b[size:]
	if k&hasID != 0 {
		l.MessageID = string(b[1 : 1+b[0]])
		b = b[1+b[0]:]
	}
	return l, b
}

func printable(b []byte) string {
	clean := true
	for _, c := range b {
		clean = clean && c >= ' ' && c < 0x7f
	}
	if clean {
		return string(b)
	}
	var s strings.Builder
	for len(b) > 0 {
		c, n := utf8.DecodeRune(b)
		if c == utf8.RuneError && n == 1 || c < ' ' && c != '\t' || c == 0x7f {
			fmt.Fprintf(&s, `\x%02x`, b[0])
		} else {
			s.Write(b[:n])
		}
		b = b[n:]
	}
	return s.String()
}

// OfMessage cuts the transcript of one message out of its session's: the opening
// up to the first transaction, and that message's own transaction. It returns nil
// when the lines do not speak of the message.
func OfMessage(lines []model.TranscriptLine, id string) []model.TranscriptLine {
	opening := len(lines)
	begin, from := 0, -1
	for i, l := range lines {
		if l.Direction == "C" && len(l.Text) >= 5 && strings.EqualFold(l.Text[:5], "MAIL ") {
			begin, opening = i, min(opening, i)
			from = i
		}
		if l.MessageID != id {
			continue
		}
		if from < 0 {
			begin = 0 // its MAIL was dropped
		}
		for l.Direction == "*" && i+1 < len(lines) { // a remark stands before the reply
			i++
			l = lines[i]
		}
		if opening > begin {
			return lines[:i+1]
		}
		return append(append([]model.TranscriptLine(nil), lines[:opening]...), lines[begin:i+1]...)
	}
	return nil
}
