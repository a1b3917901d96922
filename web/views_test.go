package web_test

// view is one address of the page, and what tells that it is there.
type view struct{ name, hash, ready string }

func there(selector string) string { return `document.querySelector('` + selector + `') !== null` }

// views are all views of the page, with id a message of everything.
func views(id string) []view {
	m := "#/default/" + id
	return []view{
		{"mail", m, there(".preview iframe.loaded")},
		{"list", "#/default", there(".row")},
		{"message-text", m + "?tab=text", there(".text")},
		{"message-finds", m + "?tab=finds", there(".codes")},
		{"message-headers", m + "?tab=headers", there(".headers tr")},
		{"message-structure", m + "?tab=structure", there(".structure li")},
		{"message-source", m + "?tab=source", there("pre.source")},
		{"message-envelope", m + "?tab=envelope", there(".sheet .facts")},
		{"message-transcript", m + "?tab=transcript", there(".transcript li")},
		{"message-assert", m + "?tab=assert", there(".clauses")},
		{"compose", "#/default/compose?reply=" + id, there(".compose .token")},
		{"contacts", "#/default/contacts", there(".people-list a")},
		{"sandboxes", "#/default/sandboxes", there(".table tbody tr + tr")},
		{"sessions", "#/default/sessions", there(".table tbody tr")},
		{"queue", "#/default/queue", there(".empty, .table")},
		{"webhooks", "#/default/webhooks", there(".people-list a")},
		{"limits", "#/default/limits", there(".meter")},
		{"settings", "#/default/settings", there(".settings-checks")},
	}
}

// fill puts into a world what every view needs to show something.
func fill(w *world) {
	for _, m := range sampleMails() {
		w.send(m[0], m[1], m[2])
	}
	for _, c := range [][2]string{{"Anna Lestari", "anna@x.test"}, {"Budi Santoso", "budi@x.test"}, {"Citra Dewi", "citra@x.test"}, {"Noam Levi", "noam@x.test"}, {"Sari Wulandari", "support@shop.test"}} {
		w.api("POST", "contacts", map[string]any{"name": c[0], "addresses": []string{c[1]}}, nil)
	}
	w.api("POST", "sandboxes", map[string]any{"name": "checkout-e2e", "ttl": "8h", "labels": map[string]string{"job": "4711", "branch": "main"}}, nil)
	w.api("POST", "sandboxes", map[string]any{"name": "signup-review", "ttl": nil}, nil)
	w.api("POST", "webhooks", map[string]any{"url": "http://127.0.0.1:1/hooks/mail", "enabled": false, "filter": map[string]any{"to": "anna@x.test"}}, nil)
}
