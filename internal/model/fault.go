package model

// Fault is a rule that makes a server misbehave. Points name where ("smtp.rcpt",
// "smtp.end_of_data", "imap.fetch"); the conditions are patterns (* and ?), all
// of which must hold; Skip lets the first matches pass, Times strikes that many
// after them (0: without end). Matched and Struck count.
type Fault struct {
	ID          string      `json:"id"`
	Points      []string    `json:"points"`
	ReversePath string      `json:"reverse_path,omitempty"`
	ForwardPath string      `json:"forward_path,omitempty"`
	Client      string      `json:"client,omitempty"`
	User        string      `json:"user,omitempty"`
	Skip        int64       `json:"skip,omitempty"`
	Times       int64       `json:"times,omitempty"`
	Chance      float64     `json:"chance,omitempty"`
	Seed        uint64      `json:"seed,omitempty"`
	Effect      FaultEffect `json:"effect"`
	Matched     int64       `json:"matched"`
	Struck      int64       `json:"struck"`
}

// FaultEffect is what a fault does: a reply (code, enhanced, text) in place of
// the real one, a delay before anything else, an end of the connection at once
// (cut) or after so many octets, a bound on its speed in octets a second.
type FaultEffect struct {
	Code     int    `json:"code,omitempty"`
	Enhanced string `json:"enhanced,omitempty"`
	Text     string `json:"text,omitempty"`
	Delay    string `json:"delay,omitempty"`
	Cut      bool   `json:"cut,omitempty"`
	CutAfter int64  `json:"cut_after,omitempty"`
	Throttle int64  `json:"throttle,omitempty"`
}

// FaultBody is the body of PUT /faults/{id}.
type FaultBody struct {
	Points      []string    `json:"points"`
	ReversePath string      `json:"reverse_path,omitempty"`
	ForwardPath string      `json:"forward_path,omitempty"`
	Client      string      `json:"client,omitempty"`
	User        string      `json:"user,omitempty"`
	Skip        int64       `json:"skip,omitempty"`
	Times       int64       `json:"times,omitempty"`
	Chance      float64     `json:"chance,omitempty"`
	Seed        uint64      `json:"seed,omitempty"`
	Effect      FaultEffect `json:"effect"`
}

// Faults answers GET /faults.
type Faults struct {
	Faults []Fault `json:"faults"`
}
