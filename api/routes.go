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
	several      bool     // scoped, of several sandboxes: ?sandbox may be repeated or *
	params       []string // query parameters besides sandbox and pretty
	run          handler
}

// routes is the whole of /v1 and what stands beside it.
func (s *Server) routes() []route {
	var all []route
	for _, group := range [][]route{
		s.messageRoutes(), s.sandboxRoutes(), s.accountRoutes(), s.outwardRoutes(), s.relayRoutes(), s.faultRoutes(), s.serverRoutes(),
	} {
		all = append(all, group...)
	}
	return all
}

func (s *Server) messageRoutes() []route {
	get, post, patch, del := http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	list := []string{"order", "limit", "cursor", "include", "wait", "min"}
	one := func(sub string, run handler, params ...string) route {
		return route{method: get, path: messagePath + sub, access: scoped, filter: true, params: append(params, "wait"), run: run}
	}
	return []route{
		{method: get, path: "/v1/messages", access: scoped, filter: true, params: list, run: s.listMessages},
		{method: patch, path: "/v1/messages", access: scoped, filter: true, params: []string{"all"}, run: with(s.patchMessages)},
		{method: del, path: "/v1/messages", access: scoped, filter: true, params: []string{"all"}, run: s.deleteMessages},
		{method: post, path: "/v1/messages", access: scoped, params: []string{"from", "to", "origin", "received_at"}, run: s.postMessage},
		{method: post, path: "/v1/assert", access: scoped, run: s.postAssert},
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
		{method: get, path: "/v1/events", access: scoped, several: true, filter: true, stream: true, params: []string{"last_event_id"}, run: s.getEvents},
		{method: get, path: "/v1/sessions", access: login, params: []string{"peer", "outcome", "verb", "limit", "cursor"}, run: s.listSessions},
		{method: get, path: "/v1/sessions/{id}", access: login, params: []string{"format"}, run: s.getSession},
	}
}

func (s *Server) accountRoutes() []route {
	get, post, put, patch, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete
	const (
		accounts  = "/v1/accounts"
		account   = accounts + "/{account}"
		mailboxes = account + "/mailboxes"
		mailbox   = mailboxes + "/{mailbox}"
		messages  = mailbox + "/messages"
	)
	owner := []string{"account"}
	return []route{
		{method: get, path: accounts, access: scoped, run: s.listAccounts},
		{method: post, path: accounts, access: scoped, run: with(s.createAccount)},
		{method: get, path: account, access: scoped, run: s.getAccount},
		{method: del, path: account, access: scoped, run: s.deleteAccount},
		{method: get, path: mailboxes, access: scoped, run: s.listMailboxes},
		{method: post, path: mailboxes, access: scoped, run: with(s.createMailbox)},
		{method: patch, path: mailbox, access: scoped, run: with(s.patchMailbox)},
		{method: del, path: mailbox, access: scoped, run: s.deleteMailbox},
		{method: get, path: messages, access: scoped, filter: true, params: []string{"order", "limit", "cursor"}, run: s.listEntries},
		{method: post, path: messages, access: scoped, params: []string{"flags"}, run: s.appendEntry},
		{method: patch, path: messages, access: scoped, run: with(s.patchEntries)},
		{method: del, path: messages, access: scoped, params: []string{"uids"}, run: s.deleteEntries},
		{method: post, path: mailbox + "/move", access: scoped, run: with(s.moveEntries)},
		{method: post, path: mailbox + "/copy", access: scoped, run: with(s.copyEntries)},
		{method: get, path: "/v1/aliases", access: scoped, run: s.listAliases},
		{method: put, path: "/v1/aliases/{address}", access: scoped, run: with(s.putAlias)},
		{method: del, path: "/v1/aliases/{address}", access: scoped, run: s.deleteAlias},
		{method: get, path: "/v1/contacts", access: scoped, params: []string{"account", "q", "limit"}, run: s.listContacts},
		{method: post, path: "/v1/contacts", access: scoped, params: owner, run: with(s.createContact)},
		{method: get, path: "/v1/contacts/{id}", access: scoped, params: owner, run: s.getContact},
		{method: put, path: "/v1/contacts/{id}", access: scoped, params: owner, run: with(s.replaceContact)},
		{method: del, path: "/v1/contacts/{id}", access: scoped, params: owner, run: s.deleteContact},
	}
}

func (s *Server) outwardRoutes() []route {
	get, post, patch, del := http.MethodGet, http.MethodPost, http.MethodPatch, http.MethodDelete
	return []route{
		{method: get, path: "/v1/webhooks", access: scoped, run: s.listWebhooks},
		{method: post, path: "/v1/webhooks", access: scoped, run: with(s.createWebhook)},
		{method: get, path: "/v1/webhooks/{id}", access: scoped, run: s.getWebhook},
		{method: patch, path: "/v1/webhooks/{id}", access: scoped, run: with(s.patchWebhook)},
		{method: del, path: "/v1/webhooks/{id}", access: scoped, run: s.deleteWebhook},
		{method: get, path: "/v1/webhooks/{id}/deliveries", access: scoped, run: s.listDeliveries},
		{method: post, path: "/v1/webhooks/{id}/deliveries/{delivery}/replay", access: scoped, run: s.replayDelivery},
		{method: get, path: "/v1/queue", access: scoped, params: []string{"state", "domain", "message", "limit", "cursor"}, run: s.listQueue},
		{method: get, path: "/v1/queue/{id}", access: scoped, run: s.getQueueEntry},
		{method: post, path: "/v1/queue/{id}/retry", access: scoped, run: s.retryQueueEntry},
		{method: post, path: "/v1/queue/{id}/hold", access: scoped, run: s.holdQueueEntry},
		{method: post, path: "/v1/queue/{id}/release", access: scoped, run: s.releaseQueueEntry},
		{method: post, path: "/v1/queue/{id}/cancel", access: scoped, run: s.cancelQueueEntry},
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
