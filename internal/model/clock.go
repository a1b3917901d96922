package model

import "time"

// Clock answers GET and POST /sandboxes/{name}/clock. Offset is a duration
// ("4h0m0s"); Ran is what moving the clock did, in the order of time.
type Clock struct {
	Sandbox string    `json:"sandbox"`
	Now     time.Time `json:"now"`
	Offset  string    `json:"offset"`
	Ran     []Ran     `json:"ran,omitzero"`
}

// ClockAdvance is the body of POST /sandboxes/{name}/clock: a duration ("4h").
type ClockAdvance struct {
	Advance string `json:"advance"`
}

// Ran is one thing that a moved clock did to a queue entry: At is when it was
// due, State what it was afterwards.
type Ran struct {
	Entry       string    `json:"entry"`
	ForwardPath string    `json:"forward_path"`
	At          time.Time `json:"at"`
	State       string    `json:"state"`
}
