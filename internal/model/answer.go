package model

// Changed answers a PATCH by filter, Deleted a DELETE by filter.
type Changed struct {
	Changed int `json:"changed"`
}

// Deleted tells how many messages were deleted.
type Deleted struct {
	Deleted int `json:"deleted"`
}

// Headers answers /messages/{id}/headers.
type Headers struct {
	Headers []Header `json:"headers"`
}

// Parts answers /messages/{id}/parts.
type Parts struct {
	Parts []Part `json:"parts"`
}

// Links answers /messages/{id}/links.
type Links struct {
	Links []Link `json:"links"`
}

// Codes answers /messages/{id}/codes.
type Codes struct {
	Codes []Code `json:"codes"`
}

// Login is the body of POST /login.
type Login struct {
	Token string `json:"token"`
}

// LoginAnswer says whom the token stands for; sandbox is null for the administrator.
type LoginAnswer struct {
	Administrator bool    `json:"administrator"`
	Sandbox       *string `json:"sandbox"`
}

// Health answers /livez and /readyz.
type Health struct {
	Status string `json:"status"`
}

// Info answers /info.
type Info struct {
	Version       string  `json:"version"`
	StartedAt     string  `json:"started_at"`
	UptimeSeconds int64   `json:"uptime_seconds"`
	Open          bool    `json:"open"`
	Administrator bool    `json:"administrator"`
	Sandbox       *string `json:"sandbox"`
	SandboxDomain *string `json:"sandbox_domain"`
	APIURL        string  `json:"api_url"`
	Durability    string  `json:"durability"`
	Data          *string `json:"data"`
	CA            bool    `json:"ca"`
	// Relay tells whether messages can be delivered to real servers,
	// ControllableClock whether sandboxes' clocks can be moved.
	Relay             bool       `json:"relay"`
	ControllableClock bool       `json:"controllable_clock"`
	Listeners         []Listener `json:"listeners"`
	Limits            InfoLimits `json:"limits"`
}

// Listener is one server as clients reach it.
type Listener struct {
	Name    string `json:"name"`
	Network string `json:"network"`
	Address string `json:"address"`
	Host    string `json:"host"`
	Port    int    `json:"port"`
	TLS     string `json:"tls"`
	Auth    bool   `json:"auth"`
}

// InfoLimits are the bounds that a client may run into.
type InfoLimits struct {
	MessageSize int64  `json:"message_size"`
	BodySize    int64  `json:"body_size"`
	Wait        string `json:"wait"`
	Waits       int    `json:"waits"`
	ListLimit   int    `json:"list_limit"`
}
