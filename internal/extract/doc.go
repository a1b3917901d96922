// Package extract finds what a test wants out of a mail: the links with their
// kind and the one-time codes, ranked. It reads decoded text and HTML, never
// fails, and its time and its answers are bounded whatever the input.
package extract

// Bounds of one extraction. What lies beyond them is not looked at.
const (
	maxHTML       = 4 << 20 // octets of HTML that are tokenized
	maxRunes      = 256 << 10
	maxLines      = 20000 // lines of visible text
	maxCandidates = 1000
	maxCodes      = 20
	maxLinks      = 500
	maxURL        = 16 << 10 // octets
	maxLabel      = 200      // characters
	maxContext    = 160      // characters
	maxDepth      = 512      // open elements whose style is kept
)
