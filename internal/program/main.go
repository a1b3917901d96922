package program

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/catchpost/catchpost/internal/cli"
)

// Version is set by the linker in releases.
var Version = "dev"

// commandLine is every command of catchpost.
type commandLine struct {
	Config kong.ConfigFlag `type:"path" placeholder:"FILE" help:"YAML file with options, keys as the flags' names."`

	Serve     serveCommand     `cmd:"" default:"withargs" help:"Run the servers (the default command)."`
	Run       cli.Run          `cmd:"" help:"Run a command against an instance of its own, then judge its mail."`
	Send      cli.Send         `cmd:"" help:"Send a message by SMTP."`
	Wait      cli.Wait         `cmd:"" help:"Wait for a message."`
	Get       cli.Get          `cmd:"" help:"Print a message or a part of it."`
	Assert    cli.Assert       `cmd:"" help:"Assert what was sent."`
	Import    cli.Import       `cmd:"" help:"Put eml, mbox or Maildir into a sandbox."`
	Export    cli.Export       `cmd:"" help:"Write messages as eml, mbox or Maildir."`
	Sendmail  cli.Sendmail     `cmd:"" passthrough:"" help:"Stand in for /usr/sbin/sendmail."`
	Queue     cli.Queue        `cmd:"" help:"Show and change what is on its way to real servers."`
	Ready     cli.Ready        `cmd:"" help:"Wait until an instance is ready."`
	Check     checkCommand     `cmd:"" help:"Verify a data file."`
	Compact   compactCommand   `cmd:"" help:"Give a data file's free space back."`
	Version   versionCommand   `cmd:"" help:"Print the version."`
	Reference referenceCommand `cmd:"" hidden:"" help:"Print the option reference of README."`
}

// streams are where a command reads and writes.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

// Main runs one command line and returns the exit status: 0 done, 1 failed,
// 2 wrong usage, 3 unreachable, or what the command itself says. ctx's end asks
// a server to shut down in good order.
func Main(ctx context.Context, args []string, in io.Reader, out, errw io.Writer) int {
	if strings.TrimSuffix(filepath.Base(args[0]), ".exe") == "sendmail" {
		args = append([]string{args[0], "sendmail"}, args[1:]...)
	}
	var c commandLine
	c.Run.Start = startForRun
	exited, status := false, 0
	parser, err := newParser(&c, out, errw, func(code int) { exited, status = true, code })
	if err != nil {
		return fail(errw, err, 2)
	}
	k, err := parser.Parse(filtersLast(parser.Model, args[1:]))
	if exited { // --help
		return status
	}
	if err != nil {
		return fail(errw, err, 2)
	}
	k.BindTo(ctx, (*context.Context)(nil))
	k.Bind(streams{in, out, errw})
	k.Bind(cli.Streams{In: in, Out: out, Err: errw})
	err = k.Run()
	if exit := (*cli.ExitError)(nil); errors.As(err, &exit) {
		if exit.Err == nil {
			return exit.Code
		}
		return fail(errw, exit.Err, exit.Code)
	}
	if err != nil {
		return fail(errw, err, 1)
	}
	return 0
}

func newParser(c *commandLine, out, errw io.Writer, exit func(int)) (*kong.Kong, error) {
	return kong.New(c,
		kong.Name("catchpost"),
		kong.Description("A mail testing sandbox: SMTP, POP3 and IMAP servers that capture everything, an API to wait for, search and assert on it, and a page to look at it."),
		kong.Writers(out, errw),
		kong.Exit(exit),
		kong.PostBuild(environment),
		kong.Configuration(yamlOptions),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
}

// filterWord is a condition in the filter grammar: field, operator, "=".
var filterWord = regexp.MustCompile(`^(not\.)?[a-z_]+(\.[A-Za-z0-9_-]+)*=`)

// filtersLast lets flags and filter words come in any order, which kong does
// not: a positional list ends at the first flag. A flag's value stays with it.
func filtersLast(app *kong.Application, args []string) []string {
	if len(args) == 0 || !slices.Contains([]string{"get", "wait", "assert", "export"}, args[0]) {
		return args
	}
	values := valueFlags(app, args[0])
	var rest, filters []string
	for i, a := range args {
		if filterWord.MatchString(a) && !values[args[i-1]] {
			filters = append(filters, a)
		} else {
			rest = append(rest, a)
		}
	}
	if i := slices.Index(rest, "latest"); i > 0 && len(filters) > 0 { // it goes with its conditions
		rest = slices.Delete(rest, i, i+1)
		filters = append([]string{"latest"}, filters...)
	}
	return append(rest, filters...)
}

// valueFlags are a command's flags that the next word belongs to.
func valueFlags(app *kong.Application, command string) map[string]bool {
	out := map[string]bool{"--config": true}
	for _, n := range app.Children {
		for _, f := range n.Flags {
			if n.Name != command || f.IsBool() {
				continue
			}
			out["--"+f.Name] = true
			if f.Short != 0 {
				out["-"+string(f.Short)] = true
			}
		}
	}
	return out
}

// environment gives every flag its variable: --tls-cert is CATCHPOST_TLS_CERT.
func environment(k *kong.Kong) error {
	return kong.Visit(k.Model, func(node kong.Visitable, next kong.Next) error {
		flag, ok := node.(*kong.Flag)
		switch {
		case !ok, flag.Name == "help":
		case len(flag.Envs) == 0:
			flag.Envs = []string{"CATCHPOST_" + strings.ToUpper(strings.ReplaceAll(flag.Name, "-", "_"))}
		case flag.Envs[0] == "-": // tagged to have none
			flag.Envs = nil
		}
		if ok {
			flag.Value.Tag.Envs = flag.Envs
		}
		return next(nil)
	})
}

// plainParser reads a command line without the environment.
func plainParser(v any) (*kong.Kong, error) { return kong.New(v, kong.Name("catchpost")) }

func fail(w io.Writer, err error, code int) int {
	_, _ = fmt.Fprintln(w, "catchpost:", err)
	return code
}

// versionCommand prints the version.
type versionCommand struct{}

// Run prints it.
func (versionCommand) Run(s streams) error {
	_, err := fmt.Fprintln(s.out, "catchpost", Version)
	return err
}

// dataFile is the path of the data file that an option names, or the default
// one in the user's data folder (XDG_DATA_HOME).
func dataFile(option string) (string, error) {
	if option != "" {
		return option, nil
	}
	dir := os.Getenv("XDG_DATA_HOME")
	if dir == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return "", fmt.Errorf("no folder for the data file: %w; say --data FILE", err)
		}
		dir = filepath.Join(home, ".local", "share")
	}
	return filepath.Join(dir, "catchpost", "catchpost.db"), nil
}
