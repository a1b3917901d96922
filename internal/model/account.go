package model

import "time"

// Account is one address's maildrop. The catch-all's Account is the sandbox's
// name and its Address "".
type Account struct {
	Account     string     `json:"account"`
	Address     string     `json:"address"`
	CatchAll    bool       `json:"catch_all"`
	CreatedAt   *time.Time `json:"created_at"`
	HasPassword bool       `json:"has_password"`
	Messages    int        `json:"messages"`
	Unseen      int        `json:"unseen"`
	Bytes       int64      `json:"bytes"`
}

// Accounts answers GET /accounts.
type Accounts struct {
	Accounts []Account `json:"accounts"`
}

// NewAccount is the body of POST /accounts.
type NewAccount struct {
	Address  string `json:"address"`
	Password string `json:"password,omitempty"`
}

// Mailbox is an IMAP mailbox of an account.
type Mailbox struct {
	ID            uint64 `json:"id"`
	Name          string `json:"name"`
	SpecialUse    string `json:"special_use"`
	Subscribed    bool   `json:"subscribed"`
	UIDValidity   uint32 `json:"uid_validity"`
	UIDNext       uint32 `json:"uid_next"`
	HighestModSeq uint64 `json:"highest_modseq"`
	Messages      int    `json:"messages"`
	Unseen        int    `json:"unseen"`
	Bytes         int64  `json:"bytes"`
}

// Mailboxes answers GET /accounts/{account}/mailboxes.
type Mailboxes struct {
	Mailboxes []Mailbox `json:"mailboxes"`
}

// NewMailbox is the body of POST /accounts/{account}/mailboxes.
type NewMailbox struct {
	Name       string `json:"name"`
	SpecialUse string `json:"special_use,omitempty"`
}

// MailboxChange is the body of PATCH …/mailboxes/{mailbox}; absent keys stay.
type MailboxChange struct {
	Name       *string `json:"name,omitempty"`
	Subscribed *bool   `json:"subscribed,omitempty"`
}

// Entry is a message in a mailbox.
type Entry struct {
	UID     uint32   `json:"uid"`
	Flags   []string `json:"flags"`
	ModSeq  uint64   `json:"modseq"`
	Date    string   `json:"date"` // INTERNALDATE, RFC 3339
	Message Summary  `json:"message"`
}

// Entries is a page of a mailbox, by UID.
type Entries struct {
	Mailbox    Mailbox `json:"mailbox"`
	Entries    []Entry `json:"entries"`
	NextCursor *string `json:"next_cursor"`
}

// FlagsChange is the body of PATCH …/messages: flags to add and to remove, or
// the whole set.
type FlagsChange struct {
	UIDs   []uint32  `json:"uids"`
	Add    []string  `json:"add,omitzero"`
	Remove []string  `json:"remove,omitzero"`
	Set    *[]string `json:"set,omitempty"`
}

// EntryFlags is what became of one entry's flags.
type EntryFlags struct {
	UID    uint32   `json:"uid"`
	Flags  []string `json:"flags"`
	ModSeq uint64   `json:"modseq"`
}

// FlagsChanged answers a FlagsChange.
type FlagsChanged struct {
	Entries []EntryFlags `json:"entries"`
}

// TransferRequest is the body of …/move and …/copy.
type TransferRequest struct {
	UIDs []uint32 `json:"uids"`
	To   string   `json:"to"`
}

// Transferred says under which UIDs the messages are now; From is empty for an APPEND.
type Transferred struct {
	Mailbox     string   `json:"mailbox"`
	UIDValidity uint32   `json:"uid_validity"`
	From        []uint32 `json:"from"`
	To          []uint32 `json:"to"`
}

// Expunged names the entries that were removed.
type Expunged struct {
	UIDs []uint32 `json:"uids"`
}

// Alias is a name with members.
type Alias struct {
	Address string   `json:"address"`
	Members []string `json:"members"`
}

// Aliases answers GET /aliases.
type Aliases struct {
	Aliases []Alias `json:"aliases"`
}

// AliasMembers is the body of PUT /aliases/{address}.
type AliasMembers struct {
	Members []string `json:"members"`
}

// Contact is an entry of an account's address book.
type Contact struct {
	ID        string    `json:"id"`
	Name      string    `json:"name"`
	Addresses []string  `json:"addresses"`
	Note      string    `json:"note"`
	UpdatedAt time.Time `json:"updated_at"`
}

// Contacts answers GET /contacts.
type Contacts struct {
	Contacts []Contact `json:"contacts"`
}

// ContactBody is the body of POST and PUT /contacts.
type ContactBody struct {
	Name      string   `json:"name"`
	Addresses []string `json:"addresses"`
	Note      string   `json:"note,omitempty"`
}
