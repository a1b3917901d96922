package model

// RelayBody is the body of POST /messages/{id}/relay. Without To the message's
// own forward-paths are meant.
type RelayBody struct {
	To []string `json:"to,omitempty"`
}

// Relayed answers POST /messages/{id}/relay.
type Relayed struct {
	Entries []QueueEntry `json:"entries"`
}

// RelayRules is the body and the answer of /relay/rules; the first rule that
// matches a message in arrival wins.
type RelayRules struct {
	Rules []RelayRule `json:"rules"`
}

// RelayRule says what becomes of captured messages that match Filter.
type RelayRule struct {
	ID     string         `json:"id"`
	Filter map[string]any `json:"filter"`
	Action string         `json:"action" enums:"relay,hold,drop"`
}

// RelayQuestion is the body of POST /relay/judge.
type RelayQuestion struct {
	ForwardPaths []string `json:"forward_paths"`
}

// RelayVerdicts answers POST /relay/judge. Relay tells whether relaying is on.
type RelayVerdicts struct {
	Relay    bool           `json:"relay"`
	Verdicts []RelayVerdict `json:"verdicts"`
}

// RelayVerdict is what the lists say of one forward-path. Rule is the pattern
// that decided; Reason is for people.
type RelayVerdict struct {
	ForwardPath string `json:"forward_path"`
	Outcome     string `json:"outcome" enums:"relay,local,refused"`
	Rule        string `json:"rule"`
	Reason      string `json:"reason"`
}

// BounceBody is the body of POST /messages/{id}/bounce. ForwardPath is who does
// not get the message; the first one if it is left out.
type BounceBody struct {
	Type        string `json:"type" enums:"hard,soft,delay,complaint,out-of-office"`
	ForwardPath string `json:"forward_path,omitempty"`
}
