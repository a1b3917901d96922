package imapd

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// proofs use each capability once: commands, and what must stand in the answers.
// "@" before a command sends it before login.
var proofs = map[string][][2]string{
	"IMAP4rev1":             {{"LSUB \"\" *", "LSUB"}, {"FETCH 1 RFC822.HEADER", `RFC822.HEADER \{`}},
	"IMAP4rev2":             {{"ENABLE IMAP4rev2", "ENABLED IMAP4rev2"}, {"SELECT INBOX", `LIST \(.*\) "/" INBOX`}, {"SEARCH ALL", "ESEARCH"}},
	"ID":                    {{"@ID NIL", `\* ID \(`}},
	"SASL-IR":               {{"@AUTHENTICATE PLAIN AGFubmFAc2hvcC5leGFtcGxlAHg=", "OK"}},
	"ENABLE":                {{"ENABLE CONDSTORE", "ENABLED CONDSTORE"}},
	"LITERAL+":              {{"STATUS {5+}\r\nINBOX (MESSAGES)", "MESSAGES 2"}},
	"BINARY":                {{"FETCH 1 BINARY[1]", `BINARY\[1\] \{`}, {"FETCH 1 BINARY.SIZE[1]", `BINARY.SIZE\[1\] \d`}},
	"CATENATE":              {{"APPEND Sent CATENATE (TEXT {5+}\r\nA: b\n URL /INBOX/;UID=1/;SECTION=TEXT)", "APPENDUID"}, {"APPEND Sent CATENATE (URL /INBOX/;UID=9)", "BADURL /INBOX/;UID=9"}},
	"REPLACE":               {{"UID REPLACE 1 INBOX {4+}\r\na: b", `(?s)APPENDUID.*EXPUNGE`}},
	"URL-PARTIAL":           {{`APPEND Sent CATENATE (URL "/INBOX/;UID=1/;PARTIAL=0.5")`, "APPENDUID"}, {"STATUS Sent (SIZE)", `\(SIZE 5\)`}},
	"CHILDREN":              {{"LIST \"\" *", `\\HasNoChildren`}},
	"CONDSTORE":             {{"SELECT INBOX (CONDSTORE)", "HIGHESTMODSEQ"}, {"FETCH 1 MODSEQ", `MODSEQ \(\d+\)`}, {"STORE 1 (UNCHANGEDSINCE 1) +FLAGS x", "OK"}},
	"QRESYNC":               {{"ENABLE QRESYNC", "ENABLED QRESYNC"}, {"SELECT INBOX (QRESYNC (1 1 1:5))", "OK"}},
	"CREATE-SPECIAL-USE":    {{"DELETE Junk", "OK"}, {`CREATE Spam (USE (\Junk))`, "OK"}, {`LIST (SPECIAL-USE) "" Spam`, `\\Junk`}},
	"SPECIAL-USE":           {{`LIST "" * RETURN (SPECIAL-USE)`, `\\Drafts`}},
	"ESEARCH":               {{"SEARCH RETURN (COUNT) ALL", "COUNT 2"}},
	"ESORT":                 {{"UID SORT RETURN (MIN MAX COUNT ALL) (SUBJECT) UTF-8 ALL", `ESEARCH \(TAG "t\d"\) UID MIN 1 MAX 2 ALL 1:2 COUNT 2`}},
	"PARTIAL":               {{"UID SEARCH RETURN (PARTIAL -1:-1) ALL", `UID PARTIAL \(-1:-1 2\)`}, {"UID FETCH 1:* (FLAGS) (PARTIAL 1:1)", `^\* 1 FETCH [^*]*t\d OK`}},
	"SORT=DISPLAY":          {{"SORT (DISPLAYFROM DISPLAYTO) UTF-8 ALL", "SORT 1 2"}},
	"IDLE":                  {{"IDLE\r\nDONE", `\+ idling`}},
	"INPROGRESS":            {{"SEARCH TEXT body", "OK SEARCH"}}, // TestInProgress makes it take long
	"LIST-EXTENDED":         {{`LIST (SUBSCRIBED) "" (INBOX Sent) RETURN (CHILDREN)`, `\\Subscribed`}},
	"LIST-METADATA":         {{`SETMETADATA INBOX (/private/comment "x")`, "OK"}, {`LIST "" INBOX RETURN (METADATA (/private/comment))`, `METADATA INBOX \(/private/comment "x"\)`}},
	"LIST-STATUS":           {{`LIST "" INBOX RETURN (STATUS (MESSAGES))`, "MESSAGES 2"}},
	"METADATA":              {{`SETMETADATA "" (/shared/comment "x")`, "OK"}, {`GETMETADATA "" /shared/comment`, `METADATA "" \(/shared/comment "x"\)`}, {"ENABLE METADATA", "ENABLED METADATA"}},
	"MOVE":                  {{"MOVE 1 Archive", "COPYUID"}},
	"MULTIAPPEND":           {{"APPEND Sent {4+}\r\na: b {4+}\r\nc: d", `APPENDUID \d+ \d+:\d+`}},
	"MULTISEARCH":           {{"COPY 1 Sent", "OK"}, {"ESEARCH IN (personal) RETURN (COUNT) ALL", `ESEARCH \(TAG "t\d" MAILBOX "Sent" UIDVALIDITY \d+\) UID COUNT 1`}},
	"NAMESPACE":             {{"NAMESPACE", "NAMESPACE"}},
	"NOTIFY":                {{"NOTIFY SET STATUS (selected (MessageNew MessageExpunge)) (mailboxes Sent (MessageNew MessageExpunge))", `STATUS "Sent" \(MESSAGES 0 UIDNEXT \d+ UIDVALIDITY \d+\)`}, {"NOTIFY SET (personal (XYZZY))", `NO \[BADEVENT \(`}},
	"OBJECTID":              {{"STATUS INBOX (MAILBOXID)", `MAILBOXID \(`}, {"FETCH 1 EMAILID", `EMAILID \(`}},
	"PREVIEW":               {{"FETCH 1 PREVIEW", `PREVIEW "`}},
	"QUOTA":                 {{"GETQUOTAROOT INBOX", "QUOTAROOT"}},
	"QUOTA=RES-MESSAGE":     {{`GETQUOTA ""`, "MESSAGE "}},
	"QUOTA=RES-STORAGE":     {{`GETQUOTA ""`, "STORAGE "}},
	"SAVEDATE":              {{"FETCH 1 SAVEDATE", `SAVEDATE "`}, {"SEARCH SAVEDSINCE 1-Jan-2020", "SEARCH 1 2"}},
	"SEARCHRES":             {{"SEARCH RETURN (SAVE) ALL", "OK"}, {"FETCH $ UID", "FETCH"}},
	"SORT":                  {{"SORT (SUBJECT) UTF-8 ALL", `SORT 1 2|SORT 2 1`}},
	"STATUS=SIZE":           {{"STATUS INBOX (SIZE)", `SIZE \d\d`}},
	"THREAD=ORDEREDSUBJECT": {{"THREAD ORDEREDSUBJECT UTF-8 ALL", `THREAD \(`}},
	"THREAD=REFERENCES":     {{"THREAD REFERENCES UTF-8 ALL", `THREAD \(`}},
	"UIDONLY":               {{"ENABLE UIDONLY", "ENABLED UIDONLY"}, {"SELECT INBOX", "OK"}, {"FETCH 1 FLAGS", `BAD \[UIDREQUIRED\]`}, {"UID FETCH 1 FLAGS", `\* 1 UIDFETCH \(FLAGS`}},
	"UIDPLUS":               {{"COPY 1 Sent", "COPYUID"}, {"UID EXPUNGE 1", "OK"}},
	"UNSELECT":              {{"UNSELECT", "OK"}},
	"UTF8=ACCEPT":           {{"ENABLE UTF8=ACCEPT", "ENABLED UTF8=ACCEPT"}, {`CREATE "Ü"`, "OK"}, {`LIST "" "Ü"`, `"Ü"`}},
	"WITHIN":                {{"SEARCH YOUNGER 3600", "SEARCH 1 2"}},
	"APPENDLIMIT":           {{"STATUS INBOX (APPENDLIMIT)", "APPENDLIMIT 100000"}, {"APPEND INBOX {100001}", "TOOBIG"}},
	"COMPRESS=DEFLATE":      {{"COMPRESS DEFLATE", "OK"}},
	"UNAUTHENTICATE":        {{"UNAUTHENTICATE", "OK"}, {"SELECT INBOX", "BAD not permitted in the not auth"}, {"LOGIN berta@shop.example x", "OK"}},
	"AUTH":                  {{"@AUTHENTICATE PLAIN AGFubmFAc2hvcC5leGFtcGxlAHg=", "OK"}},
}

// Every capability that is announced is proved, and none is proved that is not announced.
func TestCapabilities(t *testing.T) {
	st := storetest.Open(t, store.Options{Path: store.InMemory, DefaultLimits: store.Limits{Messages: 1000, Bytes: 1 << 20}})
	for range 2 {
		storetest.Deliver(t, st, "Subject: x\r\nFrom: a@b.test\r\n\r\nbody\r\n", user)
	}
	addr := serve(t, st, Options{MaxMessage: 100_000})
	before := dial(t, addr)
	_, _ = before.line()
	caps := strings.Fields(before.ok("CAPABILITY")[0])[2:]
	caps = append(caps, strings.Fields(login(t, addr).ok("CAPABILITY")[0])[2:]...)
	seen := map[string]bool{}
	for _, c := range caps {
		name := c
		if proofs[c] == nil {
			name, _, _ = strings.Cut(c, "=")
		}
		if seen[name] {
			continue
		}
		seen[name] = true
		if proofs[name] == nil {
			t.Errorf("%s is announced without a proof", c)
		}
	}
	for name, steps := range proofs {
		if !seen[name] {
			t.Errorf("%s is not announced", name)
		}
		t.Run(name, func(t *testing.T) { prove(t, addr, steps) })
	}
}

func prove(t *testing.T, addr string, steps [][2]string) {
	st := openStore(t)
	for range 2 {
		storetest.Deliver(t, st, "Subject: x\r\nFrom: a@b.test\r\n\r\nbody\r\n", user)
	}
	if !slices.ContainsFunc(steps, func(s [2]string) bool { return strings.HasPrefix(s[0], "GETQUOTA") }) {
		addr = serve(t, st, Options{MaxMessage: 100_000})
	}
	p := dial(t, addr)
	_, _ = p.line()
	if !strings.HasPrefix(steps[0][0], "@") {
		p.ok("LOGIN %s x", user)
		if !strings.HasPrefix(steps[0][0], "ENABLE") && !strings.HasPrefix(steps[0][0], "SELECT") {
			p.ok("SELECT INBOX")
		}
	}
	for _, step := range steps {
		lines := strings.Join(p.do("%s", strings.TrimPrefix(step[0], "@")), "\n")
		if !regexp.MustCompile(step[1]).MatchString(lines) {
			t.Errorf("%q answered %q, want %q", step[0], lines, step[1])
		}
	}
}
