package program

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/alecthomas/kong"
)

//go:generate go run ../../cmd/catchpost reference --write ../../README.md

const (
	referenceBegin = "<!-- options: made by go generate ./internal/program -->\n"
	referenceEnd   = "<!-- end of options -->\n"
)

// referenceCommand writes README's option reference.
type referenceCommand struct {
	Write string `placeholder:"FILE" help:"Replace the reference in this file instead of printing it."`
}

// Run prints the reference or writes it between its marks.
func (c referenceCommand) Run(s streams) error {
	text, err := reference()
	if err != nil {
		return err
	}
	if c.Write == "" {
		_, err := io.WriteString(s.out, text)
		return err
	}
	file, err := os.ReadFile(c.Write)
	if err != nil {
		return err
	}
	before, rest, ok := bytes.Cut(file, []byte(referenceBegin))
	_, after, ok2 := bytes.Cut(rest, []byte(referenceEnd))
	if !ok || !ok2 {
		return errors.New(c.Write + " has no marks for the option reference")
	}
	return os.WriteFile(c.Write, []byte(string(before)+referenceBegin+text+referenceEnd+string(after)), 0o644)
}

// reference is the options of serve as Markdown tables, one for each group,
// and the commands with their help.
func reference() (string, error) {
	var c commandLine
	parser, err := newParser(&c, io.Discard, io.Discard, func(int) {})
	if err != nil {
		return "", err
	}
	var b strings.Builder
	b.WriteString("\n| command | what it does |\n| --- | --- |\n")
	var serve *kong.Node
	for _, n := range parser.Model.Children {
		if n.Hidden {
			continue
		}
		if n.Name == "serve" {
			serve = n
		}
		fmt.Fprintf(&b, "| `%s` | %s |\n", n.Name, n.Help)
	}
	group := ""
	for _, f := range serve.Flags {
		if f.Group == nil || f.Hidden {
			continue
		}
		if f.Group.Title != group {
			group = f.Group.Title
			fmt.Fprintf(&b, "\n**%s**\n\n| option | environment | meaning | default |\n| --- | --- | --- | --- |\n", group)
		}
		name := "--" + f.Name
		if !f.IsBool() {
			name += " " + placeholder(f)
		}
		fmt.Fprintf(&b, "| `%s` | `%s` | %s | %s |\n", name, strings.Join(f.Envs, "`, `"), strings.ReplaceAll(f.Help, "|", `\|`), defaultOf(f))
	}
	b.WriteString("\n")
	return b.String(), nil
}

func placeholder(f *kong.Flag) string {
	switch {
	case f.Enum != "":
		return strings.Trim(strings.ReplaceAll(f.Enum, ",", "/"), "/")
	case f.PlaceHolder != "":
		return f.PlaceHolder
	case f.Default != "":
		return f.Default
	}
	return strings.ToUpper(f.Name)
}

func defaultOf(f *kong.Flag) string {
	if f.Default == "" || f.IsBool() {
		return ""
	}
	return "`" + f.Default + "`"
}
