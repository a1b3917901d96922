package imapd

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/catchpost/catchpost/store"
	"github.com/catchpost/catchpost/store/storetest"
)

// A session that lost track of what changed is told of everything there is.
func TestMetadataLagged(t *testing.T) {
	st := openStore(t)
	p := login(t, serve(t, st, Options{}))
	p.ok("ENABLE METADATA")
	p.ok(`SETMETADATA Sent (/private/comment "x")`)
	acc := store.AccountRef{Sandbox: store.DefaultSandbox, Key: user}
	for i := range 5000 { // more than wait for a slow reader
		if _, err := st.SetMetadata(context.Background(), acc, 0, []store.Annotation{{Name: "/private/n", Value: fmt.Append(nil, i)}}); err != nil {
			t.Fatal(err)
		}
	}
	lines := strings.Join(p.ok("NOOP"), "\n")
	for _, want := range []string{`* METADATA "" /private/n` + "\n", `* METADATA "Sent" /private/comment /private/specialuse` + "\n"} {
		if !strings.Contains(lines, want) {
			t.Errorf("%q lacks %q", lines, want)
		}
	}
}

// Annotations outlive a restart of the server.
func TestMetadataRestart(t *testing.T) {
	path := filepath.Join(t.TempDir(), "mail.db")
	for i, command := range []string{`SETMETADATA INBOX (/private/comment "x")`, "GETMETADATA INBOX /private/comment"} {
		t.Run(command, func(t *testing.T) {
			st := storetest.Open(t, store.Options{Path: path})
			lines := login(t, serve(t, st, Options{})).ok("%s", command)
			if i == 1 && lines[0] != `* METADATA INBOX (/private/comment "x")` {
				t.Error(lines)
			}
		})
	}
}

// Sessions that annotate the same mailbox in IDLE and out of it hear of each other;
// the race detector watches.
func TestMetadataTogether(t *testing.T) {
	addr := serve(t, openStore(t), Options{})
	idle := login(t, addr)
	idle.ok("ENABLE METADATA")
	idle.send("i IDLE\r\n")
	if l, err := idle.line(); !strings.HasPrefix(l, "+") {
		t.Fatal(l, err)
	}
	var wg sync.WaitGroup
	for c := range 4 {
		p := login(t, addr)
		p.ok("ENABLE METADATA")
		wg.Go(func() {
			for i := range 25 {
				p.do(`SETMETADATA INBOX (/private/%d "%d")`, c, i)
			}
		})
	}
	told := map[string]int{}
	for range 100 {
		l, err := idle.line()
		if err != nil {
			t.Fatal(err, told)
		}
		told[l]++
	}
	wg.Wait()
	for c := range 4 {
		if n := told[fmt.Sprintf("* METADATA INBOX /private/%d", c)]; n != 25 {
			t.Errorf("%v", told)
		}
	}
}
