package sasl

import (
	"context"
	"fmt"
	"strings"
)

// refusal is the JSON that a refused bearer gets before the failure, RFC 7628 §3.2.2.
const refusal = `{"status":"invalid_token","schemes":"bearer"}`

// xoauth2: "user=" user ^A "auth=Bearer " token ^A ^A.
func (e *Exchange[ID]) xoauth2(ctx context.Context, response []byte) ([]byte, bool, error) {
	if response == nil {
		return []byte{}, false, nil
	}
	pairs, ok := strings.CutSuffix(string(response), "\x01\x01")
	user, token := "", ""
	for p := range strings.SplitSeq(pairs, "\x01") {
		switch key, value, _ := strings.Cut(p, "="); key {
		case "user":
			user = value
		case "auth":
			token = bearer(value)
		}
	}
	if !ok || user == "" || token == "" {
		return nil, false, fmt.Errorf("%w: XOAUTH2 is user=… ^A auth=Bearer … ^A ^A", ErrSyntax)
	}
	return e.bearerEnd(ctx, user, token)
}

// oauthBearer: client-resp = (gs2-header kvsep *kvpair kvsep) / kvsep, RFC 7628
// §3.1. The user stands in the header's authzid.
func (e *Exchange[ID]) oauthBearer(ctx context.Context, response []byte) ([]byte, bool, error) {
	if response == nil {
		return []byte{}, false, nil
	}
	gs2, rest, ok := cutGS2(string(response))
	rest, begins := strings.CutPrefix(rest, "\x01")
	rest, ends := strings.CutSuffix(rest, "\x01\x01")
	if !ok || !begins || !ends {
		return nil, false, fmt.Errorf("%w: OAUTHBEARER is a gs2-header and ^A key=value ^A ^A", ErrSyntax)
	}
	_, user, _ := strings.Cut(strings.TrimSuffix(gs2, ","), ",a=")
	user, ok = unescapeName(user)
	token := ""
	for p := range strings.SplitSeq(rest, "\x01") {
		if key, value, _ := strings.Cut(p, "="); key == "auth" {
			token = bearer(value)
		}
	}
	if !ok || user == "" || token == "" {
		return nil, false, fmt.Errorf("%w: OAUTHBEARER needs a user (a=) and auth=Bearer", ErrSyntax)
	}
	return e.bearerEnd(ctx, user, token)
}

func bearer(value string) string {
	scheme, token, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// bearerEnd judges the token. A refused client is told why in a challenge, and
// its answer to that is of no interest.
func (e *Exchange[ID]) bearerEnd(ctx context.Context, user, token string) ([]byte, bool, error) {
	err := e.judge(ctx, user, token)
	if err == nil {
		return nil, true, nil
	}
	e.step = func(context.Context, []byte) ([]byte, bool, error) { return nil, false, err }
	return []byte(refusal), false, nil
}
