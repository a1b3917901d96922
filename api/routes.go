package api

import "net/http"

// latest stands for an ID: the newest message that matches.
const latest = "latest"

// Paths that other code tells apart.
const (
	messagePath = "/v1/messages/{id}"
	partPath    = "/v1/messages/{id}/parts/{path}"
)

// route is one operation: who may use it, what it takes, what it does.
type route struct {
	method, path string
	access       access
	filter       bool     // takes the filter grammar
	stream       bool     // an event stream: no HEAD
	params       []string // query parameters besides sandbox and pretty
	run          handler
}

// routes is the whole of /v1 and what stands beside it.
func (s *Server) routes() []route {
	var all []route
	for _, group := range [][]route{
		s.messageRoutes(), s.sandboxRoutes(), s.serverRoutes(),
	} {
		all = append(all, group...)
	}
	return all
}

func (s *Server) messageRoutes() []route {
	get, patch, del := http.MethodGet, http.MethodPatch, http.MethodDelete
	list := []string{"order", "limit", "cursor", "include", "wait", "min"}
	one := func(sub string, run handler, params ...string) route {
		return route{method: get, path: messagePath + sub, access: scoped, filter: true, params: append(params, "wait"), run: run}
	}
	return []route{
		{method: get, path: "/v1/messages", access: scoped, filter: true, params: list, run: s.listMessages},
		{method: patch, path: "/v1/messages", access: scoped, filter: true, params: []string{"all"}, run: with(s.patchMessages)},
		{method: del, path: "/v1/messages", access: scoped, filter: true, params: []string{"all"}, run: s.deleteMessages},
		one("", s.getMessage, "include"),
		{method: patch, path: messagePath, access: scoped, filter: true, params: []string{"wait"}, run: with(s.patchMessage)},
		{method: del, path: messagePath, access: scoped, filter: true, params: []string{"wait"}, run: s.deleteMessage},
		one("/raw", s.getRaw, "trace", "download"),
		one("/text", s.getText),
		one("/html", s.getHTML),
		one("/preview", s.getPreview, "remote"),
		one("/headers", s.getHeaders, "raw"),
		one("/parts", s.getParts),
		one("/parts/{path}", s.getPart, "download", "key"),
		one("/links", s.getLinks),
		one("/codes", s.getCodes),
		one("/transcript", s.getTranscript, "format"),
	}
}

func (s *Server) sandboxRoutes() []route {
	get, post, patch, del := http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	return []route{
		{method: post, path: "/v1/sandboxes", access: admin, run: s.createSandbox},
		{method: get, path: "/v1/sandboxes", access: login, run: s.listSandboxes},
		{method: get, path: "/v1/sandboxes/events", access: admin, stream: true, run: s.getSandboxEvents},
		{method: get, path: "/v1/sandboxes/{name}", access: named, run: s.getSandbox},
		{method: patch, path: "/v1/sandboxes/{name}", access: named, run: with(s.patchSandbox)},
		{method: del, path: "/v1/sandboxes/{name}", access: named, run: s.deleteSandbox},
		{method: get, path: "/v1/events", access: scoped, filter: true, stream: true, params: []string{"last_event_id"}, run: s.getEvents},
		{method: get, path: "/v1/sessions", access: login, params: []string{"peer", "outcome", "verb", "limit", "cursor"}, run: s.listSessions},
		{method: get, path: "/v1/sessions/{id}", access: login, params: []string{"format"}, run: s.getSession},
	}
}

func (s *Server) serverRoutes() []route {
	get, post := http.MethodGet, http.MethodPost
	return []route{
		{method: get, path: "/v1/info", access: login, run: s.getInfo},
		{method: get, path: "/v1/ca.pem", access: login, run: s.getCA},
		{method: post, path: "/v1/login", access: anyone, run: with(s.logIn)},
		{method: post, path: "/v1/logout", access: anyone, run: s.logOut},
		{method: get, path: "/livez", access: anyone, run: s.livez},
		{method: get, path: "/readyz", access: anyone, run: s.readyz},
		{method: get, path: "/openapi.json", access: anyone, run: s.getOpenAPI},
		{method: get, path: "/docs", access: anyone, run: s.getDocs},
		{method: get, path: "/docs/{file}", access: anyone, run: s.getDocFile},
		{method: get, path: "/metrics", access: login, run: s.getMetrics},
	}
}
