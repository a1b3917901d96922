//go:build race

package message

// raceEnabled: the race detector makes everything ten times slower.
const raceEnabled = true
