package store

import (
	"crypto/hmac"
	"crypto/md5" //nolint:gosec // CRAM-MD5 is defined over it, RFC 2195 §2
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding"
	"hash"

	"golang.org/x/text/secure/precis"
)

// scramIterations is the least that RFC 7677 §4 allows; the tokens behind it
// have 128 bits and more, so that a higher count would only cost time.
const scramIterations = 4096

// tokenPrefix marks our tokens, so that people and secret scanners know them.
const tokenPrefix = "cp_"

// tokenLetters is the alphabet of tokens; 26 of them carry 154 bits.
const (
	tokenLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	tokenLength  = 26
)

// secret is what is kept of a token or password: enough to judge it in every
// mechanism, and not the thing itself.
type secret struct {
	Hash [sha256.Size]byte // of a token; of a password only a hash of random octets
	Secrets
}

// newToken makes a token; every letter of it is drawn evenly.
func newToken() string {
	b := make([]byte, 0, len(tokenPrefix)+tokenLength)
	b = append(b, tokenPrefix...)
	var draw [64]byte
	for {
		rand.Read(draw[:])
		for _, d := range draw {
			if int(d) >= 256/len(tokenLetters)*len(tokenLetters) {
				continue // keeps the letters even
			}
			b = append(b, tokenLetters[int(d)%len(tokenLetters)])
			if len(b) == cap(b) {
				return string(b)
			}
		}
	}
}

// hashToken is the SHA-256 by which a token is found.
func hashToken(token string) [sha256.Size]byte { return sha256.Sum256([]byte(token)) }

// tokenSecret derives all that is kept of a token.
func tokenSecret(token string) secret {
	return secret{Hash: hashToken(token), Secrets: deriveSecrets(token)}
}

// passwordSecret derives all that is kept of a password that a person chose. No
// unsalted hash of it is kept.
func passwordSecret(password string) secret {
	return secret{Secrets: deriveSecrets(password)}
}

// deriveSecrets computes the verifiers of SCRAM-SHA-256 (RFC 5802 §3) and
// CRAM-MD5 (RFC 2195 §2).
func deriveSecrets(password string) Secrets {
	salt := make([]byte, 16)
	rand.Read(salt)
	s := Secrets{Salt: salt, Iterations: scramIterations}
	s.StoredKey, s.ServerKey = scramKeys(password, salt, s.Iterations)
	s.CRAMInner, s.CRAMOuter = cramContexts([]byte(password))
	return s
}

// scramKeys returns StoredKey and ServerKey, RFC 5802 §3.
func scramKeys(password string, salt []byte, iterations int) (stored, server []byte) {
	if p, err := precis.OpaqueString.String(password); err == nil {
		password = p // RFC 8265 in the place of SASLprep; ASCII stays as it is
	}
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil { // only for parameters that this package never uses
		panic("store: " + err.Error())
	}
	client := mac(sha256.New, salted, []byte("Client Key"))
	sum := sha256.Sum256(client)
	return sum[:], mac(sha256.New, salted, []byte("Server Key"))
}

// cramContexts returns the two MD5 states after the keyed pads (RFC 2104 §4:
// the intermediate results may be kept in the key's place), each as crypto/md5's
// encoding.BinaryMarshaler writes it.
func cramContexts(key []byte) (inner, outer []byte) {
	if len(key) > md5.BlockSize {
		sum := md5.Sum(key)
		key = sum[:]
	}
	pad := func(x byte) []byte {
		block := make([]byte, md5.BlockSize)
		copy(block, key)
		for i := range block {
			block[i] ^= x
		}
		h := md5.New()
		h.Write(block)
		state, err := h.(encoding.BinaryMarshaler).MarshalBinary()
		if err != nil {
			panic("store: " + err.Error())
		}
		return state
	}
	return pad(0x36), pad(0x5c)
}

// CRAMDigest returns HMAC-MD5(secret, challenge), 16 octets, RFC 2195 §2; nil
// when there are no contexts.
func (s Secrets) CRAMDigest(challenge []byte) []byte {
	sum := func(state, data []byte) []byte {
		h := md5.New()
		if err := h.(encoding.BinaryUnmarshaler).UnmarshalBinary(state); err != nil {
			return nil
		}
		h.Write(data)
		return h.Sum(nil)
	}
	inner := sum(s.CRAMInner, challenge)
	if inner == nil {
		return nil
	}
	return sum(s.CRAMOuter, inner)
}

// VerifyPassword reports, in constant time, whether password is the one the
// verifier was made from. It costs the verifier's iterations (about 1 ms).
func (s Secrets) VerifyPassword(password string) bool {
	if len(s.StoredKey) == 0 || s.Iterations <= 0 {
		return false
	}
	stored, _ := scramKeys(password, s.Salt, s.Iterations)
	return subtle.ConstantTimeCompare(stored, s.StoredKey) == 1
}

// isToken reports, in constant time, whether token is the one kept here.
func (s *secret) isToken(token string) bool {
	h := hashToken(token)
	return subtle.ConstantTimeCompare(h[:], s.Hash[:]) == 1
}

func mac(h func() hash.Hash, key, data []byte) []byte {
	m := hmac.New(h, key)
	m.Write(data)
	return m.Sum(nil)
}
