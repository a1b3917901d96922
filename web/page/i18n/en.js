// English. {name} is filled in; an object holds plural forms by {n}.
export default {
  "nav": "Mailboxes and views", "menu": "Menu", "skip": "Skip to content", "close": "Close", "cancel": "Cancel", "save": "Save", "create": "Create",
  "retry": "Try again", "copy": "Copy", "copied": "Copied", "copy.what": "Copy {what}", "copy.link": "Copy link", "copy.id": "Copy ID", "loading": "Loading",
  "more": "More actions", "more.n": "{n} more", "next": "Next", "previous": "Previous", "back": "Back to the list", "yes": "yes", "none": "none",
  "narrow": "Type to narrow", "picker.more": "{n} more: type to narrow", "picker.none": "Nothing matches", "docs": "API docs", "sign_out": "Sign out", "edit": "Edit", "remove": "Remove", "add": "Add",
  "error.offline": "Catchpost does not answer", "error.offline.what": "It may have stopped, or the network is down. The page tries again by itself; what you wrote is kept.", "error.title": "That did not work",
  "live.live": "Live: new mail appears by itself", "live.connecting": "Connecting…", "live.off": "Not connected",

  "sandbox": "Sandbox", "sandboxes.manage": "All sandboxes…", "account": "Account", "catch_all": "Everyone", "catch_all.what": "All mail of this sandbox", "account.open": "Open {address}",
  "everything": "All mail", "count.title": "{n} messages, {unseen} unread",
  "box.inbox": "Inbox", "box.sent": "Sent", "box.drafts": "Drafts", "box.junk": "Junk", "box.trash": "Trash", "box.archive": "Archive", "box.all": "All", "box.flag": "Flagged",
  "box.empty": "Nothing here", "box.empty.what": "Messages that arrive in, or are moved to, this mailbox appear here by themselves.",
  "view.mail": "Mail", "view.compose": "Write", "view.contacts": "Contacts", "view.sessions": "Sessions", "view.queue": "Queue", "view.webhooks": "Webhooks",
  "view.sandboxes": "Sandboxes", "view.limits": "Limits", "view.settings": "Settings", "view.options": "List options",

  "time.now": "now", "time.minutes": "{n} min", "time.over": "over", "time.dh": "{d} d {h} h", "time.hm": "{h} h {m} min", "time.m": "{m} min", "time.s": "{s} s",
  "list": "Messages", "message": "Message", "messages": { one: "{n} message", other: "{n} messages" }, "found": { one: "{n} found", other: "{n} found" }, "found.least": { other: "{n} or more found" },
  "no_subject": "(no subject)", "nobody": "(nobody)", "unread": "Unread", "answered": "Answered", "from": "From", "to": "To", "cc": "Cc", "bcc": "Bcc", "reply_to": "Reply to",
  "density.cosy": "Comfortable rows", "density.compact": "Compact rows", "refresh": "Look again",
  "pruned": { one: "{n} pruned", other: "{n} pruned" }, "pruned.what": "Messages this sandbox has lost to its limits",
  "search": "Search, or from:anna size.gt:1MB", "search.clear": "Clear the search", "search.help": "How to search", "suggestions": "Suggestions",
  "search.nothing": "Nothing matches", "search.nothing.what": "Fewer words may find more. Fields look like subject:welcome or from.contains:shop.",
  "select.one": "Select {subject}", "select.none": "Select nothing", "selected": "{n} selected", "selection": "Selection",
  "mark.seen": "Mark as read", "mark.unseen": "Mark as unread", "flag": "Flag", "tag": "Tag", "tags": "Tags", "tags.hint": "Parted by commas; they replace those that are there", "tagged": "Tagged",
  "tag.title": { one: "Tag the message", other: "Tag {n} messages" }, "move": "Move", "move.title": { one: "Move the message to", other: "Move {n} messages to" }, "move.copy": "Leave a copy here", "move.gone": "The inbox does not hold these any more",
  "moved.to": "Moved to {box}", "copied.to": "Copied to {box}", "mailbox.new": "New mailbox", "mailbox.new.hint": "With / between levels", "mailbox.delete": "Delete this mailbox", "mailbox.delete.title": "Delete the mailbox “{name}”?", "export": "Export", "exported": { one: "Exported", other: "{n} exported" },
  "delete": "Delete", "deleted": { one: "Deleted", other: "{n} deleted" }, "delete.title": { one: "Delete the message?", other: "Delete {n} messages?" },
  "delete.evidence": "They go for good, from every account and mailbox.", "delete.entries": "They go from this mailbox; the captured evidence stays under All mail.",
  "delete.all": "Delete all mail", "delete.all.what": "Every message of “{sandbox}” goes for good.", "delete.all.done": "All mail deleted",
  "message.none": "No message chosen", "message.none.what": "Choose one from the list, or walk through it with", "place": "{at} of {count}",
  "welcome": "Waiting for mail", "welcome.what": "Point your application’s SMTP here. Whatever it sends is caught and appears at once; nothing leaves.", "welcome.compose": "Or write a message", "user": "User", "address": "Address",

  "reply": "Reply", "reply_all": "Reply all", "forward": "Forward", "download": "Download", "download.eml": "Download .eml", "download.what": "Download {what}", "download.part": "Download part {path}", "contact.add": "Add sender to contacts",
  "tabs": "Ways to look at it", "tab.html": "HTML", "tab.text": "Text", "tab.finds": "Links & codes", "tab.headers": "Headers", "tab.structure": "Structure", "tab.source": "Source", "tab.envelope": "Envelope",
  "tab.transcript": "Transcript", "tab.warnings": "Warnings", "tab.assert": "Assert",
  "preview": "The message as HTML", "width": "Width", "width.phone": "Phone", "width.tablet": "Tablet", "width.desktop": "Desktop", "preview.dark": "Preview as in the dark", "preview.light": "Preview as in the light", "preview.window": "Open in a window of its own",
  "remote.blocked": "Remote content is blocked.", "remote.shown": "Remote content is shown.", "remote.allow": "Show it", "remote.block": "Block it",
  "text.none": "No text", "text.none.what": "The message has neither a text nor an HTML part.", "text.html_only": "No text part", "text.html_only.what": "This message is HTML alone. Clients without HTML show nothing, and some filters mark it down.", "text.mono": "Fixed width",
  "cut": "It goes on: download the source for all of it.", "source.large": "Too large to show", "source.large.what": "Download it and open it with an editor.",
  "headers.raw": "As sent", "attachments": "Attachments", "attachments.n": { one: "{n} attachment", other: "{n} attachments" }, "attachment.unnamed": "Unnamed {type}", "attachment.large": "Too large to show here; download it.", "show": "Show", "inline": "inline",
  "calendar.what": "What", "calendar.when": "When", "calendar.where": "Where", "calendar.who": "Who", "calendar.rule": "Repeats", "calendar.text": "Details",
  "finds.none": "No links, no codes", "finds.none.what": "Links and one-time codes that stand in the text or the HTML appear here.", "codes": "Codes", "links": "Links", "score": "score {n}",
  "link.verify": "verify", "link.sign_in": "sign in", "link.reset": "reset", "link.other": "link", "link.unsubscribe": "unsubscribe", "link.tracking": "tracking", "link.image": "image",
  "envelope.paths": "What MAIL and RCPT said", "envelope.session": "How it came", "envelope.store": "How it is kept", "reverse_path": "Reverse-path", "forward_paths": "Forward-paths", "null_path": "null: no bounce wanted", "bcc.what": "Stands in no To or Cc header",
  "received": "Received", "protocol": "Protocol", "client": "Client", "auth": "Login", "auth.unverified": "not verified", "declared_size": "Declared size", "session": "Session", "sequence": "Sequence", "origin": "Origin", "size": "Size",
  "warnings.what": "What the sender’s octets get wrong. Catchpost keeps them as they came.", "offset": "at octet {n}",
  "transcript.client": "Client", "transcript.server": "Server", "transcript.remark": "Remark", "transcript.cut": "The transcript was cut; its beginning and end are kept.", "injected": "injected fault",
  "outcome.open": "open", "outcome.delivered": "delivered", "outcome.empty": "nothing sent", "outcome.rejected": "rejected", "outcome.aborted": "aborted", "outcome.timeout": "timed out", "outcome.error": "error", "outcome.too_many_errors": "too many errors",
  "assert.what": "This message as an assertion: choose what a test shall hold it to, and paste it.", "assert.cli": "Command line", "assert.run": "Try it now",

  "relay": "Relay", "relay.title": "Send it for real", "relay.what": "The message leaves for the next hop of each address, if the rules let it. What is captured stays as it is.", "relay.hint": "Parted by commas or blanks",
  "relay.before": "Already in the queue:", "relay.relay": "leaves", "relay.local": "stays here", "relay.refused": "refused", "relay.denied": "The rules refuse it.", "relay.send": { one: "Relay to {n} address", other: "Relay to {n} addresses" }, "relay.done": { one: "Queued for {n} address", other: "Queued for {n} addresses" },

  "compose": "Write", "compose.subject": "Subject", "compose.body": "Text", "compose.send": "Send", "compose.draft": "Save draft", "compose.discard": "Discard", "compose.sent": "Sent and captured", "compose.saved": "Draft saved",
  "compose.attach": "Attach files", "compose.drop": "Drop files to attach them", "compose.cc": "Cc & Bcc", "compose.html": "HTML", "compose.look": "See it", "compose.to.none": "Say who it goes to.",
  "compose.large": "{name} is too large: a message takes at most {size}.", "compose.on": "On {date}, {who} wrote:", "compose.forwarded": "Forwarded message", "compose.note": "Captured like any mail; nothing leaves.",
  "compose.address.bad": "{address} is not an address", "compose.remove": "Remove {what}", "compose.new": "New message", "compose.lost": "Attach again what a reload cannot keep: {names}",

  "contacts.none": "No contacts yet", "contacts.none.what": "Add one, or import a vCard file. While you write, contacts are suggested.", "contacts.import": "Import vCard", "contacts.export": "Export vCard", "contacts.imported": { one: "{n} contact imported", other: "{n} contacts imported" },
  "contacts.new": "New contact", "contacts.search": "Search contacts", "contacts.delete": "Delete the contact?", "contacts.delete.what": "{name} goes from this address book.", "contact.name": "Name", "contact.addresses": "Addresses", "contact.addresses.hint": "One a line", "contact.note": "Note",
  "contact.saved": "Saved", "contacts.bad": "No contact could be read from this file.",

  "sandboxes.what": "Each sandbox is a space of its own: mail, accounts, faults and limits. Give every test run one.", "sandboxes.new": "New sandbox", "sandbox.name": "Name", "sandbox.name.hint": "Small letters, digits and hyphens; leave it empty for a made-up one", "sandbox.ttl": "Lives for", "sandbox.labels": "Labels", "sandbox.labels.hint": "key=value, parted by commas",
  "sandbox.forever": "Until it is ended", "sandbox.made": "“{name}” is ready", "sandbox.token.once": "The token is shown this once. Whoever has it can read this sandbox’s mail.", "sandbox.end": "End", "sandbox.end.title": "End “{name}”?", "sandbox.end.what": "Its mail, accounts and token go for good.", "sandbox.ended": "“{name}” has ended",
  "sandbox.always": "Always", "sandbox.since": "since {when}", "sandbox.messages": "Mail", "sandbox.bytes": "Held", "sandbox.open": "Open", "sandbox.token": "Token", "sandbox.domain": "Address", "hours": { one: "{n} hour", other: "{n} hours" }, "days": { one: "{n} day", other: "{n} days" }, "sandbox.extend": "Change its life", "sandbox.copy.env": "Copy as variables",

  "view.aliases": "Aliases", "aliases.what": "Mail to an alias goes to each of its members; EXPN names them.", "aliases.new": "New alias", "aliases.none": "No aliases", "aliases.none.what": "An alias such as team@x.test hands its mail on to several addresses; a member may be an alias again.",
  "alias.members": "Members", "alias.add": "Add", "alias.n": { one: "{n} member", other: "{n} members" }, "alias.reaches": { one: "In the end {n} address:", other: "In the end {n} addresses:" }, "alias.delete": "Delete {address}?", "alias.delete.what": "Mail to it is then an account’s of its own; what came before stays.",

  "view.faults": "Faults", "faults.what": "Rules that make the servers misbehave, to see what your sender does. The first rule that matches strikes; transcripts mark what was injected.", "faults.new": "New fault", "faults.none": "Everything works as it should", "faults.none.what": "Make the next RCPT fail with 451, cut the connection after the data, answer late or slowly: a fault does it, as often as you say.",
  "faults.end_all": "End all", "faults.end_all.title": "End all faults?", "faults.end_all.what": "The servers of this sandbox behave again at once.", "fault.start": "Start", "fault.ended": "“{id}” has ended", "fault.end.what": "End {id}",
  "fault.id": "Name", "fault.id.hint": "Any name of your own; the same name replaces", "fault.points": "Where", "fault.points.hint": "Until a login or an address names another sandbox, a connection is default’s.", "fault.effect": "What happens", "fault.hits": "Struck", "fault.matched": "{n} matched", "fault.spent": "spent",
  "fault.kind.reply": "Answer instead", "fault.kind.cut": "Cut the connection", "fault.kind.delay": "Wait first", "fault.kind.throttle": "Slow down, octets a second", "fault.kind.cut_after": "Cut after so many octets more",
  "fault.code": "Reply code", "fault.enhanced": "Enhanced code", "fault.text": "Text", "fault.delay": "Delay", "fault.throttle": "Octets a second", "fault.cut_after": "Octets",
  "fault.times": "How often", "fault.times.hint": "0 is without end", "fault.skip": "Let pass first", "fault.chance": "Chance in percent", "fault.chance.hint": "Of those that match", "fault.only": "Only for some", "fault.forward_path": "Forward-path", "fault.reverse_path": "Reverse-path", "fault.client": "Client", "fault.user": "Login", "fault.request": "As a request",
  "fault.delays": "waits {time}", "fault.cuts": "cuts the connection", "fault.cuts_after": { one: "cuts after {n} octet", other: "cuts after {n} octets" }, "fault.throttles": "{n} octets a second", "fault.share": "{n} % of them", "fault.skips": "after {n}",
  "fault.if.to": "to", "fault.if.from": "from", "fault.if.client": "client", "fault.if.user": "login", "fault.point.connect": "greeting", "fault.point.end_of_data": "end of data", "fault.point.after_store": "stored, before the answer",
  "fault.presets": "Begin with", "fault.preset.greylist": "451, greylisted", "fault.preset.no-mailbox": "550, no such mailbox", "fault.preset.cut-after-data": "Cut after DATA", "fault.preset.stored-unanswered": "Stored, no answer", "fault.preset.spam": "554, refused as spam", "fault.preset.mailbox-full": "452, mailbox full", "fault.preset.busy": "421, too busy", "fault.preset.bad-login": "535, login refused", "fault.preset.delay": "Answer late", "fault.preset.throttle": "Slow line",

  "relay.count": "{n} {state}", "select.all": "Select all", "contacts.learn": "People of captured mail", "contacts.learn.short": "From mail", "contacts.learn.what": "Who stands in the newest messages and not in this address book. Choose whom to add.", "contacts.learn.none": "Everybody who stands in the mail is in the address book.", "contacts.learn.add": { one: "Add {n}", other: "Add {n}" }, "contacts.learned": { one: "{n} contact added", other: "{n} contacts added" }, "contacts.more": "The first {n} are shown: search to find the others.",

  "sessions.none": "No sessions yet", "sessions.none.what": "Every SMTP, POP3 and IMAP connection leaves its dialogue here.", "sessions.all": "All outcomes", "session.client": "Client", "session.outcome": "Outcome", "session.when": "When", "session.verbs": "Verbs", "session.octets": "In / out", "session.messages": "Messages", "sessions.more": "Show more",
  "session.took": "Took",

  "queue.none": "The queue is empty", "queue.none.what": "Messages on their way out stand here, with every attempt. Nothing leaves unless the relay is on and you or a rule say so.", "queue.all": "All states", "queue.attempts": "Attempts", "queue.next": "Next try", "queue.retry": "Try now", "queue.hold": "Hold", "queue.release": "Release", "queue.cancel": "Cancel", "queue.done": "Done", "queue.of": "Of message {id}", "queue.reason": "Reason", "queue.no_attempts": "Not tried yet.", "queue.expires": "Gives up",
  "queue.off": "The relay is off on this instance: start it with --relay.",
  "state.queued": "queued", "state.deferred": "deferred", "state.held": "held", "state.relayed": "relayed", "state.delivered": "delivered", "state.failed": "failed", "state.expired": "expired", "state.cancelled": "cancelled",

  "webhooks.none": "No webhooks", "webhooks.none.what": "A webhook posts this sandbox’s events to your server, signed, in order, at least once.", "webhooks.new": "New webhook", "webhook.url": "Address", "webhook.filter": "Filter", "webhook.filter.hint": "As JSON, in the grammar of the search; {} lets all through", "webhook.events": "Events", "webhook.events.hint": "None chosen means all", "webhook.secret": "The secret is shown this once; it signs every post.", "webhook.delete": "Remove the webhook?", "webhook.delete.what": "What waits for it goes too.", "webhook.on": "On", "webhook.off": "Off",
  "webhook.log": "Delivery log", "webhook.log.none": "Nothing was sent yet.", "webhook.waiting": { one: "{n} event waits", other: "{n} events wait" }, "webhook.replay": "Send again", "webhook.replayed": "Sent again", "webhook.took": "{n} ms", "webhook.body": "Posted", "webhook.response": "Answer", "webhook.bad_json": "The filter is not JSON: {error}",

  "limits.what": "A sandbox keeps to these; what does not fit any more is pruned, oldest first, or refused.", "limits.messages": "Messages", "limits.bytes": "Held", "limits.age": "Age", "limits.none": "no limit", "limits.full": "When full", "limits.prune": "Drop the oldest", "limits.refuse": "Refuse new mail (452)", "limits.pruned": "Lost to the limits", "limits.saved": "Limits saved", "limits.bytes.hint": "In octets, or as 256MB; empty for no limit", "limits.age.hint": "Such as 24h; empty for no limit", "limits.messages.hint": "Empty for no limit", "limits.of": "{n} of {limit}", "limits.server": "This instance", "limits.message_size": "Largest message", "limits.version": "Version", "limits.data": "Data", "limits.durability": "Durability", "limits.up": "Running for", "limits.listeners": "Listeners", "limits.ca": "Certificate authority", "limits.ca.get": "Download ca.pem", "limits.bad_size": "{text} is not a size",

  "settings.what": "Kept in this browser alone.", "settings.language": "Language", "settings.language.auto": "As the browser", "settings.theme": "Colours", "settings.theme.auto": "As the system", "settings.theme.light": "Light", "settings.theme.dark": "Dark", "settings.density": "Rows", "settings.notify": "Tell me of new mail while I look elsewhere", "settings.notify.no": "The browser does not allow notifications here.", "settings.remote": "Show remote content in HTML mail at once", "settings.remote.hint": "Senders learn that and where a message was opened.", "settings.learn": "Add people I write to to the contacts", "settings.keys": "Single-key shortcuts", "settings.from": "Write as", "settings.from.hint": "The From address of new messages; empty takes the account that is open",

  "signin": "Sign in", "signin.what": "This Catchpost asks for a token: the administrator’s, or that of a sandbox.", "signin.token": "Token", "signin.bad": "No sandbox has this token. It may have ended.",

  "keys": "Keyboard", "keys.move": "Move", "keys.act": "Act", "keys.write": "Write", "keys.look": "Look", "keys.next": "Next message", "keys.previous": "Previous message", "keys.open": "Open", "keys.back": "Back to the list", "keys.search": "Search", "keys.help": "This help",
  "keys.select": "Select", "keys.select_all": "Select all that is loaded, or nothing", "keys.flag": "Flag", "keys.seen": "Read or unread", "keys.delete": "Delete", "keys.move_to": "Move", "keys.tag": "Tag", "keys.compose": "Write", "keys.reply": "Reply", "keys.reply_all": "Reply all", "keys.forward": "Forward", "keys.send": "Send", "keys.tab": "Tab of the message", "keys.remote": "Show or block remote content", "keys.inbox": "Mail", "keys.off": "Single keys can be turned off under Settings.",
};
