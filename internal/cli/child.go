package cli

import (
	"errors"
	"net"
	"net/url"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"syscall"

	"github.com/mattn/go-isatty"

	"github.com/catchpost/catchpost/internal/model"
)

// command runs the child to its end, with signals passed on to it.
func (r *Run) command(out *outcome, st *stage, s Streams) error {
	env := r.Environ
	if env == nil {
		env = os.Environ()
	}
	cmd := exec.Command(r.Command[0], r.Command[1:]...)
	cmd.Env = append(env, variables(st)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = s.In, s.Out, s.Err
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer signal.Stop(signals)
	if err := cmd.Start(); err != nil {
		return err
	}
	done := make(chan struct{})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		passOn(signals, cmd.Process, done)
	}()
	err := cmd.Wait()
	close(done)
	<-stopped
	if exit, ok := errors.AsType[*exec.ExitError](err); ok {
		out.ExitCode = exit.ExitCode()
		if w, ok := exit.Sys().(syscall.WaitStatus); ok && w.Signaled() {
			out.Signal = w.Signal().String()
			out.ExitCode = 128 + int(w.Signal()) // as a shell says it
		}
		return nil
	}
	return err
}

// passOn hands signals to the child. What a terminal's keys raise has reached it
// already, for it is in the same foreground process group.
func passOn(signals <-chan os.Signal, child *os.Process, done <-chan struct{}) {
	terminal := isatty.IsTerminal(os.Stdin.Fd())
	for {
		select {
		case <-done:
			return
		case sig := <-signals:
			if terminal && (sig == os.Interrupt || sig == syscall.SIGQUIT) {
				continue
			}
			_ = child.Signal(sig) // it may have ended just now
		}
	}
}

// variables gives the environment that tells a program where to send mail and
// where to ask for it, under the names that frameworks look for.
func variables(st *stage) []string {
	smtp := access(st.sandbox.SMTP)
	if smtp.User == "" {
		smtp.User = st.sandbox.Name
	}
	if smtp.Password == "" { // an open instance takes any login that names no sandbox
		smtp.User, smtp.Password = "catchpost", "catchpost"
	}
	port := strconv.Itoa(smtp.Port)
	hostPort := net.JoinHostPort(smtp.Host, port)
	address := (&url.URL{Scheme: "smtp", User: url.UserPassword(smtp.User, smtp.Password), Host: hostPort}).String()
	base := st.client.Base()
	vars := []struct {
		value string
		names []string
	}{
		{smtp.Host, []string{"SMTP_HOST", "SMTP_SERVER", "SMTP_ADDRESS", "MAIL_HOST", "MAIL_SERVER", "EMAIL_HOST", "SMTPHOST"}},
		{port, []string{"SMTP_PORT", "MAIL_PORT", "EMAIL_PORT", "SMTPPORT"}},
		{smtp.User, []string{"SMTP_USER", "SMTP_USERNAME", "MAIL_USERNAME", "MAIL_USER", "EMAIL_HOST_USER", "EMAIL_USER"}},
		{smtp.Password, []string{"SMTP_PASS", "SMTP_PASSWORD", "MAIL_PASSWORD", "MAIL_PASS", "EMAIL_HOST_PASSWORD",
			"EMAIL_PASSWORD", "EMAIL_PASS"}},
		{address, []string{"SMTP_URL", "MAILER_DSN", "MAIL_URL", "EMAIL_URL", "MAILER_URL", "SMTP_DSN"}},
	}
	env := []string{
		"CATCHPOST_URL=" + base, "CATCHPOST_API_URL=" + base + "/v1", "CATCHPOST_TOKEN=" + st.token,
		"CATCHPOST_SANDBOX=" + st.sandbox.Name, "CATCHPOST_SMTP_SERVER=" + hostPort,
		"CATCHPOST_SMTP_USER=" + smtp.User, "CATCHPOST_SMTP_PASSWORD=" + smtp.Password,
		"MAIL_MAILER=smtp", "SMTP_SECURE=false",
	}
	for _, v := range vars {
		for _, n := range v.names {
			env = append(env, n+"="+v.value)
		}
	}
	return append(env, readers(st)...)
}

// readers gives the addresses of the servers that mail is read from.
func readers(st *stage) []string {
	var env []string
	for name, a := range map[string]*model.Access{"POP3": st.sandbox.POP3, "IMAP": st.sandbox.IMAP} {
		if a == nil || a.Port == 0 {
			continue
		}
		env = append(env, name+"_HOST="+strings.Trim(a.Host, "[]"), name+"_PORT="+strconv.Itoa(a.Port))
		if a.Password != "" {
			env = append(env, name+"_USER="+a.User, name+"_PASS="+a.Password)
		}
	}
	return env
}

func access(a *model.Access) model.Access {
	if a == nil {
		return model.Access{Host: "127.0.0.1"}
	}
	return *a
}
