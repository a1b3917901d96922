"""Syncs a mailbox with imaplib, changes it from two sessions, and checks what it sees."""
import imaplib
import sys

host, port, user = sys.argv[1:]


def connect():
    c = imaplib.IMAP4(host, int(port))
    c.login(user, "secret")
    return c


def check(answer):
    status, data = answer
    assert status == "OK", answer
    return data


a, b = connect(), connect()
assert check(a.select("INBOX")) == [b"300"]
check(b.select("INBOX"))
data = check(a.fetch("1:*", "(UID RFC822.SIZE BODY.PEEK[])"))
sizes = 0
for item in data:
    if isinstance(item, tuple):
        assert int(item[0].split(b"RFC822.SIZE ")[1].split()[0]) == len(item[1])
        sizes += 1
assert sizes == 300, sizes
assert check(a.search(None, "SUBJECT", '"Order 17:"')) == [b"18"]
a.literal = "Größe".encode()
assert len(check(a.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT"))[0].split()) == 300
assert len(check(a.sort("(REVERSE SUBJECT)", "UTF-8", "ALL"))[0].split()) == 300
assert check(a.thread("REFERENCES", "UTF-8", "ALL"))[0].count(b"(") == 300
check(a.store("1:10", "+FLAGS", r"(\Deleted)"))
check(a.expunge())
check(b.noop())
check(b.select("INBOX"))
assert len(check(b.search(None, "ALL"))[0].split()) == 290
check(b.append("Archive", r"(\Seen)", imaplib.Time2Internaldate(1_700_000_000), b"Subject: x\r\n\r\nbody\r\n"))
assert b"MESSAGES 1" in check(a.status("Archive", "(MESSAGES)"))[0]
check(a.copy("1:5", "Trash"))
assert b"MESSAGES 5" in check(b.status("Trash", "(MESSAGES)"))[0]
check(a.create("Projects"))
check(a.rename("Projects", "Done"))
check(a.subscribe("Done"))
assert any(b"Done" in m for m in check(a.lsub()))
check(a.delete("Done"))
check(a.namespace())
check(a.getquotaroot("INBOX"))
check(a.unselect())

# RFC 5465: what b does comes without a's asking, with the attributes of new mail
imaplib.Commands.setdefault("NOTIFY", ("AUTH", "SELECTED"))
imaplib.Commands.setdefault("ESEARCH", ("AUTH", "SELECTED"))
check(a.select("Archive"))
check(a.xatom("NOTIFY", "SET", "(selected (MessageNew (UID FLAGS) MessageExpunge FlagChange))", "(mailboxes Done2 (MailboxName))"))
a.untagged_responses = {}
check(b.append("Archive", "", None, b"Subject: pushed\r\n\r\nbody\r\n"))
check(b.create("Done2"))
while "LIST" not in a.untagged_responses:
    a._get_response()
assert a.untagged_responses["EXISTS"] == [b"2"], a.untagged_responses
assert a.untagged_responses["FETCH"][0].startswith(b"2 (UID "), a.untagged_responses
assert b"Done2" in a.untagged_responses["LIST"][0], a.untagged_responses

# RFC 7377, RFC 9394
check(b.xatom("ESEARCH", "IN (mailboxes Archive)", "RETURN (PARTIAL -1:-1 COUNT)", "ALL"))
data = b.response("ESEARCH")[1][0]
assert data.startswith(b"(TAG ") and b"MAILBOX " in data and data.endswith(b" COUNT 2"), data

# RFC 9586
check(b.unselect())
check(b.enable("UIDONLY"))
check(b.select("Archive"))
check(b.uid("FETCH", "1:*", "(FLAGS)"))
data = b.response("UIDFETCH")[1]
assert len(data) == 2 and b"(FLAGS (" in data[0], data
a.logout()
b.logout()
print("all well")
