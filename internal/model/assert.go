package model

// AssertAnswer is the answer of POST /v1/assert.
type AssertAnswer struct {
	Passed   bool      `json:"passed"`
	WaitedMS int64     `json:"waited_ms"`
	Text     string    `json:"text"`
	Verdicts []Verdict `json:"verdicts"`
}

// Verdict is the outcome of one assertion. FailedOn is "count" or "expect",
// empty when it passed.
type Verdict struct {
	Name       string     `json:"name"`
	Passed     bool       `json:"passed"`
	FailedOn   string     `json:"failed_on,omitempty"`
	Reason     string     `json:"reason"`
	Found      int        `json:"found"`
	WaitedMS   int64      `json:"waited_ms"`
	Matched    []Summary  `json:"matched"`
	Failures   []NearMiss `json:"failures"`
	NearMisses []NearMiss `json:"near_misses"`
	Hints      []Hint     `json:"hints"`
}

// NearMiss is a message that failed some clauses, judged clause by clause.
type NearMiss struct {
	Message MessageRef `json:"message"`
	Clauses []Clause   `json:"clauses"`
}

// MessageRef names a message shortly.
type MessageRef struct {
	ID      string `json:"id"`
	Sandbox string `json:"sandbox"`
	Subject string `json:"subject"`
	PageURL string `json:"page_url"`
}

// Clause is one condition's outcome on one message. In is "where" or "expect".
type Clause struct {
	In     string   `json:"in"`
	Clause string   `json:"clause"`
	Value  any      `json:"value"`
	Held   bool     `json:"held"`
	Actual []string `json:"actual,omitempty"`
	Diff   string   `json:"diff,omitempty"`
}

// Hint says what may be the cause of a failed assertion.
type Hint struct {
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// Assertion is one assertion of POST /assert, as it is documented; internal/assert
// reads it. Count is a number or {"min", "max"}, Expect a filter or a list of them.
type Assertion struct {
	Name   string         `json:"name,omitempty"`
	Where  map[string]any `json:"where,omitempty"`
	Count  any            `json:"count,omitempty"`
	Within string         `json:"within,omitempty"`
	Settle string         `json:"settle,omitempty"`
	Expect any            `json:"expect,omitempty"`
}
