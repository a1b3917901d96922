package store

import (
	"encoding/binary"
	"fmt"
	"strings"
)

// maxSandboxName is the length of the longest sandbox name, in octets.
const maxSandboxName = 40

// reservedNames would read as something else in a URL or a login.
var reservedNames = map[string]bool{"events": true, "latest": true, "admin": true, DefaultSandbox: true}

// checkSandboxName reports why a name cannot be a sandbox's: it is a DNS label
// (RFC 1123 §2.1) in lower case, so that it can stand in a domain.
func checkSandboxName(name string) error {
	switch {
	case !isSandboxName(name):
		return fmt.Errorf("%w: a sandbox is named by 1 to %d of a-z, 0-9 and -, not at either end", ErrBadName, maxSandboxName)
	case reservedNames[name]:
		return fmt.Errorf("%w: %q is reserved", ErrBadName, name)
	}
	return nil
}

// isSandboxName reports whether a name has the form of a sandbox's.
func isSandboxName(name string) bool {
	if name == "" || len(name) > maxSandboxName || name[0] == '-' || name[len(name)-1] == '-' {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if c != '-' && (c < '0' || c > '9') && (c < 'a' || c > 'z') {
			return false
		}
	}
	return true
}

// nameLetters leaves out what people misread (0 o, 1 l i).
const nameLetters = "23456789abcdefghjkmnpqrstuvwxyz"

// generatedName turns a counter that never repeats into a name that never
// repeats: one counter, one name. The counter is scattered by a permutation
// keyed per store, so that names of neighbours do not look alike.
func generatedName(counter uint64, key []byte) string {
	n := uint64(1)
	for range 6 {
		n *= uint64(len(nameLetters))
	}
	// Every 31^6 names the prefix gets one letter longer, so blocks never meet.
	block, within := counter/n, counter%n
	k := binary.BigEndian.Uint64(key)
	// x -> a*x + b modulo n is a permutation when a and n have no common factor;
	// n is a power of the prime 31.
	a := k%n | 1
	for a%31 == 0 {
		a += 2
	}
	v := mulmod(a, within, n)
	v = (v + (k>>17)%n) % n
	var b strings.Builder
	b.WriteString("run-")
	for range block {
		b.WriteByte('x')
	}
	for range 6 {
		b.WriteByte(nameLetters[v%uint64(len(nameLetters))])
		v /= uint64(len(nameLetters))
	}
	return b.String()
}

// mulmod is a*b mod n for a, b, n below 2^31, so without overflow.
func mulmod(a, b, n uint64) uint64 { return (a % n) * (b % n) % n }
