package message

import (
	"strings"
	"time"
)

// obsZones are the zones by name, RFC 5322 §4.3, in seconds.
var obsZones = map[string]int{
	"UT": 0, "GMT": 0, "UTC": 0, "Z": 0, "EST": -5 * 3600, "EDT": -4 * 3600, "CST": -6 * 3600, "CDT": -5 * 3600,
	"MST": -7 * 3600, "MDT": -6 * 3600, "PST": -8 * 3600, "PDT": -7 * 3600,
}

const months = "janfebmaraprmayjunjulaugsepoctnovdec"

// otherDates are forms that are not RFC 5322 but seen in mail.
var otherDates = []string{
	time.RFC3339Nano, time.RFC3339, "2006-01-02 15:04:05 -0700", "2006-01-02 15:04:05", "2006-01-02T15:04:05",
	time.ANSIC, time.UnixDate, time.RubyDate, "Mon Jan 2 15:04:05 2006 -0700", "Jan 2, 2006 15:04:05",
	"January 2, 2006 15:04:05", "02/01/2006 15:04:05", "2006-01-02",
}

// parseDate reads a Date field's value, RFC 5322 §3.3 and §4.3. exact is false
// when it was read but not by that grammar. ok is false when nothing was read.
func parseDate(value []byte) (t time.Time, exact, ok bool) {
	s := strings.TrimSpace(string(stripComments(value)))
	if t, exact, ok = parseRFC5322Date(s); ok {
		return t, exact, true
	}
	for _, layout := range otherDates {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), false, validYear(t)
		}
	}
	return time.Time{}, false, false
}

func validYear(t time.Time) bool { return t.Year() >= 1900 && t.Year() <= 9999 }

func parseRFC5322Date(s string) (t time.Time, exact, ok bool) {
	exact = true
	if i := strings.IndexByte(s, ','); i >= 0 {
		s = s[i+1:]
	}
	f := strings.Fields(s)
	if len(f) > 0 && len(f[0]) >= 3 && f[0][0] > '9' { // day of week without comma
		f, exact = f[1:], false
	}
	if len(f) > 0 && strings.Count(f[0], "-") == 2 { // 22-Nov-2026
		f, exact = append(strings.Split(f[0], "-"), f[1:]...), false
	}
	if len(f) < 4 {
		return t, false, false
	}
	day, ok1 := number(f[0], 1, 2)
	month := 0
	if len(f[1]) >= 3 {
		if i := strings.Index(months, strings.ToLower(f[1][:3])); i >= 0 && i%3 == 0 {
			month = i/3 + 1
		}
		exact = exact && len(f[1]) == 3
	}
	year, ok2 := number(f[2], 2, 4)
	if ok2 && len(f[2]) < 4 { // obs-year
		exact = false
		if year += 1900; year < 1950 && len(f[2]) == 2 {
			year += 100
		}
	}
	hour, minute, second, ok3 := clockTime(f[3])
	if !ok1 || !ok2 || !ok3 || month == 0 || day < 1 || day > 31 || year < 1900 {
		return t, false, false
	}
	zone, zoneOK := 0, false
	if len(f) > 4 {
		zone, zoneOK = zoneOffset(f[4])
	}
	t = time.Date(year, time.Month(month), day, hour, minute, second, 0, time.UTC).Add(-time.Duration(zone) * time.Second)
	if d := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC); d.Day() != day {
		exact = false // 31 June
	}
	return t, exact && zoneOK && len(f) == 5, true
}

func clockTime(s string) (hour, minute, second int, ok bool) {
	p := strings.Split(s, ":")
	if len(p) < 2 || len(p) > 3 {
		return 0, 0, 0, false
	}
	var ok1, ok2 bool
	ok3 := true
	hour, ok1 = number(p[0], 1, 2)
	minute, ok2 = number(p[1], 2, 2)
	if len(p) == 3 {
		second, ok3 = number(strings.SplitN(p[2], ".", 2)[0], 2, 2)
	}
	return hour, minute, second, ok1 && ok2 && ok3 && hour < 24 && minute < 60 && second < 61
}

func zoneOffset(s string) (seconds int, ok bool) {
	if len(s) == 6 && s[3] == ':' {
		s = s[:3] + s[4:]
		ok = false
	} else {
		ok = true
	}
	if len(s) == 5 && (s[0] == '+' || s[0] == '-') {
		hours, ok1 := number(s[1:3], 2, 2)
		minutes, ok2 := number(s[3:], 2, 2)
		if !ok1 || !ok2 || minutes > 59 {
			return 0, false
		}
		seconds = hours*3600 + minutes*60
		if s[0] == '-' {
			seconds = -seconds
		}
		return seconds, ok
	}
	seconds, ok = obsZones[strings.ToUpper(s)]
	return seconds, ok
}

// number reads a decimal of least to most digits.
func number(s string, least, most int) (int, bool) {
	if len(s) < least || len(s) > most {
		return 0, false
	}
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, true
}
