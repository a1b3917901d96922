package message

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/catchpost/catchpost/internal/model"
)

// malformed is one mail of testdata/malformed with what is expected of it.
type malformed struct {
	name string
	raw  []byte
	want expectation
}

// expectation is the JSON beside a mail. Pointers and nil slices that the JSON
// leaves out are not looked at.
type expectation struct {
	Subject     string   `json:"subject"`
	From        []string `json:"from"`
	To          []string `json:"to"`
	Text        *string  `json:"text"`
	HTML        *string  `json:"html"`
	Visible     *string  `json:"visible"`
	Date        *string  `json:"date"` // "" for unreadable
	MessageID   *string  `json:"message_id"`
	Parts       []string `json:"parts"`       // "path type"
	Attachments []string `json:"attachments"` // "path name type size"
	Warnings    []string `json:"warnings"`    // codes, sorted
}

var hexEscape = regexp.MustCompile(`\{\{(?:[0-9A-F]{2})+\}\}`)

// wireOctets turns a mail of the corpus into its octets; the files say how.
func wireOctets(data []byte) []byte {
	data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	data = bytes.ReplaceAll(data, []byte("{{LF}}\r\n"), []byte("\n"))
	if i := bytes.Index(data, []byte("{{EOF}}")); i >= 0 {
		data = data[:i]
	}
	return hexEscape.ReplaceAllFunc(data, func(m []byte) []byte {
		octets, _ := hex.DecodeString(string(m[2 : len(m)-2])) // the pattern lets hex through alone
		return octets
	})
}

// corpus reads testdata/malformed.
func corpus(tb testing.TB) (mails []malformed) {
	files, err := filepath.Glob("testdata/malformed/*.txtar")
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			tb.Fatal(err)
		}
		theme := strings.TrimSuffix(filepath.Base(file), ".txtar")
		for i := 0; i+1 < len(archive.Files); i += 2 {
			mail, want := archive.Files[i], archive.Files[i+1]
			m := malformed{name: theme + "/" + strings.TrimSuffix(mail.Name, ".eml"), raw: wireOctets(mail.Data)}
			dec := json.NewDecoder(bytes.NewReader(want.Data))
			dec.DisallowUnknownFields()
			if err := dec.Decode(&m.want); err != nil || strings.TrimSuffix(want.Name, ".json") != strings.TrimSuffix(mail.Name, ".eml") {
				tb.Fatalf("%s: %s %s: %v", file, mail.Name, want.Name, err)
			}
			mails = append(mails, m)
		}
	}
	return mails
}

func TestMalformed(t *testing.T) {
	mails := corpus(t)
	if len(mails) < 120 {
		t.Fatalf("the corpus has %d mails", len(mails))
	}
	for _, m := range mails {
		t.Run(m.name, func(t *testing.T) {
			d := Scan(m.raw)
			checkInvariants(t, m.raw, d)
			if diff := cmp.Diff(m.want, observed(m.raw, d, m.want)); diff != "" {
				t.Errorf("(-want +got)\n%s\nwarnings: %+v", diff, d.Warnings)
			}
		})
	}
}

// observed says what was recovered, in the shape of want.
func observed(raw []byte, d *Digest, want expectation) (got expectation) {
	v := View{Raw: raw, Digest: d}
	got.Subject = d.Subject
	if want.From != nil {
		got.From = spell(d.From)
	}
	if want.To != nil {
		got.To = spell(d.To)
	}
	if text, ok := v.Text(); ok {
		got.Text = &text
	}
	if want.HTML != nil {
		if html, ok := v.HTML(); ok {
			got.HTML = &html
		}
	}
	if want.Visible != nil {
		html, _ := v.HTML()
		visible := Visible(html)
		got.Visible = &visible
	}
	if want.Date != nil {
		date := ""
		if !d.Date.IsZero() {
			date = d.Date.Format(time.RFC3339)
		}
		got.Date = &date
	}
	if want.MessageID != nil {
		got.MessageID = &d.MessageID
	}
	for _, p := range d.Parts {
		got.Parts = append(got.Parts, p.Path+" "+p.Type)
	}
	got.Attachments = []string{}
	for _, a := range v.Attachments() {
		got.Attachments = append(got.Attachments, fmt.Sprintf("%s %s %s %d", a.Path, a.Name, a.Type, a.Size))
	}
	got.Warnings = codes(d)
	return got
}

func spell(list []model.Address) []string {
	out := []string{}
	for _, a := range list {
		out = append(out, strings.TrimSpace(a.Name+" <"+a.Address+">"))
	}
	return out
}

func codes(d *Digest) []string {
	out := []string{}
	for _, w := range d.Warnings {
		out = append(out, w.Code)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// checkInvariants holds for every message there can be.
func checkInvariants(t *testing.T, raw []byte, d *Digest) {
	t.Helper()
	for _, err := range []error{checkEnvelope(d.Envelope), checkBody(d.Body, false), checkBody(d.BodyStructure, true)} {
		if err != nil {
			t.Errorf("wire: %v", err)
		}
	}
	if len(d.Parts) == 0 || len(d.Parts) > maxParts {
		t.Fatalf("%d parts", len(d.Parts))
	}
	v := View{Raw: raw, Digest: d}
	seen := map[string]bool{}
	for i, p := range d.Parts {
		if p.HeaderStart < 0 || p.HeaderStart > p.BodyStart || p.BodyStart > p.BodyEnd || p.BodyEnd > int64(len(raw)) || p.Parent >= i {
			t.Fatalf("part %d: %+v of %d octets", i, p, len(raw))
		}
		if seen[p.Path] {
			t.Errorf("two parts are %q", p.Path)
		}
		seen[p.Path] = true
		if p.Parent >= 0 {
			if o := d.Parts[p.Parent]; p.HeaderStart < o.BodyStart || p.BodyEnd > max(o.BodyEnd, p.BodyStart) {
				t.Errorf("part %d %+v is not within %+v", i, p, o)
			}
		}
		if strings.HasPrefix(p.Type, "multipart/") {
			continue
		}
		if len(raw) < 1<<16 {
			decoded := v.Decoded(p)
			if int64(len(decoded)) != p.Size {
				t.Errorf("part %s: size %d, decoded %d", p.Path, p.Size, len(decoded))
			}
			var streamed bytes.Buffer
			if _, err := streamed.ReadFrom(v.DecodedReader(p)); err != nil || !bytes.Equal(streamed.Bytes(), decoded) {
				t.Errorf("part %s: streamed %q, decoded %q, %v", p.Path, streamed.Bytes(), decoded, err)
			}
		}
	}
	if d.SearchQ < 0 || d.SearchQ > len(d.SearchText) || len(d.SearchText) > 2*maxSearch {
		t.Errorf("search text %d of %d", d.SearchQ, len(d.SearchText))
	}
	if n := len([]rune(d.Snippet)); n > snippetLength {
		t.Errorf("snippet of %d characters", n)
	}
}

// big are mails too large to keep, with the warnings and parts expected of them.
func big() map[string]struct {
	raw      []byte
	warnings []string
	parts    int
} {
	head := "From: a@x.test\r\nSubject: S\r\nDate: Sun, 22 Nov 2026 21:53:06 +0000\r\n"
	var deep, deepMessages, many, dashes strings.Builder
	deep.WriteString(head)
	for i := range 1000 {
		fmt.Fprintf(&deep, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i)
	}
	deep.WriteString("\r\nHello\r\n")
	for i := range 1000 {
		fmt.Fprintf(&deep, "--b%d--\r\n", 999-i)
	}
	deepMessages.WriteString(head)
	for range 1000 {
		deepMessages.WriteString("Content-Type: message/rfc822\r\n\r\n")
	}
	many.WriteString(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n")
	for range 12000 {
		many.WriteString("--b\r\n\r\nx\r\n")
	}
	many.WriteString("--b--\r\n")
	dashes.WriteString(head + "Content-Type: multipart/mixed; boundary=b\r\n\r\n" + strings.Repeat("--bb\r\n", 1<<20/6))
	type mail = struct {
		raw      []byte
		warnings []string
		parts    int
	}
	return map[string]mail{
		"header line of 1 MB":      {[]byte(head + "X-Long: " + strings.Repeat("x", 1<<20) + "\r\n\r\nHello\r\n"), []string{WarnLongHeaderLine, WarnTextTruncated}, 1},
		"subject of 1 MB":          {[]byte("Subject: " + strings.Repeat("=?utf-8?Q?a?= ", 1<<20/14) + "\r\n" + head[:strings.Index(head, "Subject")] + head[strings.Index(head, "Date"):] + "\r\nHello\r\n"), []string{WarnLongHeaderLine, WarnTextTruncated}, 1},
		"1,000 deep":               {[]byte(deep.String()), []string{WarnTooDeep}, 101},
		"1,000 messages deep":      {[]byte(deepMessages.String()), []string{WarnTooDeep}, 101},
		"12,000 parts":             {[]byte(many.String()), []string{WarnTooManyParts}, maxParts},
		"1 MB of dashes":           {[]byte(dashes.String()), []string{WarnBrokenBoundary, WarnNoHeader, WarnTooManyParts}, maxParts},
		"1 MB of To":               {[]byte(head + "To: " + strings.Repeat("a@x.test, ", 1<<20/10) + "b@x.test\r\n\r\n"), []string{WarnLongHeaderLine}, 1},
		"1 MB of open parentheses": {[]byte(head + "To: " + strings.Repeat("(", 1<<20) + "\r\n\r\n"), []string{WarnBadAddress, WarnLongHeaderLine}, 1},
		"1 MB of open literals":    {[]byte(head + "To: " + strings.Repeat("[", 1<<20) + "\r\n\r\n"), []string{WarnBadAddress, WarnLongHeaderLine, WarnTextTruncated}, 1},
		"1 MB of escaped quotes":   {[]byte(head + "To: " + strings.Repeat("\"\\", 1<<19) + "\r\n\r\n"), []string{WarnBadAddress, WarnLongHeaderLine, WarnTextTruncated}, 1},
		"1 MB of split quanta":     {[]byte("Subject: " + strings.Repeat("=?utf-8?B?YWFhY?= ", 1<<20/18) + "\r\n" + head[:strings.Index(head, "Subject")] + head[strings.Index(head, "Date"):] + "\r\n"), []string{WarnBrokenEncodedWord, WarnLongHeaderLine, WarnTextTruncated}, 1},
		"1 MB of open brackets":    {[]byte(head + "To: " + strings.Repeat("<", 1<<20) + "\r\n\r\n"), []string{WarnBadAddress, WarnLongHeaderLine}, 1},
		"1 MB of quotes":           {[]byte(head + "To: " + strings.Repeat("\"a", 1<<19) + "\r\n\r\n"), []string{WarnBadAddress, WarnLongHeaderLine, WarnTextTruncated}, 1},
		"1 MB of open words":       {[]byte("Subject: " + strings.Repeat("=?utf-8?Q?a", 1<<20/11) + "\r\n" + head[:strings.Index(head, "Subject")] + head[strings.Index(head, "Date"):] + "\r\n"), []string{WarnBrokenEncodedWord, WarnLongHeaderLine, WarnTextTruncated}, 1},
		"1 MB of parameters":       {[]byte(head + "Content-Type: text/plain" + strings.Repeat("; a*0*=b", 1<<20/8) + "\r\n\r\n"), []string{WarnBrokenParameter, WarnLongHeaderLine, WarnTextTruncated}, 1},
		"1 MB of HTML":             {[]byte(head + "Content-Type: text/html\r\n\r\n" + strings.Repeat("<p>\r\n<a href=x>y</a>", 1<<20/20) + "\r\n"), nil, 1},
		"1 MB of header lines":     {[]byte(head + strings.Repeat("A: b\r\n", 1<<20/6) + "\r\nHello\r\n"), []string{WarnTextTruncated}, 1},
		"1 MB without colons":      {[]byte(head + strings.Repeat("A b\r\nA: b\r\n", 1<<20/11) + "\r\nHello\r\n"), []string{WarnHeaderNoColon, WarnTextTruncated}, 1},
		"1 MB of NUL":              {[]byte(head + "\r\n" + strings.Repeat("\x00", 1<<20)), []string{WarnLineTooLong, WarnNULOctet, WarnTextTruncated}, 1},
	}
}

func TestBigMalformed(t *testing.T) {
	for name, m := range big() {
		t.Run(name, func(t *testing.T) {
			d := Scan(m.raw)
			checkInvariants(t, m.raw, d)
			got := slices.DeleteFunc(codes(d), func(c string) bool { return c == WarnBadCharset })
			if !slices.Equal(got, append([]string{}, m.warnings...)) || len(d.Parts) != m.parts {
				t.Errorf("warnings %q, %d parts; want %q, %d", got, len(d.Parts), m.warnings, m.parts)
			}
		})
	}
}

// maxCPU is the most CPU time that a MiB of malformed mail may take; past
// maxCPU and slack the test fails, since a busy machine's caches cost CPU time too.
const (
	maxCPU = 20 * time.Millisecond
	slack  = 5 * time.Millisecond
)

// TestCPUPerMiB holds every malformed mail to maxCPU a MiB; a mail under a MiB is
// held to it as a whole. It counts CPU time, not wall time, and the best of
// several runs, so that a busy machine does not make it fail.
func TestCPUPerMiB(t *testing.T) {
	mails := hostile()
	for name, m := range big() {
		mails = append(mails, hostileMail{name, m.raw})
	}
	for _, m := range corpus(t) {
		mails = append(mails, hostileMail{m.name, m.raw})
	}
	limit := maxCPU + slack
	if raceEnabled {
		limit *= 20
	}
	worst, worstName, over := time.Duration(0), "", 0
	for _, m := range mails {
		perMiB := cpuPerMiB(t, m.raw, limit)
		if len(m.raw) > 1<<15 {
			t.Logf("%-30s %8.1f KiB %8.2f ms/MiB", m.name, float64(len(m.raw))/1024, float64(perMiB.Microseconds())/1000)
		}
		if perMiB > worst {
			worst, worstName = perMiB, m.name
		}
		if perMiB > maxCPU {
			over++
		}
		if perMiB > limit {
			t.Errorf("%s takes %v of CPU per MiB, %v are the most", m.name, perMiB, limit)
		}
	}
	t.Logf("the dearest of %d mails is %q: %v per MiB; %d are over %v", len(mails), worstName, worst, over, maxCPU)
}

// cpuPerMiB is the least CPU time of some scans; more runs are made while it is
// over a third of the limit, since what else runs can only add to it.
func cpuPerMiB(t *testing.T, raw []byte, limit time.Duration) time.Duration {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	mib := max(float64(len(raw))/(1<<20), 1)
	best := time.Duration(1 << 62)
	for run := 0; run < 3 || run < 10 && best > limit/3; run++ {
		if len(raw) > 1<<15 {
			runtime.GC() // the garbage of others is not ours to pay
		}
		start := cpuTime(t)
		Scan(raw)
		best = min(best, time.Duration(float64(cpuTime(t)-start)/mib))
	}
	return best
}
