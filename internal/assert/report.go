package assert

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/catchpost/catchpost/internal/model"
)

// WriteText writes the answer for people.
func WriteText(w io.Writer, a model.AssertAnswer) error {
	_, err := io.WriteString(w, a.Text)
	return err
}

// WriteJSON writes the answer as POST /v1/assert gives it.
func WriteJSON(w io.Writer, a model.AssertAnswer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(a)
}

// The elements of a JUnit report, as CI systems read it.
type (
	junitSuites struct {
		XMLName  xml.Name     `xml:"testsuites"`
		Tests    int          `xml:"tests,attr"`
		Failures int          `xml:"failures,attr"`
		Time     string       `xml:"time,attr"`
		Suites   []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Time     string      `xml:"time,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Name      string        `xml:"name,attr"`
		ClassName string        `xml:"classname,attr"`
		Time      string        `xml:"time,attr"`
		Failure   *junitFailure `xml:"failure,omitempty"`
	}
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",cdata"`
	}
)

// WriteJUnit writes the answer as a JUnit report, one test case for each
// assertion; suite names it, "catchpost" by default.
func WriteJUnit(w io.Writer, suite string, a model.AssertAnswer) error {
	if suite == "" {
		suite = "catchpost"
	}
	blocks := strings.Split(a.Text, "\n\n")
	s := junitSuite{Name: suite, Tests: len(a.Verdicts), Time: seconds(a.WaitedMS)}
	for i, v := range a.Verdicts {
		c := junitCase{Name: v.Name, ClassName: suite, Time: seconds(v.WaitedMS)}
		if !v.Passed {
			s.Failures++
			c.Failure = &junitFailure{Message: v.Reason, Type: v.FailedOn, Text: v.Reason}
			if i < len(blocks) {
				c.Failure.Text = strings.TrimRight(blocks[i], "\n") + "\n"
			}
		}
		s.Cases = append(s.Cases, c)
	}
	out := junitSuites{Tests: s.Tests, Failures: s.Failures, Time: s.Time, Suites: []junitSuite{s}}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(out); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func seconds(ms int64) string { return fmt.Sprintf("%d.%03d", ms/1000, ms%1000) }
