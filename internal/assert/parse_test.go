package assert_test

import (
	"errors"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/assert"
	"github.com/catchpost/catchpost/internal/filter"
)

func TestParse(t *testing.T) {
	a := parse(`{"name":"welcome mail","where":{"to":"anna@x.test","subject.prefix":"Welcome"},"count":1,"within":"10s","settle":"500ms",
		"expect":[{"body":"Hi Anna","not.html":"{{","attachments.name":"terms.pdf","attachments.size.lt":"1MB"},{"elements.css":"a.button"}]}`)[0]
	if a.Name != "welcome mail" || a.Where.Len() != 2 || a.Min != 1 || a.Max != 1 || a.Within != 10*time.Second || a.Settle != 500*time.Millisecond || len(a.Expect) != 2 || a.Expect[0].Len() != 4 {
		t.Errorf("%+v", a)
	}
	a = parse(`{}`)[0]
	if a.Min != 1 || a.Max != -1 || a.Within != 0 || a.Where.Len() != 0 || a.Expect != nil {
		t.Errorf("defaults: %+v", a)
	}
	if list := parse(`[{"count":{"max":3}},{"count":{"min":2}},{"expect":{"body":"x"}}]`); list[0].Min != 0 || list[0].Max != 3 || list[1].Min != 2 || list[1].Max != -1 || len(list[2].Expect) != 1 {
		t.Errorf("%+v", list)
	}
}

func TestParseMistakes(t *testing.T) {
	for _, c := range []struct{ json, code, param string }{
		{`{`, filter.BadJSON, ""},
		{``, filter.BadJSON, ""},
		{`{"where":`, filter.BadJSON, "where"},
		{`{} {}`, filter.BadJSON, ""},
		{`3`, filter.BadJSON, ""},
		{`[]`, filter.BadJSON, ""},
		{`[{}, 1]`, filter.BadJSON, "assertions[1]"},
		{`[{}, {"wehre": {}}]`, filter.BadJSON, "assertions[1].wehre"},
		{`[{}, {"where": []}]`, filter.BadJSON, "assertions[1].where"},
		{`[{}, {"where": {"to": "a@x.test", "to": "b@x.test"}}]`, filter.BadJSON, "assertions[1].where.to"},
		{`[{}, {"where": {"subjet": "a"}}]`, filter.UnknownFilter, "assertions[1].where.subjet"},
		{`{"where": {"subject": ["a", ""]}}`, filter.EmptyValue, "where.subject[1]"},
		{`{"expect": [{}, {"size": "x"}]}`, filter.BadValue, "expect[1].size"},
		{`{"expect": [null]}`, filter.BadJSON, "expect[0]"},
		{`{"expect": "x"}`, filter.BadJSON, "expect"},
		{`{"name": 3}`, filter.BadJSON, "name"},
		{`{"count": -1}`, filter.BadValue, "count"},
		{`{"count": 1.5}`, filter.BadValue, "count"},
		{`{"count": "1"}`, filter.BadValue, "count"},
		{`{"count": {}}`, filter.BadValue, "count"},
		{`{"count": {"min": 2, "max": 1}}`, filter.BadValue, "count"},
		{`{"count": {"mim": 2}}`, filter.BadJSON, "count.mim"},
		{`{"count": {"min": true}}`, filter.BadValue, "count.min"},
		{`{"within": 10}`, filter.BadDuration, "within"},
		{`{"within": "10"}`, filter.BadDuration, "within"},
		{`{"within": "6m"}`, filter.BadDuration, "within"},
		{`{"settle": "-1s"}`, filter.BadDuration, "settle"},
		{`{"count": 0, "within": "1s"}`, filter.BadValue, "within"},
		{`{"count": {"max": 1}, "within": "1s"}`, filter.BadValue, "within"},
		{`{"where":{"to":[[[[[[[[[["a"]]]]]]]]]]}}`, filter.BadJSON, "where.to[0][0][0][0][0][0][0]"},
	} {
		_, err := assert.ParseJSON([]byte(c.json), time.Now())
		var e *filter.Error
		if !errors.As(err, &e) || e.Code != c.code || e.Param != c.param || e.Detail == "" {
			t.Errorf("%s: %#v, want %s at %q", c.json, err, c.code, c.param)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`[{"name":"a","where":{"to":["a@x.test"]},"count":{"min":1,"max":2},"within":"1s","settle":"1s","expect":[{"body":"x"}]}]`)
	f.Add(`{"assertions":[{}]}`)
	f.Fuzz(func(t *testing.T, s string) {
		_, err := assert.ParseJSON([]byte(s), time.Now())
		var e *filter.Error
		if err != nil && !errors.As(err, &e) {
			t.Errorf("%T %v", err, err)
		}
	})
}
