package store

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"runtime"
	"sync"
	"time"
)

// Judging a password costs up to 50 ms by design. A client that logs in for each
// message would wait longer for that than for its mail, so a right answer is
// remembered for a short time; a wrong one is not, which keeps guessing slow.
const (
	rememberLogin   = time.Minute
	rememberedMost  = 10_000
	bcryptMaxOctets = 72 // bcrypt takes no more
)

// loginCache remembers right passwords under a key that only this process knows.
type loginCache struct {
	key   []byte
	slots chan struct{} // bounds how many passwords are judged at once

	mu   sync.Mutex
	seen map[[sha256.Size]byte]time.Time // until
}

func newLoginCache() *loginCache {
	c := &loginCache{
		key: make([]byte, 32), slots: make(chan struct{}, runtime.GOMAXPROCS(0)),
		seen: make(map[[sha256.Size]byte]time.Time),
	}
	rand.Read(c.key)
	return c
}

// judge answers from memory, or asks and remembers a yes.
func (c *loginCache) judge(now time.Time, who, password string, ask func() bool) bool {
	h := hmac.New(sha256.New, c.key)
	h.Write([]byte(who))
	h.Write([]byte{0})
	h.Write([]byte(password))
	k := [sha256.Size]byte(h.Sum(nil))
	c.mu.Lock()
	until, ok := c.seen[k]
	c.mu.Unlock()
	if ok && now.Before(until) {
		return true
	}
	c.slots <- struct{}{}
	right := ask()
	<-c.slots
	if !right {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.seen) >= rememberedMost {
		for k, until := range c.seen {
			if !now.Before(until) || len(c.seen) >= rememberedMost {
				delete(c.seen, k)
			}
		}
	}
	c.seen[k] = now.Add(rememberLogin)
	return true
}

// rememberedPassword judges an account's password. A token's secret has been
// judged by its hash before, at no cost.
func (s *Store) rememberedPassword(sec *secret, password string) bool {
	if sec.Hash != [sha256.Size]byte{} {
		return false
	}
	return s.domain.logins.judge(s.clock.Now(), "secret\x00"+string(sec.StoredKey), password,
		func() bool { return sec.VerifyPassword(password) })
}

// askFile judges a user of the accounts file.
func (s *Store) askFile(user, password string) (known, ok bool) {
	if len(password) > bcryptMaxOctets {
		known, _ = s.o.Accounts(user, "")
		return known, false
	}
	ok = s.domain.logins.judge(s.clock.Now(), "file\x00"+user, password, func() bool {
		var right bool
		known, right = s.o.Accounts(user, password)
		return known && right
	})
	return known || ok, ok
}
