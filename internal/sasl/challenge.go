package sasl

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// cramChallenge sends a challenge in the shape of a message ID, RFC 2195 §2.
func (e *Exchange[ID]) cramChallenge(_ context.Context, response []byte) ([]byte, bool, error) {
	if response != nil {
		return nil, false, fmt.Errorf("%w: CRAM-MD5 has no initial response", ErrSyntax)
	}
	challenge := fmt.Appendf(nil, "<%s.%d@catchpost>", rand.Text(), time.Now().Unix())
	e.step = func(ctx context.Context, response []byte) ([]byte, bool, error) {
		return nil, true, e.cramResponse(ctx, challenge, response)
	}
	return challenge, false, nil
}

// cramResponse: response = user SP digest, the digest in lower-case hex.
func (e *Exchange[ID]) cramResponse(ctx context.Context, challenge, response []byte) error {
	i := bytes.LastIndexByte(response, ' ')
	if i <= 0 {
		return fmt.Errorf("%w: CRAM-MD5 is user SP digest", ErrSyntax)
	}
	e.User = string(response[:i])
	digest, err := hex.DecodeString(string(response[i+1:]))
	if err != nil || len(digest) != 16 {
		return fmt.Errorf("%w: the digest is not 32 hexadecimal digits", ErrSyntax)
	}
	id, secrets, ok, err := e.backend.Secrets(ctx, e.User)
	if err != nil {
		return err
	}
	if ok && subtle.ConstantTimeCompare(secrets.CRAM(challenge), digest) != 1 {
		return ErrCredentials
	}
	e.ID = id
	return nil
}

// scram is the state between SCRAM's messages, RFC 5802 §5.
type scram struct {
	gs2, clientFirst, serverFirst, nonce string
	secrets                              Secrets
}

// scramFirst: client-first-message = gs2-header client-first-message-bare.
func (e *Exchange[ID]) scramFirst(ctx context.Context, response []byte) ([]byte, bool, error) {
	if response == nil {
		return []byte{}, false, nil
	}
	gs2, bare, ok := cutGS2(string(response))
	if !ok {
		return nil, false, fmt.Errorf("%w: bad SCRAM gs2-header (channel binding is not offered)", ErrSyntax)
	}
	attrs := strings.Split(bare, ",")
	if len(attrs) < 2 || !strings.HasPrefix(attrs[0], "n=") || len(attrs[1]) < 3 || !strings.HasPrefix(attrs[1], "r=") {
		return nil, false, fmt.Errorf("%w: SCRAM begins with n= and r=", ErrSyntax)
	}
	user, ok := unescapeName(attrs[0][2:])
	if !ok {
		return nil, false, fmt.Errorf("%w: bad escape in the SCRAM user name", ErrSyntax)
	}
	e.User = user
	id, secrets, ok, err := e.backend.Secrets(ctx, user)
	if err != nil {
		return nil, false, err
	}
	if !ok {
		return nil, false, fmt.Errorf("%w: this login has no SCRAM verifier", ErrCredentials)
	}
	e.ID = id
	st := &scram{gs2: gs2, clientFirst: bare, nonce: attrs[1][2:] + rand.Text(), secrets: secrets}
	st.serverFirst = "r=" + st.nonce + ",s=" + base64.StdEncoding.EncodeToString(secrets.Salt) +
		",i=" + strconv.Itoa(secrets.Iterations)
	e.step = func(_ context.Context, response []byte) ([]byte, bool, error) {
		signature, err := st.verify(string(response))
		e.step = func(_ context.Context, response []byte) ([]byte, bool, error) {
			if len(response) > 0 {
				return nil, false, fmt.Errorf("%w: SCRAM ends with an empty response", ErrSyntax)
			}
			return nil, true, nil
		}
		return signature, false, err
	}
	return []byte(st.serverFirst), false, nil
}

// cutGS2 splits gs2-header = gs2-cbind-flag "," [authzid] ",", RFC 5802 §7.
func cutGS2(s string) (header, rest string, ok bool) {
	flag, tail, ok := strings.Cut(s, ",")
	if !ok || flag != "n" && flag != "y" {
		return "", "", false
	}
	authzid, rest, ok := strings.Cut(tail, ",")
	if !ok || authzid != "" && !strings.HasPrefix(authzid, "a=") {
		return "", "", false
	}
	return s[:len(s)-len(rest)], rest, true
}

// unescapeName undoes saslname's "=2C" and "=3D", RFC 5802 §5.1.
func unescapeName(s string) (string, bool) {
	plain := strings.NewReplacer("=2C", "", "=3D", "").Replace(s)
	if strings.Contains(plain, "=") {
		return "", false
	}
	return strings.NewReplacer("=2C", ",", "=3D", "=").Replace(s), true
}

// verify judges client-final-message and returns server-final-message.
func (st *scram) verify(final string) ([]byte, error) {
	bare, proof64, ok := strings.Cut(final, ",p=")
	if !ok {
		return nil, fmt.Errorf("%w: SCRAM's final message has no proof", ErrSyntax)
	}
	want := "c=" + base64.StdEncoding.EncodeToString([]byte(st.gs2)) + ",r=" + st.nonce
	if bare != want && !strings.HasPrefix(bare, want+",") {
		return nil, fmt.Errorf("%w: SCRAM's final message binds another header or nonce", ErrCredentials)
	}
	proof, err := base64.StdEncoding.DecodeString(proof64)
	if err != nil || len(proof) != sha256.Size {
		return nil, fmt.Errorf("%w: bad SCRAM proof", ErrSyntax)
	}
	message := []byte(st.clientFirst + "," + st.serverFirst + "," + bare)
	signature := mac(st.secrets.StoredKey, message)
	for i := range proof {
		proof[i] ^= signature[i] // ClientKey := ClientProof XOR ClientSignature
	}
	stored := sha256.Sum256(proof)
	if subtle.ConstantTimeCompare(stored[:], st.secrets.StoredKey) != 1 {
		return nil, ErrCredentials
	}
	final64 := base64.StdEncoding.EncodeToString(mac(st.secrets.ServerKey, message))
	return []byte("v=" + final64), nil
}

func mac(key, message []byte) []byte {
	h := hmac.New(sha256.New, key)
	h.Write(message)
	return h.Sum(nil)
}
