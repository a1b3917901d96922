package filter_test

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/catchpost/catchpost/internal/filter"
)

func TestMistakes(t *testing.T) {
	long := strings.Repeat("a", filter.MaxValue+1)
	for _, c := range []struct{ query, code, param, says string }{
		{"subjet=a", filter.UnknownFilter, "subjet", `"subjet" is no filter. Did you mean "subject"?`},
		{"Subject=a", filter.UnknownFilter, "Subject", `Did you mean "subject"?`},
		{"not.forward_path=a", filter.UnknownFilter, "not.forward_path", `Did you mean "forward_paths"?`},
		{"forwardpaths.in=a", filter.UnknownFilter, "forwardpaths.in", `Did you mean "forward_paths.in"?`},
		{"rcpt=a", filter.UnknownFilter, "rcpt", `Did you mean "forward_paths"?`},
		{"attachment.name=a", filter.UnknownFilter, "attachment.name", `Did you mean "attachments.name"?`},
		{"attachments.nam=a", filter.UnknownFilter, "attachments.nam", `Did you mean "attachments.name"?`},
		{"attachments=a", filter.UnknownFilter, "attachments", `Did you mean "attachments.exists"?`},
		{"header.X-Id=a", filter.UnknownFilter, "header.X-Id", "headers.X-Mailer=VALUE"},
		{"headers.exists=true", filter.UnknownFilter, "headers.exists", "headers.X-Mailer=VALUE"},
		{"not.not.to=a", filter.UnknownFilter, "not.not.to", "twice"},
		{"xyzzy=a", filter.UnknownFilter, "xyzzy", `"xyzzy" is no filter.`},
		{"=a", filter.UnknownFilter, "", `"" is no filter.`},
		{"subject.prefx=a", filter.BadOperator, "subject.prefx", `"prefx" is no operator. Did you mean "subject.prefix"?`},
		{"subject.startswith=a", filter.BadOperator, "subject.startswith", `Did you mean "subject.prefix"?`},
		{"subject.gt=a", filter.BadOperator, "subject.gt", `"gt" does not fit "subject" (text), which takes eq, contains`},
		{"id.suffix=a", filter.BadOperator, "id.suffix", "does not fit"},
		{"size.exists=true", filter.BadOperator, "size.exists", "does not fit"},
		{"seen.eq=true", filter.BadOperator, "seen.eq", "takes no operator"},
		{"q.contains=a", filter.BadOperator, "q.contains", "takes no operator"},
		{"elements.css.eq=a", filter.BadOperator, "elements.css.eq", "takes no operator"},
		{"date=2026-11-22T21:53:07Z", filter.BadOperator, "date", "needs an operator"},
		{"to=", filter.EmptyValue, "to", "to.exists=false"},
		{"to.in=a@x.test,", filter.EmptyValue, "to.in", "value 2"},
		{"message_id=<>", filter.EmptyValue, "message_id", "no value"},
		{"q=", filter.EmptyValue, "q", "no value"},
		{"q=+", filter.EmptyValue, "q", "no words"},
		{"q=from:", filter.EmptyValue, "q", "without a blank"},
		{"to=anna+tag@x.test", filter.BadValue, "to", "%2B"},
		{"to.in=a@x.test,+b@x.test", filter.BadValue, "to.in", "%2B"},
		{"from=<a@x.test>", filter.BadValue, "from", "without <>"},
		{"received_at.gt=2026-11-22T21:53:07+01:00", filter.BadValue, "received_at.gt", "%2B"},
		{"received_at.gt=5m", filter.BadValue, "received_at.gt", `Did you mean "-5m"`},
		{"received_at.gt=-5", filter.BadDuration, "received_at.gt", "unit"},
		{"received_at.gt=yesterday", filter.BadValue, "received_at.gt", "2026-11-22T21:53:07Z"},
		{"received_at.gt=-99999999999999h", filter.BadDuration, "received_at.gt", "duration"},
		{"size=10XB", filter.BadValue, "size", "10KB"},
		{"size=-1", filter.BadValue, "size", "no size"},
		{"sequence=1KB", filter.BadValue, "sequence", "whole number"},
		{"sequence.gt=1.5", filter.BadValue, "sequence.gt", "whole number"},
		{"size=99999999999GB", filter.BadValue, "size", "no size"},
		{"seen=yes", filter.BadValue, "seen", "true or false"},
		{"to.exists=1", filter.BadValue, "to.exists", "true or false"},
		{"origin=smpt", filter.BadValue, "origin", `Did you mean "smtp"?`},
		{"links.kind=signin", filter.BadValue, "links.kind", `Did you mean "sign_in"?`},
		{"subject.regex=(", filter.BadValue, "subject.regex", "missing closing )"},
		{"subject.regex=" + long[:1001], filter.BadValue, "subject.regex", "1,000"},
		{"subject=" + long, filter.BadValue, "subject", "10000 characters"},
		{"subject=%ff", filter.BadValue, "subject", "UTF-8"},
		{"elements.css=a[", filter.BadValue, "elements.css", "not a CSS selector"},
		{"elements.css=" + long[:1001], filter.BadValue, "elements.css", "1,000"},
		{"elements.css=p:has(a+b)", filter.BadValue, "elements.css", "one step"},
		{"elements.css=p:has(:has(a))", filter.BadValue, "elements.css", "no parentheses"},
		{"elements.css=p:contains(a)", filter.BadValue, "elements.css", "elements.text"},
		{"q=size.gt:abc", filter.BadValue, "q", "no size"},
		{"q=subject.gt:abc", filter.BadOperator, "q", "does not fit"},
		{"q=q:abc", filter.BadValue, "q", "inside of q"},
		{strings.Repeat("subject=a&", 101), filter.BadValue, "subject", "100 conditions"},
		{"q=" + strings.Repeat("a+", 101), filter.BadValue, "q", "100 conditions"},
	} {
		v, err := url.ParseQuery(strings.ReplaceAll(c.query, "a+b", "a%2Bb"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = filter.ParseURL(v, now)
		var e *filter.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Param != c.param || !strings.Contains(e.Detail, c.says) {
			t.Errorf("%.60s: %#v, want %s of %q saying %q", c.query, err, c.code, c.param, c.says)
		}
	}
}

func TestMistakesInJSON(t *testing.T) {
	for _, c := range []struct{ json, code, param string }{
		{`{"subjet": "a"}`, filter.UnknownFilter, "assertions[1].where.subjet"},
		{`{"subject": ["a", ""]}`, filter.EmptyValue, "assertions[1].where.subject[1]"},
		{`{"subject": []}`, filter.EmptyValue, "assertions[1].where.subject"},
		{`{"subject": null}`, filter.BadValue, "assertions[1].where.subject"},
		{`{"subject": {"prefix": "a"}}`, filter.BadValue, "assertions[1].where.subject"},
		{`{"subject": [["a"]]}`, filter.BadValue, "assertions[1].where.subject[0]"},
		{`{"to.in": ["a@x.test", "b b"]}`, filter.BadValue, "assertions[1].where.to.in"},
		{`{"size": 1.5}`, filter.BadValue, "assertions[1].where.size"},
		{`{"seen": 1}`, filter.BadValue, "assertions[1].where.seen"},
		{`{"q": "size:x"}`, filter.BadValue, "assertions[1].where.q"},
	} {
		var m map[string]any
		if err := json.Unmarshal([]byte(c.json), &m); err != nil {
			t.Fatal(err)
		}
		_, err := filter.ParseJSON(m, "assertions[1].where", now)
		var e *filter.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Param != c.param {
			t.Errorf("%s: %#v, want %s of %s", c.json, err, c.code, c.param)
		}
	}
}

func TestMistakesInArgs(t *testing.T) {
	for arg, says := range map[string]string{"to": "FIELD=VALUE", "wait=5s": "control", "to.equals=a": `"to.eq"`} {
		_, err := filter.ParseArgs([]string{arg}, now)
		if err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v, want %q", arg, err, says)
		}
	}
}
