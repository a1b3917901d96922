package dsn

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var at = time.Date(2026, 11, 22, 21, 53, 6, 0, time.UTC)

const original = "From: a@shop.test\r\nTo: b@x.test\r\nSubject: hi\r\n\r\nbody\r\n.dot\r\n"

func report() Report {
	return Report{MTA: "mx.shop.test", From: "MAILER-DAEMON@mx.shop.test", To: "a@shop.test", MessageID: "1.2@mx.shop.test", EnvID: "QQ314159", Arrival: at, Date: at.Add(time.Hour),
		Recipients: []Recipient{
			{Final: "b@x.test", ORCPT: "rfc822;b+tag@x.test", Action: Failed, Status: "5.1.1", RemoteMTA: "mx.x.test", Diagnostic: "550 5.1.1 no such user", LastTry: at.Add(time.Minute)},
			{Final: "c@x.test", Action: Delayed, Status: "4.4.1", RetryUntil: at.Add(120 * time.Hour)},
		}, Full: true, Original: []byte(original)}
}

// TestRoundTrip parses back what was composed, whole and header alone.
func TestRoundTrip(t *testing.T) {
	for name, change := range map[string]func(*Report){
		"full":    func(*Report) {},
		"headers": func(r *Report) { r.Full = false; r.Original = []byte(original[:strings.Index(original, "\r\n\r\n")+2]) },
		"utf8":    func(r *Report) { r.Recipients[0].Final = "bjørn@x.test"; r.Recipients[0].ORCPT = "" },
		"success": func(r *Report) {
			r.Recipients = []Recipient{{Final: "b@x.test", Action: Relayed, Status: "2.0.0"}}
		},
	} {
		want := report()
		change(&want)
		raw := want.Compose()
		got, err := Parse(raw)
		if err != nil {
			t.Errorf("%s: %v\n%s", name, err, raw)
			continue
		}
		if d := cmp.Diff(want, got, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) }), cmp.Comparer(func(a, b []byte) bool {
			return bytes.Equal(bytes.TrimRight(a, "\r\n"), bytes.TrimRight(b, "\r\n"))
		})); d != "" {
			t.Errorf("%s: %s\n%s", name, d, raw)
		}
		if bytes.Contains(bytes.ReplaceAll(raw, []byte("\r\n"), nil), []byte("\n")) {
			t.Errorf("%s: a bare LF", name)
		}
	}
}

// TestNoInjection keeps replies of strangers from writing fields of their own.
func TestNoInjection(t *testing.T) {
	r := report()
	r.Recipients[0].Diagnostic = "550 no\r\nAction: delivered\r\n\r\nFinal-Recipient: rfc822; evil@x.test"
	r.Recipients[0].RemoteMTA = "mx\r\n\r\n--x"
	got, err := Parse(r.Compose())
	if err != nil || len(got.Recipients) != 2 || got.Recipients[0].Action != Failed {
		t.Errorf("%+v, %v", got.Recipients, err)
	}
}

// TestGenerated holds the fields that make the other two kinds what they are.
func TestGenerated(t *testing.T) {
	c := string(Complaint{MTA: "mx.x.test", From: "abuse@x.test", To: "a@shop.test", ReversePath: "a@shop.test", ForwardPath: "b@x.test",
		SourceIP: "127.0.0.1", Arrival: at, Date: at, Original: []byte(original)}.Compose())
	for _, want := range []string{"report-type=feedback-report", "Feedback-Type: abuse\r\n", "Original-Rcpt-To: <b@x.test>\r\n", "message/rfc822", "Subject: hi"} {
		if !strings.Contains(c, want) {
			t.Errorf("the complaint lacks %q:\n%s", want, c)
		}
	}
	a := string(AutoReply{From: "b@x.test", To: "a@shop.test", Subject: "Grüße\r\nBcc: x", MessageID: "1@shop.test", References: []string{"0@shop.test"}, Until: at, Date: at}.Compose())
	for _, want := range []string{"Auto-Submitted: auto-replied\r\n", "In-Reply-To: <1@shop.test>\r\n", "References:\r\n <0@shop.test>\r\n <1@shop.test>\r\n", "Subject: Auto: =?utf-8?q?"} {
		if !strings.Contains(a, want) {
			t.Errorf("the reply lacks %q:\n%s", want, a)
		}
	}
	if strings.Contains(a, "\r\nBcc:") {
		t.Error("a subject made a field of its own")
	}
}

// FuzzParse never panics, and what it accepts has recipients.
func FuzzParse(f *testing.F) {
	f.Add(report().Compose())
	f.Fuzz(func(t *testing.T, raw []byte) {
		if r, err := Parse(raw); err == nil && len(r.Recipients) == 0 {
			t.Error("a report without recipients")
		}
	})
}
