package web_test

// view is one address of the page, and what tells that it is there.
type view struct{ name, hash, ready string }

func there(selector string) string { return `document.querySelector('` + selector + `') !== null` }

// views are all views of the page, with id a message of everything.
func views(id string) []view {
	m := "#/default/" + id
	return []view{
		{"mail", m, there(".preview iframe")},
		{"list", "#/default", there(".row")},
		{"message-text", m + "?tab=text", there(".text")},
		{"message-finds", m + "?tab=finds", there(".codes")},
		{"message-headers", m + "?tab=headers", there(".headers tr")},
		{"message-structure", m + "?tab=structure", there(".structure li")},
		{"message-source", m + "?tab=source", there("pre.source")},
		{"message-envelope", m + "?tab=envelope", there(".sheet .facts")},
		{"message-transcript", m + "?tab=transcript", there(".transcript li")},
		{"message-assert", m + "?tab=assert", there(".clauses")},
	}
}

// fill puts into a world what every view needs to show something.
func fill(w *world) {
	for _, m := range sampleMails() {
		w.send(m[0], m[1], m[2])
	}
}
