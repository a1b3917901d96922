package api

import "net/http"

// kind describes one error code of the contract.
type kind struct {
	status int
	title  string
	help   string // what it means and what to do, for /docs/errors
}

// kinds is every error code that an answer can carry, API.md "Errors".
var kinds = map[string]kind{
	"unknown_filter":     {http.StatusBadRequest, "Unknown filter", "A query parameter or key is neither a filter nor a control of this route. The detail names the nearest one."},
	"bad_operator":       {http.StatusBadRequest, "Operator does not fit", "The field is known, but this operator does not fit its kind: size has gt, subject has contains."},
	"bad_value":          {http.StatusBadRequest, "Bad value", "The value cannot be read as what the field or parameter takes."},
	"empty_value":        {http.StatusBadRequest, "Empty value", "A filter without a value would match everything. Leave it out, or use .exists."},
	"bad_duration":       {http.StatusBadRequest, "Bad duration", "A duration needs a unit (500ms, 10s, 2m) and has a maximum."},
	"bad_cursor":         {http.StatusBadRequest, "Bad cursor", "The cursor is not one that this list gave out. Begin again without it."},
	"filter_required":    {http.StatusBadRequest, "Filter required", "This call changes or deletes what matches. Give a filter, or all=true to mean everything."},
	"bad_json":           {http.StatusBadRequest, "Bad JSON", "The body is not the JSON that this route takes. param names the place."},
	"login_required":     {http.StatusUnauthorized, "Login required", "This instance has an administrator's token: send Authorization: Bearer TOKEN, or Basic SANDBOX:TOKEN."},
	"bad_token":          {http.StatusUnauthorized, "Bad token", "The token or the pair SANDBOX:TOKEN opens nothing here."},
	"other_sandbox":      {http.StatusForbidden, "Another sandbox", "A sandbox's token reaches that sandbox alone; this call needs another sandbox's token or the administrator's."},
	"host_not_allowed":   {http.StatusForbidden, "Host not allowed", "An open instance answers only to local host names, so that a hostile web page cannot rebind its own name to it. Start with --allowed-host NAME."},
	"origin_not_allowed": {http.StatusForbidden, "Origin not allowed", "A browser sent this from a page of another origin. Start with --cors ORIGIN to allow that."},
	"relay_denied":       {http.StatusForbidden, "Relay denied", "No rule lets this mail leave."},
	"no_match":           {http.StatusNotFound, "No match", "No message matched, at once or until the wait was over. waited_ms says how long that was."},
	"message_not_found":  {http.StatusNotFound, "Message not found", "No message has this ID in this sandbox; it may have been deleted or pruned."},
	"part_not_found":     {http.StatusNotFound, "Part not found", "The message has no such part: see its /parts."},
	"sandbox_not_found":  {http.StatusNotFound, "Sandbox not found", "No sandbox has this name."},
	"not_found":          {http.StatusNotFound, "Not found", "The session, account, mailbox, webhook, contact, fault rule or queue entry does not exist."},
	"route_not_found":    {http.StatusNotFound, "Route not found", "The API has no such path: see /docs."},
	"method_not_allowed": {http.StatusMethodNotAllowed, "Method not allowed", "The path exists, but not with this method; the Allow header names those that do."},
	"sandbox_exists":     {http.StatusConflict, "Sandbox exists", "A living sandbox has this name. Leave the name out to have one made."},
	"state_conflict":     {http.StatusConflict, "State conflict", "The thing is in a state in which this cannot be done, or has changed since it was read."},
	"sandbox_ended":      {http.StatusGone, "Sandbox ended", "The sandbox was deleted or its time is over. Its name is remembered for 7 days."},
	"too_large":          {http.StatusRequestEntityTooLarge, "Too large", "The body is larger than this route takes."},
	"bad_media_type":     {http.StatusUnsupportedMediaType, "Unsupported media type", "Send the Content-Type that this route takes: application/json, or message/rfc822 for a message."},
	"bad_range":          {http.StatusRequestedRangeNotSatisfiable, "Bad range", "The Range field asks for octets past the end. Content-Range tells the length."},
	"too_many_waits":     {http.StatusTooManyRequests, "Too many waits", "Too many requests wait or listen at the same time."},
	"internal":           {http.StatusInternalServerError, "Internal error", "A defect of the server; its log has the cause."},
	"shutting_down":      {http.StatusServiceUnavailable, "Shutting down", "The server is stopping. A wait or an assertion that was cut short has no verdict."},
	"not_ready":          {http.StatusServiceUnavailable, "Not ready", "The server is starting and rebuilds its indexes."},
	"disk_full":          {http.StatusInsufficientStorage, "Disk full", "The data file's disk, or the sandbox, has no room for this."},
}
