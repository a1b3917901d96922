package compat

import "strings"

// Mailpit's IDs have 22 characters of [0-9A-Za-z]: ours are these with an ending
// that never changes, so that they turn back without a table.
const idEnding = "catchpost0"

func mailpitID(id string) string { return id + idEnding }

// ownID turns a Mailpit ID back; our own is taken too, as SMTP answers it.
func ownID(id string) string { return strings.TrimSuffix(id, idEnding) }

// MailHog's IDs have the form of a Message-ID.
const hogEnding = "@mailhog.example"

func hogID(id string) string { return id + hogEnding }

func ownHogID(id string) string { return strings.TrimSuffix(id, hogEnding) }
