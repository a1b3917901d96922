// Command mailpit makes the everyday calls of Mailpit's API with the client that
// go-swagger generates from Mailpit's own document. Argument: HOST:PORT.
package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/go-openapi/runtime"
	httptransport "github.com/go-openapi/runtime/client"
	"github.com/go-openapi/strfmt"

	"goclients/client"
	"goclients/client/application"
	"goclients/client/message"
	"goclients/client/messages"
	"goclients/client/other"
	"goclients/client/tags"
	"goclients/client/testing"
	"goclients/models"
)

// must ends the program where a call failed.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func check(ok bool, format string, args ...any) {
	if !ok {
		panic(fmt.Sprintf(format, args...))
	}
}

func ptr[T any](v T) *T { return &v }

func main() {
	transport := httptransport.New(os.Args[1], "/", []string{"http"})
	transport.Consumers["image/jpeg"] = runtime.TextConsumer() // the document says string
	m := client.New(transport, strfmt.Default)
	id := send(m, "anna@x.test", "Welcome, Anna")
	send(m, "bob@x.test", "Other news")
	lists(m, id)
	look(m, id)
	state(m, id)
	tagged(m, id)
	checks(m, id)
	chaos(m)
	deletions(m, id)
}

func send(m *client.Mailpit, to, subject string) string {
	got := must(m.Message.SendMessageParams(message.NewSendMessageParamsParams().WithBody(message.SendMessageParamsBody{
		From:    &message.SendMessageParamsParamsBodyFrom{Email: ptr("shop@x.test"), Name: "Shop"},
		To:      []*message.SendMessageParamsParamsBodyToItems0{{Email: ptr(to), Name: "Anna"}},
		Subject: subject, Text: "hello", HTML: `<p style="display:grid">Hello <img src="cid:logo"></p>`, Tags: []string{"sent"},
		Attachments: []*message.SendMessageParamsParamsBodyAttachmentsItems0{
			{Filename: ptr("a.txt"), Content: ptr(base64.StdEncoding.EncodeToString([]byte("hi")))},
			{Filename: ptr("logo.gif"), Content: ptr("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7"), ContentID: "logo", ContentType: "image/gif"},
		},
		Headers: map[string]string{"X-Order": "17"},
	})))
	check(len(got.Payload.ID) == 22, "ID %q", got.Payload.ID)
	return got.Payload.ID
}

func lists(m *client.Mailpit, id string) {
	all := must(m.Messages.GetMessagesParams(messages.NewGetMessagesParamsParams())).Payload
	check(all.Total == 2 && all.MessagesCount == 2 && all.Unread == 2 && len(all.Messages) == 2, "list: %+v", all)
	page := must(m.Messages.GetMessagesParams(messages.NewGetMessagesParamsParams().WithStart(ptr(int64(1))).WithLimit(ptr(int64(1))))).Payload
	check(page.Start == 1 && len(page.Messages) == 1 && page.Messages[0].ID == id, "page: %+v", page)
	for _, query := range []string{"to:anna@x.test", "subject:welcome", `"welcome, anna"`, "from:shop to:anna@x.test is:unread", "tag:sent -to:bob", "has:attachment after:2020-01-01 !subject:other"} {
		found := must(m.Messages.SearchParams(messages.NewSearchParamsParams().WithQuery(query))).Payload
		check(found.MessagesCount == 1 && found.Messages[0].ID == id && found.Total == 2, "search %s: %+v", query, found)
	}
	row := page.Messages[0]
	check(row.From.Address == "shop@x.test" && row.From.Name == "Shop" && row.To[0].Address == "anna@x.test" && row.Attachments == 1 &&
		slices.Equal(row.Tags, []string{"sent"}) && row.Size > 0 && !row.Read && strings.EqualFold(row.Snippet, "hello"), "row: %+v", row)
}

func look(m *client.Mailpit, id string) {
	got := must(m.Message.GetMessageParams(message.NewGetMessageParamsParams().WithID(id))).Payload
	check(got.Subject == "Welcome, Anna" && got.Text == "hello" && strings.HasPrefix(got.HTML, `<p style="display:grid">`), "message: %+v", got)
	check(len(got.Attachments) == 1 && got.Attachments[0].FileName == "a.txt" && len(got.Inline) == 1 && got.Inline[0].ContentID == "logo", "files: %+v", got)
	check(must(m.Message.GetMessageParams(message.NewGetMessageParamsParams().WithID("latest"))).Payload.Subject == "Other news", "latest")
	headers := must(m.Message.GetHeadersParams(message.NewGetHeadersParamsParams().WithID(id))).Payload
	check(slices.Equal(headers["X-Order"], []string{"17"}), "headers: %v", headers)
	raw := must(m.Message.DownloadRawParams(message.NewDownloadRawParamsParams().WithID(id))).Payload
	check(strings.Contains(raw, "X-Order: 17\r\n"), "raw: %s", raw)
	part := must(m.Message.AttachmentParams(message.NewAttachmentParamsParams().WithID(id).WithPartID(got.Attachments[0].PartID))).Payload
	check(part == "hi", "part: %q", part)
	thumb := must(m.Message.ThumbnailParams(message.NewThumbnailParamsParams().WithID(id).WithPartID(got.Inline[0].PartID))).Payload
	check(strings.HasPrefix(thumb, "\xff\xd8"), "thumb: %q", thumb)
	check(must(m.Testing.GetMessageHTMLParams(testing.NewGetMessageHTMLParamsParams().WithID(id))).Payload != "", "view HTML")
	check(must(m.Testing.GetMessageTextParams(testing.NewGetMessageTextParamsParams().WithID(id))).Payload == "hello", "view text")
	_, err := m.Message.GetMessageParams(message.NewGetMessageParamsParams().WithID("nothing"))
	check(err != nil && strings.Contains(err.Error(), "404"), "unknown: %v", err)
	info := must(m.Application.AppInformation(application.NewAppInformationParams())).Payload
	check(info.Messages == 2 && info.Unread == 0, "info: %+v", info)
	must(m.Application.WebUIConfigurationResponse(application.NewWebUIConfigurationResponseParams()))
}

func state(m *client.Mailpit, id string) {
	set := func(body messages.SetReadStatusParamsBody) {
		must(m.Messages.SetReadStatusParams(messages.NewSetReadStatusParamsParams().WithBody(body)))
	}
	unread := func(want uint64) {
		got := must(m.Messages.GetMessagesParams(messages.NewGetMessagesParamsParams())).Payload.Unread
		check(uint64(got) == want, "%d unread, want %d", got, want)
	}
	set(messages.SetReadStatusParamsBody{IDs: []string{id}, Read: ptr(false)})
	unread(1)
	set(messages.SetReadStatusParamsBody{Search: "to:bob", Read: ptr(false)})
	unread(2)
	set(messages.SetReadStatusParamsBody{Read: ptr(true)})
	unread(0)
}

func tagged(m *client.Mailpit, id string) {
	must(m.Tags.SetTagsParams(tags.NewSetTagsParamsParams().WithBody(tags.SetTagsParamsBody{IDs: []string{id}, Tags: []string{"two words", "b"}})))
	must(m.Tags.RenameTagParams(tags.NewRenameTagParamsParams().WithTag("two words").WithBody(tags.RenameTagParamsBody{Name: ptr("three")})))
	must(m.Tags.DeleteTagParams(tags.NewDeleteTagParamsParams().WithTag("b")))
	all := must(m.Tags.GetAllTags(tags.NewGetAllTagsParams())).Payload
	check(slices.Equal(all, []string{"sent", "three"}), "tags: %q", all)
}

func checks(m *client.Mailpit, id string) {
	// The document calls the answers of both checks by one name, and the generator
	// takes now the one, now the other: that they are taken must do.
	must(m.Other.HTMLCheckParams(other.NewHTMLCheckParamsParams().WithID(id)))
	must(m.Other.LinkCheckParams(other.NewLinkCheckParamsParams().WithID(id)))
	_, err := m.Other.SpamAssassinCheckParams(other.NewSpamAssassinCheckParamsParams().WithID(id))
	check(err != nil && strings.Contains(err.Error(), "404"), "sa-check: %v", err)
	_, err = m.Message.ReleaseMessageParams(message.NewReleaseMessageParamsParams().WithID(id).WithBody(message.ReleaseMessageParamsBody{To: []string{"a@b.test"}}))
	check(err != nil, "release without a relay")
}

func chaos(m *client.Mailpit) {
	now := must(m.Testing.GetChaos(testing.NewGetChaosParams())).Payload
	check(*now.Sender.ErrorCode == 451 && *now.Sender.Probability == 0, "chaos: %+v", now)
	now = must(m.Testing.SetChaosParams(testing.NewSetChaosParamsParams().WithBody(&models.Triggers{Sender: &models.Trigger{ErrorCode: ptr(int64(450)), Probability: ptr(int64(0))}}))).Payload
	check(*now.Authentication.ErrorCode == 535, "chaos: %+v", now)
}

func deletions(m *client.Mailpit, id string) {
	must(m.Messages.DeleteSearchParams(messages.NewDeleteSearchParamsParams().WithQuery("to:bob")))
	left := must(m.Messages.GetMessagesParams(messages.NewGetMessagesParamsParams())).Payload
	check(left.Total == 1 && left.Messages[0].ID == id, "left: %+v", left)
	must(m.Messages.DeleteMessagesParams(messages.NewDeleteMessagesParamsParams().WithBody(messages.DeleteMessagesParamsBody{IDs: []string{id}})))
	check(must(m.Messages.GetMessagesParams(messages.NewGetMessagesParamsParams())).Payload.Total == 0, "not empty")
	must(m.Messages.DeleteMessagesParams(messages.NewDeleteMessagesParamsParams()))
}
