package extract

import (
	"slices"
	"strings"
	"unicode"
)

// otherThing reports whether a candidate is told to be something else than a
// code, by its form or by its label.
func (c *court) otherThing(cand *candidate) bool {
	l := &c.lines[cand.line]
	p := l.plain
	return colour(p, cand) || money(l, cand) || joined(p, cand) || unit(l, cand) || date(l, cand) ||
		postal(l, cand) || iban(p, cand) || keyed(p, cand) || c.labelledOther(cand)
}

// colour: "#A1B2C3", "#482913" in CSS talk; digits alone after # are numbers of
// something, and are only made less likely elsewhere.
func colour(p []rune, cand *candidate) bool {
	if cand.start == 0 || p[cand.start-1] != '#' || cand.printed != 6 && cand.printed != 8 || cand.kind == letters {
		return false
	}
	for _, r := range cand.code {
		if !isDigit(r) && !(r >= 'a' && r <= 'f' || r >= 'A' && r <= 'F') {
			return false
		}
	}
	return cand.kind == mixed
}

// money: a currency mark or name directly before or after.
func money(l *line, cand *candidate) bool {
	if cand.kind == mixed || cand.kind == letters {
		return false
	}
	before := lastWord(l.fold, cand.start)
	after := firstWord(l.fold, cand.end)
	if currency[before] || currency[after] {
		return true
	}
	return symbolNear(l.plain, cand)
}

func symbolNear(p []rune, cand *candidate) bool {
	for _, i := range []int{cand.start - 1, cand.start - 2} {
		if i >= 0 && unicode.Is(unicode.Sc, p[i]) && (i == cand.start-1 || p[i+1] == ' ') {
			return true
		}
	}
	for _, i := range []int{cand.end, cand.end + 1} {
		if i < len(p) && (unicode.Is(unicode.Sc, p[i]) || p[i] == '%' || p[i] == '‰' || p[i] == '°') && (i == cand.end || p[i-1] == ' ') {
			return true
		}
	}
	return false
}

var currency = set("usd", "eur", "euro", "euros", "gbp", "jpy", "inr", "idr", "rp", "rp.", "try", "tl", "chf", "sek", "nok", "dkk", "kr",
	"pln", "zl", "czk", "kc", "huf", "ft", "ron", "lei", "brl", "r$", "ars", "mxn", "clp", "cop", "rub", "руб", "uah", "грн", "cny", "rmb",
	"krw", "aed", "sar", "egp", "rs", "rs.", "dollars", "dolar", "円", "元", "원", "ريال", "درهم", "جنيه", "دينار", "ر.س", "د.إ", "฿", "บาท", "vnd", "dong")

// unit: a word directly after that counts or measures.
func unit(l *line, cand *candidate) bool {
	if cand.kind == mixed || cand.kind == letters {
		return false
	}
	if cand.end < len(l.fold) && cjkUnit(l.fold[cand.end:]) {
		return true
	}
	after := firstWord(l.fold, cand.end)
	return units[after] || cand.printed <= 4 && hours[after]
}

// cjkUnit: counters that follow a number without a blank.
func cjkUnit(p []rune) bool {
	if p[0] == ' ' && len(p) > 1 {
		p = p[1:]
	}
	switch p[0] {
	case '年', '月', '日', '時', '时', '分', '秒', '円', '元', '件', '回', '個', '个', '人', '名', '点', '點', '枚', '本', '歳', '週', '周', '号', '號', '階', '楼', '室', '台', '级', '萬', '万', '億', '亿':
		return true
	case '년', '월', '원', '명', '개', '건', '회', '분', '초', '층', '호', '점':
		return true
	}
	return false
}

var units = set("minutes", "minute", "min", "mins", "hours", "hour", "hrs", "days", "seconds", "sec", "weeks", "months", "years",
	"minuten", "stunden", "tage", "tagen", "sekunden", "uhr", "jahre", "minutos", "horas", "dias", "segundos", "heures", "jours", "secondes", "ans",
	"menit", "jam", "hari", "detik", "dakika", "saat", "gun", "saniye", "uur", "dagen", "seconden", "minut", "godzin", "минут", "часов", "дней",
	"دقيقة", "دقائق", "ساعة", "يوم", "km", "m", "cm", "mm", "kg", "g", "mb", "gb", "kb", "tb", "mbit", "kwh", "px", "pt", "points", "pts", "punkte",
	"puntos", "pontos", "poin", "puan", "punten", "items", "people", "users", "customers", "messages", "emails", "kunden", "nutzer", "personen",
	"views", "visitors", "followers", "steps", "miles", "participants", "employees", "times", "stuck", "seiten", "pages", "credits", "tokens", "usuarios", "clientes",
	"bytes", "lines", "commits", "files", "downloads", "subscribers", "members", "mitglieder", "orang", "kisi", "units")

var hours = set("am", "pm", "a.m", "p.m", "o'clock", "h", "hrs", "uhr")

// joined: beside a mark that makes the digits a piece of something longer.
func joined(p []rune, cand *candidate) bool {
	if cand.start > 0 && !cand.prefixed {
		switch r := p[cand.start-1]; r {
		case '+', '@', '\\', '$', '&', '§':
			return true
		case '/', '.', ',', '-', ':', '=', '~':
			if cand.start > 1 && isAlnum(p[cand.start-2]) && r != ':' && r != '=' {
				return true
			}
			if r == ':' && cand.start > 1 && isDigit(p[cand.start-2]) {
				return true
			}
		}
		if areaCode(p, cand.start) {
			return true
		}
	}
	if cand.end+1 < len(p) {
		switch p[cand.end] {
		case '/', ',', ':', '-', '.', '\'':
			return isAlnum(p[cand.end+1])
		case '@', '\\', '%':
			return true
		}
	}
	return false
}

// areaCode reports whether digits follow "(0800) " or "(415) ".
func areaCode(p []rune, start int) bool {
	i := start - 1
	for i >= 0 && (p[i] == ' ' || p[i] == '-') {
		i--
	}
	return i > 1 && p[i] == ')' && isDigit(p[i-1]) && start-i <= 3
}

// date: the name of a month beside a year or a day, or a copyright mark before.
func date(l *line, cand *candidate) bool {
	if cand.kind == grouped && cand.printed == 6 && len(cand.code) == 6 && l.plain[cand.start+2] == '-' {
		return false // 48-29-13: a label must tell, see labelledOther
	}
	if !year(cand) {
		return eightDigitDate(cand) && monthNear(l, cand)
	}
	for i := max(cand.start-3, 0); i < cand.start; i++ {
		if l.plain[i] == '©' {
			return true
		}
	}
	if cand.end < len(l.plain) && l.plain[cand.end] == '-' || cand.start > 0 && l.plain[cand.start-1] == '-' {
		return true
	}
	return monthNear(l, cand)
}

// year reports whether a candidate may be a year of our time.
func year(cand *candidate) bool {
	return cand.kind == digits && len(cand.code) == 4 && (cand.code[:2] == "19" || cand.code[:2] == "20")
}

func eightDigitDate(cand *candidate) bool {
	s := cand.code
	return cand.kind == digits && len(s) == 8 && (s[:2] == "20" || s[:2] == "19") && s[4:6] >= "01" && s[4:6] <= "12" && s[6:] >= "01" && s[6:] <= "31"
}

// monthNear reports whether a month is named within the few words before.
func monthNear(l *line, cand *candidate) bool {
	end := cand.start
	for range 3 {
		w := lastWord(l.fold, end)
		if w == "" {
			return false
		}
		if r := []rune(w); len(r) >= 3 && months[string(r[:3])] {
			return true
		}
		for end > 0 && !isWordRune(l.fold[end-1]) {
			end--
		}
		end -= len([]rune(w))
		if end <= 0 {
			return false
		}
	}
	return false
}

var months = set("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec", "mai", "okt", "dez", "mrz", "ene", "abr", "ago", "dic",
	"fev", "avr", "jui", "aou", "set", "out", "gen", "giu", "lug", "ott", "mei", "agu", "agt", "des", "oca", "sub", "nis", "haz", "tem", "agu", "eyl", "eki", "kas", "ara",
	"янв", "фев", "мар", "апр", "мая", "июн", "июл", "авг", "сен", "окт", "ноя", "дек", "ينا", "فبر", "مار", "ابر", "ماي", "يون", "يول", "اغس", "سبت", "اكت", "نوف", "ديس")

// postal: a line that reads as a postal address.
func postal(l *line, cand *candidate) bool {
	if cand.kind == mixed || cand.kind == letters || cand.printed > 9 {
		return false
	}
	if cand.start >= 3 { // "CA 94107"
		p := l.plain[:cand.start]
		n := len(p)
		if p[n-1] == ' ' && isUpper(p[n-2]) && isUpper(p[n-3]) && n > 3 && (p[n-4] == ' ' || p[n-4] == ',') && (cand.printed == 5 || cand.printed == 9) {
			return true
		}
		if p[n-1] == '〒' || p[n-2] == '〒' {
			return true
		}
	}
	if h, gap, ok := nearestLabel(l, cand.start); ok && h.phrase.weight > 0 && gap <= 18 {
		return false
	}
	return streetLine(l)
}

// streetLine reports whether a line names a street; it looks once.
func streetLine(l *line) bool {
	if l.street == 0 {
		l.street = 1
		text := string(l.fold)
		if slices.ContainsFunc(streets, func(w string) bool { return containsWord(text, w) }) {
			l.street = 2
		}
	}
	return l.street == 2
}

var streets = []string{"street", "st.", "avenue", "ave.", "ave", "road", "rd.", "boulevard", "blvd", "lane", "p.o. box", "suite", "straße", "strasse", "str.",
	"platz", "allee", "postfach", "rue", "calle", "avenida", "av.", "paseo", "piso", "rua", "alameda", "piazza", "jalan", "jl.", "cadde", "cad.", "caddesi",
	"sokak", "mah.", "mahallesi", "ul.", "ulica", "straat", "laan", "postbus", "gracht", "weg", "улица", "ул.", "丁目", "番地", "〒", "ص.ب", "شارع"}

// iban: two letters and two digits open the word before, or the word itself.
func iban(p []rune, cand *candidate) bool {
	i := cand.start
	for i > 0 && (isAlnum(p[i-1]) || p[i-1] == ' ' && i > 1 && isDigit(p[i-2])) && cand.start-i < 40 {
		i--
	}
	return cand.start-i >= 5 && isUpper(p[i]) && isUpper(p[i+1]) && isDigit(p[i+2]) && isDigit(p[i+3])
}

// labelledOther reports whether the nearest label names another number.
func (c *court) labelledOther(cand *candidate) bool {
	l := &c.lines[cand.line]
	if h, gap, ok := nearestLabel(l, cand.start); ok {
		if h.phrase.weight > -1 && h.phrase.weight < 0 {
			return holds(l, h, cand) && !c.headIsCode(l, h, cand)
		}
		if h.phrase.weight < 0 && gap <= 18 {
			return !c.headIsCode(l, h, cand)
		}
		return gap > 4 && numbering(l, cand.start)
	}
	if numbering(l, cand.start) {
		return true
	}
	if leading(l, cand.start) && cand.line > 1 {
		above := &c.lines[cand.line-1]
		if h, gap, ok := nearestLabel(above, len(above.plain)); ok && h.phrase.weight <= -1 && len(above.plain) <= 45 {
			return gap <= 6 && (above.source != fromText || gap > 0 || len(above.plain) <= 30)
		}
	}
	return false
}

// holds reports whether a number belongs to the account or person named before
// it: nothing parts them but blanks, a number sign or a word for "number". A colon
// does so only where the name opens the line ("Account: 771204").
func holds(l *line, h hit, cand *candidate) bool {
	gap := l.fold[h.end:cand.start]
	colons, numbered := false, false
	for _, r := range gap {
		switch {
		case r == ':' || r == '=':
			colons = true
		case r == '#' || r == '№' || r == 'º' || r == '°':
			numbered = true
		case r == ' ' || r == '.' || r == '(' || r == '-' || r == '"' || r == '\'' || r == '*' || isWordRune(r):
		default:
			return false
		}
	}
	n := 0
	for w := range wordsOf(gap) {
		if n++; n > 2 || !numberWords[w] {
			return false
		}
		numbered = true
	}
	return !colons || numbered || leading(l, h.start)
}

var numberWords = set("no", "nr", "n", "number", "num", "id", "nummer", "numero", "número", "num", "numer", "cislo", "szam", "szamu", "numar", "numarul",
	"numarasi", "numarali", "nombor", "nomor", "so", "broj", "br", "c", "номер", "αριθμος", "αριθμο", "רقم", "رقم", "رقمه", "شماره", "מספר", "संख्या", "नंबर", "क्रमांक")

// keyed reports whether a bare number is the value of a quoted name, as in JSON:
// {"code": 500123}. A one-time code in JSON is a string (RFC 8259 §6: a number
// has no leading zero), so quoted values are left to the label.
func keyed(p []rune, cand *candidate) bool {
	i := cand.start - 1
	for i >= 0 && p[i] == ' ' {
		i--
	}
	if i < 1 || p[i] != ':' {
		return false
	}
	for i--; i >= 0 && p[i] == ' '; i-- {
	}
	if i < 1 || p[i] != '"' && p[i] != '\'' {
		return false
	}
	mark := p[i]
	for j := i - 1; j >= 0 && i-j < 64; j-- {
		if p[j] == mark {
			return true
		}
		if p[j] == ' ' {
			return false
		}
	}
	return false
}

// numbering reports whether the word before a place says "number" of something
// that the vocabulary does not know: "Medlemsnr. 20881".
func numbering(l *line, at int) bool {
	for at > 0 && (l.plain[at-1] == ' ' || l.plain[at-1] == ':' || l.plain[at-1] == '#' || l.plain[at-1] == '.') {
		at--
	}
	w := lastWord(l.fold, at)
	if w == "no" || w == "nr" || w == "id" || w != "n" && w != "c" && w != "so" && w != "num" && numberWords[w] {
		return true
	}
	for _, end := range []string{"nr", "nummer", "number", "numarasi", "numer", "номер", "番号", "编号", "編號", "nummeret", "numret", "numero"} {
		if strings.HasSuffix(w, end) {
			return true
		}
	}
	return false
}

// nearestLabel finds the last label that ends before a place, with no sentence
// end and no other number between.
func nearestLabel(l *line, before int) (hit, int, bool) {
	for i := len(l.hits) - 1; i >= 0; i-- {
		h := l.hits[i]
		if h.end > before || h.phrase.role != roleLabel || h.phrase.weight == 0 {
			continue
		}
		gap := l.plain[h.end:before]
		if len(gap) > 60 {
			return hit{}, 0, false
		}
		if len(gap) > 0 && gap[0] == '.' {
			gap = gap[1:] // an abbreviation's dot: "ext. 5521"
		}
		if len(gap) > 40 || ends(gap) || longDigits(gap) {
			return hit{}, 0, false
		}
		return h, len(gap), true
	}
	return hit{}, 0, false
}

func longDigits(p []rune) bool {
	run := 0
	for _, r := range p {
		if !isDigit(r) {
			run = 0
		} else if run++; run >= 4 {
			return true
		}
	}
	return false
}

// leading reports whether only marks stand before a place.
func leading(l *line, at int) bool {
	for _, r := range l.plain[:at] {
		if isWordRune(r) || isAlnum(r) {
			return false
		}
	}
	return true
}

// headIsCode: in "the code for your order is 4821" the number is the code's, for
// the phrase's head is "code" and a colon or verb parts it from the order.
func (c *court) headIsCode(l *line, other hit, cand *candidate) bool {
	if !linked(l.fold[other.end:cand.start]) {
		return false
	}
	for _, h := range l.hits {
		if h.end > other.start {
			break
		}
		if other.start-h.end > 30 {
			continue
		}
		gap := l.plain[h.end:other.start]
		if h.phrase.label() >= 0.55 && !ends(gap) && !longDigits(gap) && !colon(gap) {
			return true
		}
	}
	return false
}

func colon(p []rune) bool {
	for _, r := range p {
		if r == ':' || r == ',' {
			return true
		}
	}
	return false
}

// linked reports whether a colon, an equals sign or a form of "is" stands there.
func linked(p []rune) bool {
	for _, r := range p {
		if r == ':' || r == '=' || r == '是' || r == '为' || r == '為' || r == 'は' {
			return true
		}
	}
	for w := range wordsOf(p) {
		if copulas[w] {
			return true
		}
	}
	return false
}

var copulas = set("is", "ist", "lautet", "es", "est", "e", "adalah", "ialah", "to", "to:", "är", "ar", "er", "on", "jest", "je", "este", "هو", "هي", "la",
	"su", "są", "ye", "είναι", "הוא", "היא", "है", "است", "это", "є", "це", "е", "lyder", "oli", "ovat", "ir", "yra", "çe", "dir", "being")
