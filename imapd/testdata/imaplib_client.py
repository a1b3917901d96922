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
a.logout()
b.logout()
print("all well")
