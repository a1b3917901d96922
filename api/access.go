package api

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"

	"github.com/catchpost/catchpost/internal/model"
	"github.com/catchpost/catchpost/store"
)

// access says who may use a route.
type access int

const (
	anyone access = iota // no credentials are looked at
	login                // whoever is let in; the answer is cut to what the caller may see
	scoped               // one sandbox (or several, where the route says so): ?sandbox for the administrator, the token's own otherwise
	named                // the sandbox named in the path
	admin                // the administrator
)

// caller is who asks.
type caller struct {
	admin   bool
	sandbox string // whose token was presented, if not the administrator
	cookie  bool   // by the page's cookie
}

// cookieName carries a token of the page.
const cookieName = "catchpost"

// adminUser is the name the administrator's token goes by in Basic credentials;
// no sandbox can be called so.
const adminUser = "admin"

// admit finds out who asks and about which sandbox, or refuses.
func (s *Server) admit(r *request) error {
	if r.route.access == anyone {
		return nil
	}
	who, err := s.identify(r)
	if err != nil {
		return err
	}
	r.caller = who
	switch r.route.access {
	case admin:
		if !who.admin {
			return fail("other_sandbox", "this takes the administrator; the token is that of sandbox %q", who.sandbox)
		}
	case scoped:
		if r.route.several {
			return s.enterEach(r)
		}
		return s.enter(r, r.query.Get("sandbox"))
	case named:
		return s.enter(r, r.Param("name"))
	case login:
		if r.query.Has("sandbox") {
			return s.enter(r, r.query.Get("sandbox"))
		}
		r.sandbox = who.sandbox
	}
	return nil
}

// enter sets the sandbox of a request, if the caller may reach it.
func (s *Server) enter(r *request, want string) error {
	if want == "" && r.query.Has("sandbox") {
		return fail("empty_value", "sandbox needs a name").at("sandbox")
	}
	if !r.caller.admin {
		if want != "" && want != r.caller.sandbox {
			return fail("other_sandbox", "this token opens sandbox %q alone", r.caller.sandbox)
		}
		r.sandbox = r.caller.sandbox
		return nil
	}
	if want == "" {
		want = store.DefaultSandbox
	}
	if want != store.DefaultSandbox {
		if _, err := s.store.Sandbox(r.ctx, want); err != nil {
			return err
		}
	}
	r.sandbox = want
	return nil
}

// everySandbox stands for all sandboxes that the caller may reach, those made
// later too.
const everySandbox = "*"

// namedSandboxes is how many sandboxes one request may name.
const namedSandboxes = 100

// enterEach sets the sandboxes of a request that takes several, if the caller may
// reach each; a token's own sandbox is every one that it may.
func (s *Server) enterEach(r *request) error {
	wanted := r.query["sandbox"]
	if len(wanted) == 0 {
		wanted = []string{""}
	}
	if len(wanted) > namedSandboxes {
		return fail("bad_value", "at most %d sandboxes are named at once; %s is every one", namedSandboxes, everySandbox).at("sandbox")
	}
	every := false
	for _, want := range wanted {
		if want == everySandbox {
			if r.caller.admin {
				every = true
				continue
			}
			want = r.caller.sandbox
		}
		if err := s.enter(r, want); err != nil {
			return err
		}
		if !slices.Contains(r.sandboxes, r.sandbox) {
			r.sandboxes = append(r.sandboxes, r.sandbox)
		}
	}
	if every {
		r.sandbox, r.sandboxes = "", nil
	}
	return nil
}

// identify judges the credentials: Authorization first, then the page's cookie.
func (s *Server) identify(r *request) (caller, error) {
	if who, ok := s.partCaller(r); ok {
		return who, nil
	}
	if header := r.Request().Header.Get("Authorization"); header != "" {
		return s.identifyHeader(r, header)
	}
	if c, err := r.Request().Cookie(cookieName); err == nil && c.Value != "" {
		who, err := s.identifyToken(r, "", c.Value)
		who.cookie = true
		return who, err
	}
	if s.cfg.AdminToken != "" {
		return caller{}, fail("login_required", "this instance asks for a token")
	}
	return caller{admin: true}, nil
}

func (s *Server) identifyHeader(r *request, header string) (caller, error) {
	scheme, rest, _ := strings.Cut(header, " ")
	rest = strings.TrimSpace(rest)
	switch strings.ToLower(scheme) {
	case "bearer":
		return s.identifyToken(r, "", rest)
	case "basic":
		user, password, ok := r.Request().BasicAuth()
		if !ok {
			return caller{}, fail("bad_token", "the Basic credentials are not user:password in base64")
		}
		return s.identifyToken(r, user, password)
	}
	return caller{}, fail("bad_token", "the Authorization scheme is Bearer or Basic, not %q", scheme)
}

// identifyToken judges a token; user is "" or the name it was presented with.
func (s *Server) identifyToken(r *request, user, token string) (caller, error) {
	ours := user == "" || user == adminUser || user == s.cfg.AdminUser || user == store.DefaultSandbox // default has no token of its own
	if s.cfg.AdminToken != "" && ours && sameSecret(token, s.cfg.AdminToken) {
		return caller{admin: true}, nil
	}
	box, err := s.store.SandboxOfToken(r.ctx, token)
	if err != nil {
		p := problemOf(err)
		if p.code == "bad_token" || p.code == "not_found" || p.code == "sandbox_not_found" {
			return caller{}, &problem{code: "bad_token", detail: "no sandbox has this token", cause: err}
		}
		return caller{}, err
	}
	if user != "" && user != box.Name {
		return caller{}, fail("bad_token", "this token does not open %q", user)
	}
	return caller{sandbox: box.Name}, nil
}

// sameSecret compares in constant time, without telling the length.
func sameSecret(a, b string) bool {
	x, y := sha256.Sum256([]byte(a)), sha256.Sum256([]byte(b))
	return subtle.ConstantTimeCompare(x[:], y[:]) == 1
}

// partSignature lets a preview load its own parts: the preview is sandboxed, so
// browsers send no SameSite=Strict cookie with what it embeds.
func (s *Server) partSignature(sandbox, id, path string) string {
	mac := hmac.New(sha256.New, s.partKey)
	mac.Write([]byte(sandbox + "\x00" + id + "\x00" + path))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil)[:18])
}

// partCaller lets in whoever has a preview's signature, to that one part.
func (s *Server) partCaller(r *request) (caller, bool) {
	key := r.query.Get("key")
	if key == "" || r.route.path != partPath {
		return caller{}, false
	}
	sandbox := r.query.Get("sandbox")
	want := s.partSignature(sandbox, r.Param("id"), r.Param("path"))
	return caller{sandbox: sandbox}, subtle.ConstantTimeCompare([]byte(key), []byte(want)) == 1
}

// logIn exchanges a token for the page's cookie.
//
//	@Summary	Log in from a browser
//	@Description	Sets an HttpOnly, SameSite=Strict cookie that stands for the token.
//	@Tags		access
//	@Param		body	body		model.Login	true	"a sandbox's token or the administrator's"
//	@Success	200		{object}	model.LoginAnswer
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/login [post]
func (s *Server) logIn(r *request, body model.Login) (any, error) {
	if body.Token == "" {
		return nil, fail("empty_value", "token is needed").at("token")
	}
	who, err := s.identifyToken(r, "", body.Token)
	if err != nil {
		return nil, err
	}
	r.SetCookie(s.cookie(r, body.Token, 0))
	answer := model.LoginAnswer{Administrator: who.admin}
	if who.sandbox != "" {
		answer.Sandbox = &who.sandbox
	}
	return answer, nil
}

// logOut forgets the page's cookie.
//
//	@Summary	Log out from a browser
//	@Tags		access
//	@Success	204
//	@Failure	default	{object}	model.Problem
//	@Router		/v1/logout [post]
func (s *Server) logOut(r *request) (any, error) {
	r.SetCookie(s.cookie(r, "", -1))
	return nil, nil
}

func (s *Server) cookie(r *request, value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: s.base + "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: s.seenAs(r.Request()).Scheme == "https",
	}
}
