package message

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/quotedprintable"
	"slices"
	"strings"
	"testing"

	_ "github.com/emersion/go-message/charset"
	"github.com/emersion/go-message/mail"
	"github.com/google/go-cmp/cmp"
	"github.com/jhillyerd/enmime/v2"
	"golang.org/x/text/encoding/htmlindex"
)

// reading is what a library makes of a message.
type reading struct {
	Subject, From, Text, HTML string
	Attachments               []string // "name: octets"
}

// samples are texts in charsets that can hold them.
var samples = []struct{ charset, text string }{
	{"us-ascii", "Dear Anna, plain = text.\nSecond line with trailing words\n"},
	{"utf-8", "Grüße aus Köln – 日本 – Привет – 😀\nzweite Zeile = 2\n"},
	{"iso-8859-1", "Grüße, señor = ¡Hola!\n"},
	{"iso-8859-2", "Zażółć gęślą jaźń\n"},
	{"iso-8859-15", "Preis: 5 € für Œuvre\n"},
	{"windows-1252", "“quoted” – 5 €\n"},
	{"windows-1251", "Привет, Анна!\n"},
	{"koi8-r", "Привет, Анна!\n"},
	{"shift_jis", "こんにちは、世界\n"},
	{"euc-jp", "こんにちは、世界\n"},
	{"iso-2022-jp", "こんにちは、世界\n"},
	{"gbk", "你好，世界\n"},
	{"gb18030", "你好，世界\n"},
	{"big5", "你好，世界\n"},
	{"euc-kr", "안녕하세요 세계\n"},
}

func encodeCharset(t *testing.T, text, charset string) []byte {
	if charset == "us-ascii" {
		return []byte(text)
	}
	e, err := htmlindex.Get(charset)
	if err != nil {
		t.Fatal(err)
	}
	out, err := e.NewEncoder().Bytes([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func encodeTransfer(b []byte, encoding string) []byte {
	switch encoding {
	case "base64":
		return appendBase64Lines(nil, b, 76)
	case "quoted-printable":
		var out bytes.Buffer
		w := quotedprintable.NewWriter(&out)
		_, _ = w.Write(b)
		_ = w.Close()
		return out.Bytes()
	}
	return b
}

// entityOf writes one leaf with its header.
func entityOf(t *testing.T, mediaType, text, charset, encoding, more string) string {
	body := encodeTransfer(encodeCharset(t, strings.ReplaceAll(text, "\n", "\r\n"), charset), encoding)
	return fmt.Sprintf("Content-Type: %s; charset=%s\r\nContent-Transfer-Encoding: %s\r\n%s\r\n%s", mediaType, charset, encoding, more, body)
}

func group(kind string, parts ...string) string {
	boundary := "=_" + kind + "'()+_,-./:=?"
	out := fmt.Sprintf("Content-Type: multipart/%s; boundary=\"%s\"\r\n\r\nThis is MIME.\r\n", kind, boundary)
	for _, p := range parts {
		out += "--" + boundary + "\r\n" + p + "\r\n"
	}
	return out + "--" + boundary + "--\r\n"
}

// wellFormed generates mail in every structure, charset and encoding.
func wellFormed(t *testing.T) map[string][]byte {
	mails := map[string][]byte{}
	names := []string{"terms.pdf", "Prüfung 1.pdf", "名前.pdf"}
	for i, s := range samples {
		for _, encoding := range []string{"8bit", "quoted-printable", "base64"} {
			plain := entityOf(t, "text/plain", s.text, s.charset, encoding, "")
			html := entityOf(t, "text/html", "<html><body><p>"+strings.TrimSpace(s.text)+"</p></body></html>\n", s.charset, encoding, "")
			name := names[i%len(names)]
			file := fmt.Sprintf("Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; %s\r\n\r\n%s",
				parameter("filename", name), base64.StdEncoding.EncodeToString([]byte("%PDF-1.4 "+name)))
			image := "Content-Type: image/png; name=\"logo.png\"\r\nContent-Transfer-Encoding: base64\r\nContent-ID: <logo@x>\r\nContent-Disposition: inline; filename=\"logo.png\"\r\n\r\niVBORw0KGgo="
			inner := "Content-Type: message/rfc822\r\nContent-Disposition: attachment; filename=\"inner.eml\"\r\n\r\nSubject: inner\r\nFrom: in@x.test\r\n\r\ninner text\r\n"
			head := fmt.Sprintf("From: %s <hello@shop.test>\r\nTo: anna@x.test\r\nSubject: %s\r\nDate: Sun, 22 Nov 2026 21:53:06 +0000\r\nMIME-Version: 1.0\r\n",
				mime.QEncoding.Encode("utf-8", "Shöp"), mime.BEncoding.Encode("utf-8", strings.TrimSpace(s.text)))
			for kind, body := range map[string]string{
				"plain":       plain,
				"html":        html,
				"alternative": group("alternative", plain, html),
				"mixed":       group("mixed", plain, file),
				"deep":        group("mixed", group("alternative", plain, group("related", html, image)), file),
				"related":     group("related", html, image),
				"rfc822":      group("mixed", plain, inner),
			} {
				mails[kind+" "+s.charset+" "+encoding] = []byte(head + body)
			}
		}
	}
	return mails
}

func TestDifferential(t *testing.T) {
	mails := wellFormed(t)
	for name, raw := range mails {
		d := Scan(raw)
		checkInvariants(t, raw, d)
		if len(d.Warnings) > 0 {
			t.Errorf("%s: %+v", name, d.Warnings)
		}
		ours := readOurs(raw, d)
		for library, read := range map[string]func([]byte) (reading, error){"enmime": readEnmime, "go-message": readGoMessage} {
			theirs, err := read(raw)
			if err != nil {
				t.Errorf("%s: %s: %v", name, library, err)
				continue
			}
			want := ours
			if library == "enmime" && ours.Text == "" {
				theirs.Text = "" // enmime makes text of the HTML
			}
			if diff := cmp.Diff(theirs, want); diff != "" {
				t.Errorf("%s: (-%s +ours)\n%s", name, library, diff)
			}
		}
	}
	t.Logf("%d mails read alike by enmime, go-message and us", len(mails))
}

func readOurs(raw []byte, d *Digest) (r reading) {
	v := View{Raw: raw, Digest: d}
	r.Subject, r.From = d.Subject, d.From[0].Name+" <"+d.From[0].Address+">"
	text, _ := v.Text()
	html, _ := v.HTML()
	r.Text, r.HTML = normal(text), normal(html)
	for _, a := range v.Attachments() {
		p, _ := v.Part(a.Path)
		r.Attachments = append(r.Attachments, a.Name+": "+normal(string(v.Decoded(p))))
	}
	slices.Sort(r.Attachments)
	return r
}

// normal leaves out what the libraries treat each in its own way: line ends, and
// those at the end.
func normal(s string) string {
	return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
}

func readEnmime(raw []byte) (r reading, err error) {
	env, err := enmime.ReadEnvelope(bytes.NewReader(raw))
	if err != nil {
		return r, err
	}
	r.Subject, r.Text, r.HTML = env.GetHeader("Subject"), normal(env.Text), normal(env.HTML)
	from, err := env.AddressList("From")
	if err != nil {
		return r, err
	}
	r.From = from[0].Name + " <" + from[0].Address + ">"
	for _, list := range [][]*enmime.Part{env.Attachments, env.Inlines, env.OtherParts} {
		for _, p := range list {
			r.Attachments = append(r.Attachments, p.FileName+": "+normal(string(p.Content)))
		}
	}
	slices.Sort(r.Attachments)
	return r, nil
}

func readGoMessage(raw []byte) (r reading, err error) {
	reader, err := mail.CreateReader(bytes.NewReader(raw))
	if err != nil {
		return r, err
	}
	if r.Subject, err = reader.Header.Subject(); err != nil {
		return r, err
	}
	from, err := reader.Header.AddressList("From")
	if err != nil {
		return r, err
	}
	r.From = from[0].Name + " <" + from[0].Address + ">"
	for {
		p, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			slices.Sort(r.Attachments)
			return r, nil
		}
		if err != nil {
			return r, err
		}
		body, err := io.ReadAll(p.Body)
		if err != nil {
			return r, err
		}
		mediaType, params, _ := mime.ParseMediaType(p.Header.Get("Content-Type"))
		switch h := p.Header.(type) {
		case *mail.AttachmentHeader:
			name, err := h.Filename()
			if err != nil {
				return r, err
			}
			r.Attachments = append(r.Attachments, name+": "+normal(string(body)))
		default:
			switch mediaType {
			case "text/plain":
				r.Text = normal(string(body))
			case "text/html":
				r.HTML = normal(string(body))
			default:
				r.Attachments = append(r.Attachments, params["name"]+": "+normal(string(body)))
			}
		}
	}
}
