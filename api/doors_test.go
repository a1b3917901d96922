package api_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/filter/filtertest"
	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// deliver puts a sample mail into a sandbox, with the facts that it needs.
func (w *world) deliver(sandbox string, mail *filtertest.Mail) *store.Message {
	w.Helper()
	o := w.store.NewOctets()
	if _, err := o.Write(mail.Raw); err != nil {
		w.Fatal(err)
	}
	if mail.Want.Origin == model.OriginAppend {
		return w.append(sandbox, o)
	}
	got, err := w.store.Deliver(w.Context(), store.Delivery{
		Origin: mail.Want.Origin, Sandbox: sandbox, ReversePath: mail.Want.ReversePath, ForwardPaths: mail.Want.ForwardPaths,
		Envelope: mail.Want.Envelope, Octets: o, Tags: mail.Want.Tags,
	})
	if err != nil {
		w.Fatal(err)
	}
	m := got[0]
	if mail.Want.Seen || mail.Want.Flagged {
		change := store.StateChange{Seen: &mail.Want.Seen, Flagged: &mail.Want.Flagged}
		if _, err := w.store.UpdateMessages(w.Context(), sandbox, []string{m.ID}, nil, change); err != nil {
			w.Fatal(err)
		}
	}
	return m
}

// append puts a message into a mailbox, as a client does with its own copies.
func (w *world) append(sandbox string, o *store.Octets) *store.Message {
	w.Helper()
	box, err := w.store.Mailbox(w.Context(), store.AccountRef{Sandbox: sandbox}, "Sent")
	if err != nil {
		w.Fatal(err)
	}
	done, err := w.store.Append(w.Context(), box.ID, []store.AppendItem{{Octets: o}})
	if err != nil {
		w.Fatal(err)
	}
	var m *store.Message
	err = w.store.FetchMessages(w.Context(), box.ID, done.To, func(_ store.UID, found *store.Message) error {
		m = found
		return nil
	})
	if err != nil {
		w.Fatal(err)
	}
	return m
}

// rowsFor is the grammar's table for one mail as it was stored.
func rowsFor(mail *filtertest.Mail, m *store.Message) []filtertest.Row {
	facts := map[string]filtertest.Facts{mail.Name: {ID: m.ID, Sequence: uint64(m.Sequence), Size: m.Size}}
	var rows []filtertest.Row
	for _, row := range filtertest.Rows(facts) {
		if row.Mail == mail.Name {
			rows = append(rows, row)
		}
	}
	return rows
}

// TestGrammarLooking runs every row through the doors that look at what is
// there: list, latest, q, assert, patch, delete.
func TestGrammarLooking(t *testing.T) {
	w := newWorld(t, nil)
	for n, mail := range filtertest.Mails(time.Now()) {
		look := fmt.Sprintf("look-%d", n)
		w.sandbox(look)
		m := w.deliver(look, mail)
		for _, row := range rowsFor(mail, m) {
			query := "?sandbox=" + look + "&" + row.URL.Encode()
			want := map[bool]int{true: 1}[row.Holds]
			list := decode[model.List](w, w.want(w.inside("GET", "/v1/messages"+query, ""), 200))
			if list.Total != want || len(list.Messages) != want {
				t.Errorf("%v: list has %d, %d of them on the page", row, list.Total, len(list.Messages))
			}
			w.want(w.inside("GET", "/v1/messages/latest"+query, ""), map[bool]int{true: 200, false: 404}[row.Holds])
			where, err := json.Marshal(map[string]any{"where": row.JSON})
			if err != nil {
				t.Fatal(err)
			}
			if a := w.inside("POST", "/v1/assert?sandbox="+look, string(where)); a.status != map[bool]int{true: 200, false: 422}[row.Holds] {
				t.Errorf("%v: assert says %v", row, a)
			}
		}
		w.changing(fmt.Sprintf("change-%d", n), mail)
	}
}

// inside asks the server without a network between.
func (w *world) inside(method, path, body string) answer {
	w.Helper()
	req := httptest.NewRequest(method, path, strings.NewReader(body))
	req.Host = "localhost"
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	rec := httptest.NewRecorder()
	w.api.ServeHTTP(rec, req)
	return answer{rec.Code, rec.Header(), rec.Body.Bytes()}
}

// changing runs every row through PATCH and DELETE; what a row changed is put
// right before the next.
func (w *world) changing(box string, mail *filtertest.Mail) {
	w.Helper()
	w.sandbox(box)
	m := w.deliver(box, mail)
	rows, rowsOf := rowsFor(mail, m), m
	for i := range rows {
		for _, door := range []string{"PATCH", "DELETE"} {
			body := ""
			if door == "PATCH" {
				body = `{"tags":["marked by the test"]}`
			}
			if rowsOf != m && (strings.Contains(rows[i].String(), rowsOf.ID) || strings.Contains(rows[i].String(), "sequence")) {
				rows, rowsOf = rowsFor(mail, m), m // made anew only where it matters
			}
			row := rows[i]
			a := w.want(w.inside(door, "/v1/messages?sandbox="+box+"&"+row.URL.Encode(), body), 200)
			var got struct{ Changed, Deleted int }
			if err := json.Unmarshal(a.body, &got); err != nil {
				w.Fatal(err)
			}
			if got.Changed+got.Deleted != map[bool]int{true: 1}[row.Holds] {
				w.Errorf("%v: %s answers %v", row, door, a)
			}
			switch {
			case got.Changed > 0:
				tags := append([]string{}, mail.Want.Tags...)
				if _, err := w.store.UpdateMessages(w.Context(), box, []string{m.ID}, nil, store.StateChange{Tags: &tags}); err != nil {
					w.Fatal(err)
				}
			case got.Deleted > 0:
				m = w.deliver(box, mail)
			}
		}
	}
}

// TestGrammarWaking runs every row through the doors that wait for what comes:
// wait and events. Where the row does not hold, the sandbox's end ends the wait.
func TestGrammarWaking(t *testing.T) {
	w := newWorld(t, nil)
	for n, mail := range filtertest.Mails(time.Now()) {
		box := fmt.Sprintf("wake-%d", n)
		w.sandbox(box)
		var group, told sync.WaitGroup // told of all rows that hold, by both doors
		var mu sync.Mutex
		seen := map[string]bool{}
		rows := rowsFor(mail, &store.Message{ID: "not-yet", Sequence: 1})
		rowsThatKnow := 0
		for _, row := range rows {
			if slices.ContainsFunc([]string{"not-yet", "sequence", "size", "seen", "flagged"}, func(s string) bool {
				return strings.Contains(row.URL.Encode(), s)
			}) {
				continue // not known before it came, or set after it came
			}
			rowsThatKnow++
			tell := func() {}
			if row.Holds {
				told.Add(2)
				tell = told.Done
			}
			query := "?sandbox=" + box + "&" + row.URL.Encode()
			group.Go(func() {
				a := w.get("/v1/messages" + query + "&wait=1m")
				if a.status != 200 && a.code() != "sandbox_ended" || (a.status == 200) != row.Holds {
					t.Errorf("%v: wait says %v", row, a)
				}
				tell()
			})
			group.Go(func() {
				once := sync.OnceFunc(tell)
				got := w.events("/v1/events"+query, func(name, _, _ string) bool {
					if strings.HasPrefix(name, "message.") {
						once()
					}
					return true
				})
				once()
				mu.Lock()
				defer mu.Unlock()
				seen[row.String()] = got["message.received"]+got["message.updated"] > 0
			})
		}
		for w.api.Waiting() < 2*rowsThatKnow {
			runtime.Gosched()
		}
		w.deliver(box, mail)
		all := make(chan struct{})
		go func() { told.Wait(); close(all) }()
		select {
		case <-all: // only now, or a look at the mail would come too late
		case <-time.After(50 * time.Second): // the row that was not told says so below
		}
		w.want(w.do("DELETE", "/v1/sandboxes/"+box, "", ""), 204)
		group.Wait()
		for _, row := range rows {
			if told, tried := seen[row.String()]; tried && told != row.Holds {
				t.Errorf("%v: events told = %v", row, told)
			}
		}
	}
}

// events counts the events of a stream by name until it ends; each is shown to
// watch, which ends the stream by answering false.
func (w *world) events(path string, watch func(name, id, data string) bool, header ...string) map[string]int {
	w.Helper()
	return w.stream(path, func() {}, watch, header...)
}

// stream is events that tells when the stream is open.
func (w *world) stream(path string, opened func(), watch func(name, id, data string) bool, header ...string) map[string]int {
	w.Helper()
	ctx, cancel := context.WithCancel(w.Context())
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", w.url+path, nil)
	if err != nil {
		w.Error(err)
		return nil
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Error(err)
		return nil
	}
	defer res.Body.Close()
	if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/event-stream" {
		w.Errorf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		return nil
	}
	opened()
	got := map[string]int{}
	var name, id, data string
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		field, value, _ := strings.Cut(lines.Text(), ": ")
		switch field {
		case "event":
			name = value
		case "id":
			id = value
		case "data":
			data = value
		case "":
			if value == "" && name != "" {
				got[name]++
				if watch != nil && !watch(name, id, data) {
					return got
				}
			}
			name, id, data = "", "", ""
		}
	}
	return got
}
