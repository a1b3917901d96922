package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

type compatCommand struct {
	Catchpost string `required:"" help:"Path of the catchpost binary."`
	Messages  int64  `default:"100000" help:"Messages in the store."`
	Rounds    int    `default:"200" help:"How often each call is made; medians are reported."`
}

// compatRow compares one call of Mailpit's or MailHog's API with the call of ours
// that answers the same: Ratio is theirs over ours.
type compatRow struct {
	Name   string  `json:"name"`
	Theirs float64 `json:"theirs_p50_ms"`
	Ours   float64 `json:"ours_p50_ms"`
	Ratio  float64 `json:"ratio"`
}

// Run fills an instance and times the pairs, one call of each in turn.
func (c *compatCommand) Run(ctx context.Context) error {
	in, err := startInstance(ctx, c.Catchpost)
	if err != nil {
		return err
	}
	defer in.stop()
	if _, err := load(ctx, loadOptions{addr: in.smtp, size: 2048, connections: 32, duration: 10 * time.Minute, messages: c.Messages}); err != nil {
		return err
	}
	if err := in.mark(ctx); err != nil {
		return err
	}
	half := fmt.Sprintf("ref%010d", serial.Load()-c.Messages/2)
	const v1, mailpit, hog = "/v1/messages?limit=50&", "/api/v1/search?limit=50&query=", "/api/v2/search?limit=50&kind="
	var rows []compatRow
	for _, p := range []struct{ name, theirs, ours string }{
		{"list 50 newest", "/api/v1/messages", "/v1/messages?limit=50"},
		{"search from:", mailpit + "from:hello@shop.test", v1 + "from=hello@shop.test"},
		{"search from: part", mailpit + "from:hello@shop", v1 + "from.contains=hello@shop"},
		{"search to:", mailpit + "to:anna@x.test", v1 + "to=anna@x.test"},
		{"search to: nobody", mailpit + "to:nobody@x.test", v1 + "to.contains=nobody@x.test"},
		{"search subject:", mailpit + "subject:" + half[5:], v1 + "subject=" + half[5:]},
		{"search a word of every message", mailpit + "parcel", v1 + "q=parcel"},
		{"search one message in the middle", mailpit + half, v1 + "q=" + half},
		{"search in no message", mailpit + "quixotherm", v1 + "q=quixotherm"},
		{"search tag:", mailpit + "tag:bench", v1 + "tags=bench"},
		{"search is:unread", mailpit + "is:unread", v1 + "seen=false"},
		{"search is:read", mailpit + "is:read", v1 + "seen=true"},
		{"search has:attachment", mailpit + "has:attachment", v1 + "attachments.exists=true"},
		{"search larger:", mailpit + "larger:1k", v1 + "size.gt=1024"},
		{"MailHog list 50", "/api/v2/messages", "/v1/messages?limit=50&include=raw,headers"},
		{"MailHog search to", hog + "to&query=anna@x.test", v1 + "include=raw,headers&to.contains=anna@x.test"},
		{"MailHog search containing", hog + "containing&query=parcel", v1 + "include=raw,headers&q=parcel"},
	} {
		row, err := in.pair(ctx, p.name, p.theirs, p.ours, c.Rounds)
		if err != nil {
			return err
		}
		rows = append(rows, row)
	}
	asked, err := in.turns("list 50 newest, in gzip against not", c.Rounds, func(int) error {
		_, err := in.getBy(ctx, http.DefaultClient, "/api/v1/messages")
		return err
	}, func(int) error {
		_, err := in.get(ctx, "/api/v1/messages")
		return err
	})
	if err != nil {
		return err
	}
	rows = append(rows, asked)
	each, err := in.eachMessage(ctx, c.Rounds)
	if err != nil {
		return err
	}
	return printJSON(map[string]any{"messages": c.Messages, "rounds": c.Rounds, "calls": append(rows, each...)})
}

// mark gives every 100th of the newest messages a tag and every 10th the flag seen.
func (in *instance) mark(ctx context.Context) error {
	ids, err := in.newestIDs(ctx, 500)
	if err != nil {
		return err
	}
	for i, id := range ids {
		state := map[string]any{}
		if i%10 == 0 {
			state["seen"] = true
		}
		if i%100 == 0 {
			state["tags"] = []string{"bench"}
		}
		if len(state) == 0 {
			continue
		}
		body, err := json.Marshal(state)
		if err != nil {
			return err
		}
		if _, err := in.call(ctx, http.MethodPatch, "/v1/messages/"+id, body); err != nil {
			return err
		}
	}
	return nil
}

func (in *instance) newestIDs(ctx context.Context, n int) ([]string, error) {
	b, err := in.get(ctx, fmt.Sprintf("/v1/messages?limit=%d", n))
	if err != nil {
		return nil, err
	}
	var page struct {
		Messages []struct{ ID string }
	}
	if err := json.Unmarshal(b, &page); err != nil {
		return nil, err
	}
	ids := make([]string, len(page.Messages))
	for i, m := range page.Messages {
		ids[i] = m.ID
	}
	return ids, nil
}

// call makes a request that must succeed.
func (in *instance) call(ctx context.Context, method, path string, body []byte) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, method, "http://"+in.http+path, bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := plain.Do(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode >= 300 {
		err = fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, b)
	}
	return b, err
}

// pair times two GETs in turn.
func (in *instance) pair(ctx context.Context, name, theirs, ours string, n int) (compatRow, error) {
	return in.turns(name, n, func(int) error {
		_, err := in.get(ctx, theirs)
		return err
	}, func(int) error {
		_, err := in.get(ctx, ours)
		return err
	})
}

// turns times two calls, once each in turn, and the order changes every time.
func (in *instance) turns(name string, n int, theirs, ours func(i int) error) (compatRow, error) {
	var took [2][]time.Duration
	for i := range n {
		for j := range 2 {
			which := (i + j) % 2
			began := time.Now()
			if err := []func(int) error{theirs, ours}[which](i); err != nil {
				return compatRow{}, fmt.Errorf("%s: %w", name, err)
			}
			took[which] = append(took[which], time.Since(began))
		}
	}
	for _, t := range took {
		slices.Sort(t)
	}
	row := compatRow{Name: name, Theirs: ms(took[0][n/2]), Ours: ms(took[1][n/2])}
	row.Ratio = row.Theirs / row.Ours
	return row, nil
}

// eachMessage times what is asked of one message, and its deletion, each on
// messages of its own. Calls joined by " & " are made one after the other.
func (in *instance) eachMessage(ctx context.Context, n int) ([]compatRow, error) {
	var rows []compatRow
	for _, p := range []struct{ name, theirs, ours string }{
		{"message, first look", "GET /api/v1/message/{id}", `GET /v1/messages/{id} & PATCH /v1/messages/{id} {"seen":true}`},
		{"message", "GET /api/v1/message/{id}", "GET /v1/messages/{id}"},
		{"raw", "GET /api/v1/message/{id}/raw", "GET /v1/messages/{id}/raw"},
		{"headers", "GET /api/v1/message/{id}/headers", "GET /v1/messages/{id}"},
		{"MailHog message", "GET /mailhog/api/v1/messages/{id}", "GET /v1/messages/{id}"},
		{"mark unread", `PUT /api/v1/messages {"Read":false,"IDs":["{id}"]}`, `PATCH /v1/messages/{id} {"seen":false}`},
		{"tag", `PUT /api/v1/tags {"Tags":["t"],"IDs":["{id}"]}`, `PATCH /v1/messages/{id} {"tags":["t"]}`},
		{"delete", `DELETE /api/v1/messages {"IDs":["{id}"]}`, "DELETE /v1/messages/{id}"},
	} {
		n := min(n, 200)
		ids, err := in.newestIDs(ctx, 2*n)
		if err != nil {
			return nil, err
		}
		run := func(form string, first int) func(int) error {
			return func(i int) error {
				for one := range strings.SplitSeq(strings.ReplaceAll(form, "{id}", ids[2*i+first]), " & ") {
					method, rest, _ := strings.Cut(one, " ")
					path, body, ok := strings.Cut(rest, " ")
					var octets []byte
					if ok {
						octets = []byte(body)
					}
					if _, err := in.call(ctx, method, path, octets); err != nil {
						return err
					}
				}
				return nil
			}
		}
		row, err := in.turns(p.name, n, run(p.theirs, 0), run(p.ours, 1))
		if err != nil {
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
