"""Reads a maildrop with poplib and checks what it sees."""
import poplib
import sys

host, port, user = sys.argv[1:]


def connect():
    c = poplib.POP3(host, int(port))
    caps = c.capa()
    assert "UIDL" in caps and "TOP" in caps and "PIPELINING" in caps, caps
    c.user(user)
    c.pass_("secret")
    return c


c = connect()
count, octets = c.stat()
assert count == 300
_, rows, _ = c.list()
assert sum(int(r.split()[1]) for r in rows) == octets
for i in range(1, 101):
    _, lines, _ = c.retr(i)
    size = sum(len(l) + 2 for l in lines)
    assert size == int(rows[i - 1].split()[1]), (i, size, rows[i - 1])
    assert c.top(i, 0)[1] == lines[: lines.index(b"") + 1]
ids = c.uidl()[1]
assert len({i.split()[1] for i in ids}) == 300
for i in range(1, 11):
    c.dele(i)
c.rset()
for i in range(1, 11):
    c.dele(i)
c.quit()
c = connect()
assert c.stat()[0] == 290
assert [i.split()[1] for i in c.uidl()[1]] == [i.split()[1] for i in ids[10:]]
c.close()
print("all well")
