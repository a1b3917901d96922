package program

import (
	"bufio"
	"crypto/subtle"
	"fmt"
	"os"
	"strings"

	"golang.org/x/crypto/bcrypt"
)

// listed reports whether logins are listed, by a file or by a variable.
func (l *Login) listed() bool { return l.AccountsFile != "" || l.users != nil }

// readAccounts reads an htpasswd file with bcrypt hashes (htpasswd -B). The
// function it returns says whether a user is known and the password right.
func readAccounts(path string) (func(user, password string) (known, ok bool), error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("--accounts-file: %w", err)
	}
	defer func() { _ = f.Close() }()
	hashes := map[string][]byte{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' {
			continue
		}
		user, hash, ok := strings.Cut(line, ":")
		if _, err := bcrypt.Cost([]byte(hash)); !ok || user == "" || err != nil {
			return nil, fmt.Errorf("--accounts-file: %s:%d is not USER:BCRYPT-HASH (make it with htpasswd -B)", path, n)
		}
		hashes[user] = []byte(hash)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("--accounts-file: %w", err)
	}
	return func(user, password string) (known, ok bool) {
		hash, known := hashes[user]
		if !known {
			return false, false
		}
		return true, bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil
	}, nil
}

// plainAccounts says whether a user is known and the password right.
func plainAccounts(users map[string]string) func(user, password string) (known, ok bool) {
	return func(user, password string) (known, ok bool) {
		want, known := users[user]
		return known, known && subtle.ConstantTimeCompare([]byte(want), []byte(password)) == 1
	}
}
