package imapd

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/catchpost/catchpost/internal/mailtest"
	"github.com/catchpost/catchpost/store"
)

// marionette drives a Thunderbird by Mozilla's remote protocol: JSON arrays, each
// behind its length and a colon.
type marionette struct {
	conn net.Conn
	r    *bufio.Reader
	n    int
}

func (m *marionette) read() ([]json.RawMessage, error) {
	head, err := m.r.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(head, ":"))
	if err != nil || n > 100<<20 {
		return nil, fmt.Errorf("length %q: %w", head, err)
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(m.r, b); err != nil {
		return nil, err
	}
	var answer []json.RawMessage
	if b[0] == '{' { // the greeting
		return nil, nil
	}
	return answer, json.Unmarshal(b, &answer)
}

func (m *marionette) call(name string, params any) (json.RawMessage, error) {
	m.n++
	b, err := json.Marshal([]any{0, m.n, name, params})
	if err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(b), b); err != nil {
		return nil, err
	}
	answer, err := m.read()
	switch {
	case err != nil:
		return nil, err
	case len(answer) != 4:
		return nil, errors.New("not an answer")
	case string(answer[2]) != "null":
		return nil, fmt.Errorf("%s: %s", name, answer[2])
	}
	return answer[3], nil
}

const thunderbirdPrefs = `user_pref("mail.account.account1.identities", "id1");
user_pref("mail.account.account1.server", "server1");
user_pref("mail.accountmanager.accounts", "account1");
user_pref("mail.accountmanager.defaultaccount", "account1");
user_pref("mail.identity.id1.useremail", %[3]q);
user_pref("mail.identity.id1.valid", true);
user_pref("mail.server.server1.type", "imap");
user_pref("mail.server.server1.hostname", %[1]q);
user_pref("mail.server.server1.port", %[2]s);
user_pref("mail.server.server1.userName", %[3]q);
user_pref("mail.server.server1.name", "test");
user_pref("mail.server.server1.socketType", 0);
user_pref("mail.server.server1.authMethod", 3);
user_pref("mail.server.server1.login_at_startup", false);
user_pref("mail.server.server1.check_new_mail", false);
user_pref("mail.server.server1.offline_download", true);
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.rights.version", 1);
user_pref("mail.biff.show_alert", false);
user_pref("mailnews.start_page.enabled", false);
user_pref("app.update.disabledForTesting", true);
user_pref("datareporting.policy.dataSubmissionEnabled", false);
user_pref("extensions.update.enabled", false);
user_pref("network.captive-portal-service.enabled", false);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "data:,");
user_pref("marionette.port", 0);
user_pref("remote.log.level", "Info");
user_pref("browser.dom.window.dump.enabled", true);
`

var listeningOn = regexp.MustCompile(`Marionette\s+INFO\s+Listening on port (\d+)`)

// thunderbird starts one without a window and returns a way to run the steps of
// testdata/thunderbird.js in it.
func thunderbird(t *testing.T, addr string) func(step string, argument, result any) {
	t.Helper()
	program := mailtest.Program(t, "thunderbird")
	host, port := mailtest.HostPort(t, addr)
	dir := t.TempDir()
	mailtest.Write(t, dir+"/profile/user.js", fmt.Sprintf(thunderbirdPrefs, host, port, user))
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	c := exec.CommandContext(ctx, program, "--headless", "--no-remote", "--profile", dir+"/profile", "--marionette", "--remote-allow-system-access")
	c.Env = append(os.Environ(), "HOME="+dir, "LC_ALL=C.UTF-8", "MOZ_CRASHREPORTER_DISABLE=1")
	c.WaitDelay = 5 * time.Second
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	m := &marionette{}
	t.Cleanup(func() {
		if m.conn != nil {
			_, _ = m.call("Marionette:Quit", map[string]any{"flags": []string{"eForceQuit"}})
			_ = m.conn.Close()
		} else {
			cancel()
		}
		_ = c.Wait()
		cancel()
	})
	lines := bufio.NewScanner(out)
	for m.conn == nil && lines.Scan() {
		if g := listeningOn.FindStringSubmatch(lines.Text()); g != nil {
			if m.conn, err = net.Dial("tcp", "127.0.0.1:"+g[1]); err != nil {
				t.Fatal(err)
			}
		}
	}
	if m.conn == nil {
		t.Fatal("Thunderbird does not listen")
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	m.r = bufio.NewReader(m.conn)
	if _, err := m.read(); err != nil {
		t.Fatal(err)
	}
	call := func(name string, params map[string]any) json.RawMessage {
		t.Helper()
		_ = m.conn.SetDeadline(time.Now().Add(2 * time.Minute))
		answer, err := m.call(name, params)
		if err != nil {
			t.Fatal(err)
		}
		return answer
	}
	call("WebDriver:NewSession", map[string]any{})
	call("Marionette:SetContext", map[string]any{"value": "chrome"})
	call("WebDriver:SetTimeouts", map[string]any{"script": 60_000})
	script, err := os.ReadFile("testdata/thunderbird.js")
	if err != nil {
		t.Fatal(err)
	}
	return func(step string, argument, result any) {
		t.Helper()
		answer := call("WebDriver:ExecuteAsyncScript", map[string]any{
			"script": string(script), "args": []any{step, argument}, "newSandbox": true, "sandbox": "system"})
		var got struct {
			Value struct {
				Value json.RawMessage
				Error string
			}
		}
		if err := json.Unmarshal(answer, &got); err != nil || got.Value.Error != "" {
			t.Fatalf("%s: %v %s", step, err, got.Value.Error)
		}
		if result != nil {
			if err := json.Unmarshal(got.Value.Value, result); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// Thunderbird takes all mails with their octets, hears of changes while it idles,
// makes some itself, and both believe the same in the end.
func TestClientThunderbird(t *testing.T) {
	mailtest.Program(t, "thunderbird")
	st, addr := stocked(t, clientMails)
	step := thunderbird(t, addr)
	step("sync", clientMails, nil)
	var bodies map[string]string
	step("bodies", nil, &bodies)
	if len(bodies) != clientMails {
		t.Errorf("%d bodies", len(bodies))
	}
	for i := range clientMails {
		got, err := base64.StdEncoding.DecodeString(bodies[fmt.Sprintf("%d@shop.example", i)])
		if err != nil || string(got) != mailtest.Mail(i) {
			t.Fatalf("mail %d is %q, %v", i, got, err)
		}
	}
	changeServer(t, st)
	step("news", clientMails-10+5, nil)
	step("change", nil, nil)
	for _, name := range []string{store.Inbox, "Archive", "Trash"} {
		var got, want mailtest.Box
		for range 60 { // both sides come to rest when they do
			got = nil
			step("box", name, &got)
			if want, _ = stored(t, st, name); maps.Equal(got, want) {
				break
			}
		}
		mailtest.SameBox(t, name, got, want)
		if n := map[string]int{store.Inbox: clientMails - 5 - 15, "Archive": 15, "Trash": 5}[name]; len(want) != n {
			t.Errorf("%d mails in %s, want %d", len(want), name, n)
		}
	}
	inbox, _ := stored(t, st, store.Inbox)
	for id, want := range map[string]string{"65": `\Seen`, "75": `\Flagged`, "85": "$label1", "25": `\Flagged`, "35": `\Answered \Seen`} {
		if got := inbox[id+"@shop.example"]; got != want {
			t.Errorf("mail %s has %q, want %q", id, got, want)
		}
	}
	if _, err := st.Mailbox(context.Background(), store.AccountRef{Sandbox: store.DefaultSandbox, Key: user}, "Übersicht"); err != nil {
		t.Error(err)
	}
}
