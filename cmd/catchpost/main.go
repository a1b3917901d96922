// Command catchpost is a mail testing sandbox: it captures the mail that
// applications send and lets tests and people prove what was sent.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"github.com/catchpost/catchpost/internal/program"
)

func main() {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals // the first ends what runs in good order
		cancel()
		<-signals // the second ends it at once
		os.Exit(130)
	}()
	os.Exit(program.Main(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr))
}
