package model

// Problem is an error answer, RFC 9457, media type application/problem+json.
type Problem struct {
	Type     string `json:"type"`
	Code     string `json:"code"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Param    string `json:"param,omitempty"`
	WaitedMS *int64 `json:"waited_ms,omitempty"`
}
