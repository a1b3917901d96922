//go:build !race

package message

// raceEnabled is false without the race detector.
const raceEnabled = false
