package filter_test

import (
	"net/url"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/catchpost/catchpost/internal/filter"
	"github.com/catchpost/catchpost/internal/filter/filtertest"
)

func compile(t *testing.T, query string) *filter.Filter {
	t.Helper()
	v, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	f, err := filter.ParseURL(v, now)
	if err != nil {
		t.Fatalf("%s: %v", query, err)
	}
	return f
}

func TestPlan(t *testing.T) {
	yes, no := true, false
	for query, want := range map[string]filter.Plan{
		"":                                  {CheapOnly: true},
		"limit=3&wait=5s":                   {CheapOnly: true},
		"id.in=a,b&id=c":                    {CheapOnly: true, IDs: [][]string{{"c"}, {"a", "b"}}},
		"not.id=a":                          {CheapOnly: true},
		"sequence.gt=4&sequence.lte=9":      {CheapOnly: true, After: 4, Before: 10},
		"sequence.gte=4&sequence.lt=9":      {CheapOnly: true, After: 3, Before: 9},
		"sequence=4":                        {CheapOnly: true, After: 3, Before: 5},
		"to=Anna@X.test&not.cc=b@x.test":    {CheapOnly: true, Addresses: [][]string{{"anna@x.test"}}},
		"to=anna@b%C3%BCcher.test":          {CheapOnly: true, Addresses: [][]string{{"anna@bücher.test", "anna@xn--bcher-kva.test"}}},
		"seen=true&not.flagged=true":        {CheapOnly: true, Seen: &yes, Flagged: &no},
		"tags=a&tags=b&not.tags=c":          {CheapOnly: true, Tags: []string{"a", "b"}},
		"origin=append":                     {CheapOnly: true, WantsAppend: true},
		"not.origin.exists=false":           {CheapOnly: true, WantsAppend: true},
		"subject=Welcome  Anna":             {CheapOnly: true, Needles: []string{"welcome", "anna"}},
		"subject.regex=a":                   {CheapOnly: true},
		"q=\"Hi  Anna\" -x subject:welcome": {Needles: []string{"hi anna", "welcome"}},
		"body=Anna Ann":                     {Needles: []string{"anna"}},
		"not.body=Anna":                     {},
		"not.q=a origin:append":             {WantsAppend: true},
	} {
		if diff := cmp.Diff(want, compile(t, query).Plan()); diff != "" {
			t.Errorf("%s: %s", query, diff)
		}
	}
	var none *filter.Filter
	if !none.Plan().CheapOnly || none.String() != "" || none.Len() != 0 {
		t.Error("a nil filter is not the zero filter")
	}
}

func TestInternationalAddress(t *testing.T) {
	mails, _ := samples()
	m := *mails["welcome"]
	m.Want.To[0].Address = "Anna@xn--bcher-kva.test"
	for _, q := range []string{"to=anna@b%C3%BCcher.test", "to=ANNA@XN--bcher-kva.test", "to.in=x@x.test,anna@B%C3%9CCHER.test"} {
		if ok, _ := compile(t, q).Match(filtertest.NewSubject(&m)); !ok {
			t.Errorf("%s does not hold", q)
		}
	}
}

func TestJudge(t *testing.T) {
	mails, _ := samples()
	for _, c := range []struct {
		query string
		held  bool
		want  []string
	}{
		{"to=x@x.test", false, []string{"anna@x.test", "Bob@X.test"}},
		{"headers.X-Trace=three", false, []string{"one", "two"}},
		{"attachments.size.gt=1MB", false, []string{"27", "23"}},
		{"seen=false", false, []string{"true"}},
		{"date.gt=2999-01-01T00:00:00Z", false, []string{"2026-11-22T21:53:06Z"}},
		{"attachments.exists=false", false, []string{"true"}},
		{"envelope.tls.exists=false", false, []string{"true"}},
		{"elements.css=a.danger", false, []string{`<a class="button primary" href="https://shop.test/verify/t0ken">`, `<a href="https://shop.test/unsubscribe?u=1">`}},
		{"codes.code=1", false, []string{"482913"}},
	} {
		judged, err := compile(t, c.query).Judge(filtertest.NewSubject(mails["welcome"]))
		if err != nil {
			t.Fatal(err)
		}
		if j := judged[0]; j.Held != c.held || cmp.Diff(c.want, j.Actual) != "" {
			t.Errorf("%s: %v %q", c.query, j.Held, j.Actual)
		}
	}
}
