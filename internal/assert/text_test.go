package assert_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/catchpost/catchpost/internal/assert"
	"github.com/catchpost/catchpost/internal/model"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
	}
}

// Each hint code has a failing example whose text stands in testdata.
func TestHints(t *testing.T) {
	anna := mail("06f3k2m9q7vd", "anna@x.test", "Welcome, Anna", "Hi Anna,\nyour code is 482913.\n")
	ana := mail("06f3k2m9q7va", "ana@x.test", "Welcome, Anna", "Hi Ana")
	bcc := mail("06f3k2m9q7vb", "list@shop.test", "Offers", "Hi all")
	bcc.ForwardPaths = []string{"anna@x.test"}
	blanks := mail("06f3k2m9q7vc", "anna@x.test", "Welcome,\u00a0 Anna", "Hi")
	other := mail("06f3k2m9q7ve", "anna@x.test", "Welcome, Anna", "Hi").Summary
	other.Sandbox = "run-7"
	later := []after{{time.Second, anna}}
	for _, c := range []struct {
		code, json string
		mails      []after
		box        *box
	}{
		{"address_case", `{"name":"welcome mail","where":{"to.regex":"^Anna@","subject":"welcome"}}`, []after{{0, anna}}, &box{}},
		{"address_near", `{"name":"welcome mail","where":{"to":"anna@x.test","subject.prefix":"Welcome"},"count":1,"within":"10s"}`, []after{{time.Second, ana}}, &box{}},
		{"plus_tag", `{"name":"welcome mail","where":{"to":"anna+run-42@x.test"},"within":"10s"}`, later, &box{}},
		{"header_not_envelope", `{"name":"offers","where":{"forward_paths":"list@shop.test"},"within":"10s"}`, []after{{time.Second, bcc}}, &box{}},
		{"envelope_not_header", `{"name":"offers","where":{"to":"anna@x.test","subject":"Offers"},"within":"10s"}`, []after{{time.Second, bcc}}, &box{}},
		{"white_space", `{"name":"welcome mail","where":{"to":"anna@x.test","subject.eq":"Welcome, Anna"},"within":"10s"}`, []after{{time.Second, blanks}}, &box{}},
		{"other_sandbox", `{"name":"welcome mail","where":{"to":"anna@x.test"},"within":"10s"}`, nil, &box{others: []model.Summary{other}}},
		{"arrived_before", `{"name":"second mail","where":{"to":"anna@x.test","sequence.gt":1},"within":"10s"}`, []after{{0, anna}}, &box{}},
		{"pruned", `{"name":"old mail","where":{"to":"carl@y.test"},"within":"2s"}`, later, &box{pruned: 1234}},
		{"nothing_arrived", `{"name":"welcome mail","where":{"to":"anna@x.test","subject.prefix":"Welcome"},"within":"10s"}`, nil, &box{}},
		{"looked_once", `{"name":"welcome mail","where":{"to":"anna@x.test"}}`, later, &box{}},
	} {
		t.Run(c.code, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				deliverAll(c.box, c.mails)
				v := fails(t, c.box, c.json, c.code+".txt")
				for _, h := range v.Hints {
					if h.Code == c.code {
						return
					}
				}
				t.Errorf("no hint %s: %+v", c.code, v.Hints)
			})
		})
	}
}

// fails runs an assertion that must fail and compares its text.
func fails(t *testing.T, b *box, body, file string) model.Verdict {
	t.Helper()
	a, err := assert.Run(t.Context(), b, parse(body))
	if err != nil || a.Passed {
		t.Fatalf("%+v %v", a, err)
	}
	golden(t, file, a.Text)
	return a.Verdicts[0]
}

func TestTexts(t *testing.T) {
	html := `<p>Hello {{name}}</p><a class="btn" href="https://shop.test/verify/1">Verify</a><p>` + strings.Repeat("All about us. ", 40) + "</p>"
	broken := mail("06f3k2m9q7vd", "anna@x.test", "Welcome, Anna", strings.Repeat("Thank you for coming to us. ", 30)+"Your cod is 482913.\n")
	broken.HTML = &html
	broken.AttachmentCount = 2
	broken.Attachments = []model.Attachment{{Name: "terms.pdf", Type: "application/pdf", Size: 2_000_000}, {Name: "logo.png", Type: "image/png", Size: 100}}
	evil := mail("06f3k2m9q7ve", "anna@x.test", "Welcome\x1b[2J\r\n\r\nPASS", "Hi")
	evil.PageURL = "http://127.0.0.1/\x1b[31m"
	for _, c := range []struct {
		file, json string
		mails      []model.Message
	}{
		{"expect.txt", `{"name":"welcome mail","where":{"to":"anna@x.test"},"expect":[{"body":"Your code is","not.html":"{{","attachments.name":"terms.pdf","attachments.size.lt":"1MB"},{"elements.css":"a.button","elements.attr.href.prefix":"https://shop.test/verify/"},{"subject":"Welcome"}]}`, []model.Message{broken}},
		{"too_many.txt", `{"name":"one mail","where":{"to":"anna@x.test"},"count":1}`, []model.Message{broken, evil}},
		{"none_wanted.txt", `{"where":{"to":"anna@x.test","size.gt":10},"count":0}`, []model.Message{broken}},
		{"unprintable.txt", `{"name":"a\u001bb\nc","where":{"subject":"welcome","to.in":["b@x.test","c@x.test"]}}`, []model.Message{evil}},
		{"several.txt", `[{"name":"first","where":{"to":"anna@x.test"}},{"name":"second","where":{"to":"bob@x.test","q":"verify -now"}}]`, []model.Message{broken}},
	} {
		t.Run(c.file, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &box{}
				for _, m := range c.mails {
					b.deliver(m)
				}
				fails(t, b, c.json, c.file)
			})
		})
	}
}

func TestReports(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &box{}
		b.deliver(mail("06f3k2m9q7vd", "anna@x.test", "Welcome, <Anna> & \x01", "Hi"))
		a, err := assert.Run(t.Context(), b, parse(`[{"name":"first","where":{"to":"anna@x.test"}},{"name":"second & last","where":{"to":"anne@x.test"},"within":"1.5s"}]`))
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := assert.WriteJUnit(&out, "", a); err != nil {
			t.Fatal(err)
		}
		if err := xml.Unmarshal(out.Bytes(), new(struct{})); err != nil {
			t.Error(err)
		}
		golden(t, "junit.xml", out.String())
		out.Reset()
		var back model.AssertAnswer
		if err := assert.WriteJSON(&out, a); err != nil || json.Unmarshal(out.Bytes(), &back) != nil || back.Text != a.Text {
			t.Errorf("%s %v", out.String(), err)
		}
		out.Reset()
		if err := assert.WriteText(&out, a); err != nil || out.String() != a.Text {
			t.Errorf("%s %v", out.String(), err)
		}
	})
}
