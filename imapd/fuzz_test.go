package imapd

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/store/storetest"
)

// FuzzSession sends any octets in each of the three states. The server must answer
// or close; it may not panic, and a NOOP behind the octets is answered if the
// connection lives and no literal swallowed it.
func FuzzSession(f *testing.F) {
	for name := range verbs {
		f.Add(uint8(2), name+" 1:* (FLAGS)")
		f.Add(uint8(1), name+" INBOX")
	}
	for _, s := range []string{
		"FETCH 1 (BODY[1.2.HEADER.FIELDS (A B)]<1.2> BINARY[1])", "SEARCH RETURN (ALL) OR (UID 1:*) NOT TEXT x",
		"LIST (SUBSCRIBED) \"\" (% *) RETURN (STATUS (MESSAGES))", "SELECT INBOX (QRESYNC (1 2 1:3 (1 1)))", "STORE 1 (UNCHANGEDSINCE 1) +FLAGS.SILENT (a)",
		"APPEND INBOX (\\Seen) \" 7-Jul-1996 02:44:25 -0700\" {3+}\r\nabc", "THREAD REFERENCES UTF-8 ALL", "SORT (REVERSE DATE) UTF-8 ALL",
		"SORT RETURN (MIN SAVE PARTIAL -1:-2) (DISPLAYFROM) UTF-8 ALL", "UID SEARCH RETURN (PARTIAL 1:2 COUNT) MODSEQ 1", "UID FETCH 1:* (FLAGS) (PARTIAL -1:-5 CHANGEDSINCE 1)",
		"ENABLE UIDONLY\r\nd UID FETCH 1:* (FLAGS UID)\r\ne UID SEARCH 1\r\nf FETCH 1 (FLAGS)", "ENABLE UIDONLY QRESYNC\r\nd SELECT INBOX (QRESYNC (1 1 1 (1 1)))",
		"ESEARCH IN (mailboxes (a \"b*\") subtree-one INBOX selected) RETURN (PARTIAL 1:2) CHARSET UTF-8 1:5", "ESEARCH IN (personal (x)) ALL", "ESEARCH RETURN (SAVE) RECENT",
		"NOTIFY SET STATUS (selected (MessageNew (UID BODY.PEEK[HEADER.FIELDS (A)]) MessageExpunge FlagChange)) (subtree (a b) (MailboxName SubscriptionChange)) (personal NONE)",
		"NOTIFY NONE\r\nd STORE 1 +FLAGS x\r\ne NOOP", "NOTIFY SET (selected-delayed (MessageNew MessageExpunge)) (inboxes (MessageNew MessageExpunge FlagChange))\r\nd APPEND Sent {3+}\r\nabc\r\ne CREATE x\r\nf UNSELECT",
		"NOTIFY SET (personal (AnnotationChange))", "IDLE\r\nDONE", "UID FETCH 1:* (FLAGS) (CHANGEDSINCE 1 VANISHED)", "COMPRESS DEFLATE\r\nabc", "AUTHENTICATE PLAIN\r\n*",
		"UID REPLACE 1 INBOX (\\Seen) {3+}\r\nabc", "REPLACE * Sent CATENATE (URL \";UID=1\" TEXT {2+}\r\nab)",
		"APPEND Sent CATENATE (TEXT {2+}\r\nab URL \"/INBOX;UIDVALIDITY=1/;UID=1/;SECTION=HEADER.FIELDS%20(A)/;PARTIAL=1.2\" UTF8 (~{1+}\r\na))",
		"GETMETADATA (DEPTH infinity MAXSIZE 9) INBOX (/private /shared/comment)", "SETMETADATA \"\" (/private/comment ~{3+}\r\na\x00b /shared/x NIL)",
		"ENABLE METADATA\r\nd SETMETADATA INBOX (/private/comment \"x\")", "LIST \"\" * RETURN (METADATA (/private/comment \"/shared/a b\"))",
		"UNAUTHENTICATE\r\nd LOGIN anna@shop.example x", "COMPRESS DEFLATE\r\n\x00\x0f\x00\xf0\xffd UNAUTHENTICATE\r\n",
	} {
		f.Add(uint8(2), s)
	}
	st := openStore(f)
	addr := serve(f, st, Options{MaxMessage: 10_000, Idle: time.Second})
	storetest.Deliver(f, st, "From: a@b.test\r\nSubject: x\r\n\r\nbody\r\n", user)
	f.Fuzz(func(t *testing.T, state uint8, line string) {
		if len(line) > 4000 {
			return
		}
		p := dial(t, addr)
		defer p.conn.Close()
		script := ""
		if state%3 > 0 {
			script = "a LOGIN " + user + " x\r\n"
		}
		if state%3 == 2 {
			script += "b EXAMINE INBOX\r\n"
		}
		p.send(script + "c " + line + "\r\nz1 NOOP\r\nDONE\r\nz2 LOGOUT\r\n")
		if c, ok := p.conn.(interface{ CloseWrite() error }); ok {
			_ = c.CloseWrite()
		}
		p.conn.SetReadDeadline(time.Now().Add(10 * time.Second))
		out, err := io.ReadAll(p.r)
		if err != nil && !strings.Contains(err.Error(), "reset") {
			t.Fatalf("%q: %v after %q", line, err, out)
		}
	})
}
