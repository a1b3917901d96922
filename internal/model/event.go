package model

// MessageEvent is the data of message.deleted.
type MessageEvent struct {
	ID       string `json:"id"`
	Sandbox  string `json:"sandbox"`
	Sequence uint64 `json:"sequence"`
}

// SandboxEvent is the data of sandbox.created, sandbox.updated and sandbox.deleted
// in a stream of sandboxes' events; Sandbox is the Name again, as every event has it.
type SandboxEvent struct {
	Name    string `json:"name"`
	Sandbox string `json:"sandbox"`
}

// MailboxEvent is the data of mailbox.changed: Kind is entry_added,
// entry_changed, entry_expunged, created, renamed, deleted, updated or account.
type MailboxEvent struct {
	Sandbox   string   `json:"sandbox"`
	Kind      string   `json:"kind"`
	Mailboxes []uint64 `json:"mailboxes"`
}
