// Package app is a small web application of the kind that catchpost tests: it
// registers users by mail, with a code and a link.
package app

import (
	"crypto/rand"
	"fmt"
	"html"
	"math/big"
	"net/http"
	"net/smtp"
	"sync"
)

// App registers users. It sends its mail to SMTP, HOST:PORT.
type App struct {
	SMTP string
	// Auth is the login at the SMTP server; nil is none.
	Auth smtp.Auth
	// URL is where this application is reached, for links in mail.
	URL string

	mu       sync.Mutex
	pending  map[string]string // code by address
	verified map[string]bool
}

// ServeHTTP serves the form at /, POST /register (email), and /verify (email, code).
func (a *App) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/":
		page(w, `<form method="post" action="/register"><label>Email <input name="email" type="email"></label> <button>Register</button></form>`)
	case "/register":
		if err := a.Register(r.FormValue("email")); err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		page(w, `<form method="post" action="/verify"><input name="email" type="hidden" value="`+html.EscapeString(r.FormValue("email"))+
			`"><label>Code <input name="code"></label> <button>Verify</button></form>`)
	case "/verify":
		if !a.Verify(r.FormValue("email"), r.FormValue("code")) {
			w.WriteHeader(http.StatusForbidden)
			page(w, "<h1>Wrong code</h1>")
			return
		}
		page(w, "<h1>Welcome</h1>")
	default:
		http.NotFound(w, r)
	}
}

func page(w http.ResponseWriter, body string) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = fmt.Fprint(w, "<!doctype html><title>Example</title><main>", body, "</main>")
}

// Register sends a new user a code of six digits and a link that holds it.
func (a *App) Register(email string) error {
	n, err := rand.Int(rand.Reader, big.NewInt(900_000))
	if err != nil {
		return err
	}
	code := fmt.Sprint(100_000 + n.Int64())
	a.mu.Lock()
	if a.pending == nil {
		a.pending, a.verified = map[string]string{}, map[string]bool{}
	}
	a.pending[email] = code
	a.mu.Unlock()
	link := fmt.Sprintf("%s/verify?email=%s&code=%s", a.URL, email, code)
	mail := "From: Example <hello@app.example>\r\nTo: <" + email + ">\r\nSubject: Your verification code\r\n" +
		"MIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n" +
		"<p>Welcome! Your verification code is <b>" + code + "</b>.</p>\r\n" +
		"<p><a href=\"" + html.EscapeString(link) + "\">Verify your address</a></p>\r\n"
	return smtp.SendMail(a.SMTP, a.Auth, "bounce@app.example", []string{email}, []byte(mail))
}

// Verify ends a registration; it reports whether the code was right.
func (a *App) Verify(email, code string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if code == "" || a.pending[email] != code {
		return false
	}
	delete(a.pending, email)
	a.verified[email] = true
	return true
}
