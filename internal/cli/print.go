package cli

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/catchpost/catchpost/internal/model"
)

// printable takes control characters out of mail content, so that no mail can
// steer the terminal; line breaks stay where lines says so.
func printable(s string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r == '\t' && lines:
			return r
		case r == '\r' && lines:
			return -1
		case r < ' ', r >= 0x7f && r < 0xa0, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
			return '\uFFFD'
		}
		return r
	}, s)
}

func addresses(list []model.Address) string {
	out := make([]string, len(list))
	for i, a := range list {
		if out[i] = a.Address; a.Name != "" {
			out[i] = a.Name + " <" + a.Address + ">"
		}
	}
	return printable(strings.Join(out, ", "), false)
}

// printSummary writes a message's summary in a few lines.
func printSummary(w io.Writer, m *model.Summary) {
	fmt.Fprintf(w, "%s  %s\n", m.ID, printable(m.Subject, false))
	fmt.Fprintf(w, "  from     %s\n", addresses(m.From))
	fmt.Fprintf(w, "  to       %s\n", printable(strings.Join(m.ForwardPaths, ", "), false))
	fmt.Fprintf(w, "  received %s, %d octets", m.ReceivedAt.Format(time.RFC3339), m.Size)
	if m.AttachmentCount > 0 {
		fmt.Fprintf(w, ", attachments: %d", m.AttachmentCount)
	}
	fmt.Fprintln(w)
	if m.Snippet != "" {
		fmt.Fprintf(w, "  %s\n", printable(m.Snippet, false))
	}
	if m.PageURL != "" {
		fmt.Fprintf(w, "  %s\n", m.PageURL)
	}
}

// printMessage writes a message as a person reads it.
func printMessage(w io.Writer, m *model.Message) {
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(w, "%-12s %s\n", name+":", value)
		}
	}
	row("Subject", printable(m.Subject, false))
	row("From", addresses(m.From))
	row("To", addresses(m.To))
	row("Cc", addresses(m.Cc))
	row("Bcc", addresses(m.Bcc))
	row("Reply-To", addresses(m.ReplyTo))
	if m.Date != nil {
		row("Date", m.Date.Format(time.RFC3339))
	}
	row("Envelope", "<"+printable(m.ReversePath, false)+"> to <"+printable(strings.Join(m.ForwardPaths, ">, <"), false)+">")
	row("Received", m.ReceivedAt.Format(time.RFC3339)+", sandbox "+m.Sandbox+", "+m.ID)
	for _, a := range m.Attachments {
		row("Attachment", fmt.Sprintf("%s (%s, %d octets, part %s)", printable(a.Name, false), a.Type, a.Size, a.Path))
	}
	for _, x := range m.Warnings {
		row("Warning", x.Code+": "+printable(x.Detail, false))
	}
	row("Page", m.PageURL)
	fmt.Fprintln(w)
	switch {
	case m.Text != nil:
		fmt.Fprintln(w, strings.TrimRight(printable(*m.Text, true), "\n"))
	case m.HTML != nil:
		fmt.Fprintln(w, "(no text part; --html prints the HTML)")
	default:
		fmt.Fprintln(w, "(no body)")
	}
}
