package api

// Route is a route as tests see it.
type Route struct {
	Method, Path, Access string
	Stream               bool
}

// Routes lists the routes of a server.
func (s *Server) Routes() []Route {
	names := map[access]string{anyone: "anyone", login: "login", scoped: "scoped", named: "named", admin: "admin"}
	var out []Route
	for _, rt := range s.routes() {
		out = append(out, Route{rt.method, rt.path, names[rt.access], rt.stream})
	}
	return out
}

// Waiting is the number of requests that wait or listen.
func (s *Server) Waiting() int { return s.waits.count() }

// Codes are the error codes of the contract.
func Codes() map[string]kind { return kinds }
