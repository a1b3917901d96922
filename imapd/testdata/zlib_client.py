"""Compresses with zlib and ends it by UNAUTHENTICATE, in each way zlib ends a command."""
import socket
import sys
import zlib

host, port, user = sys.argv[1:]
s = socket.create_connection((host, int(port)), timeout=20)
f = s.makefile("rb")


def answer(tag, read=f.readline):
    while True:
        line = read()
        assert line, tag
        if line.startswith(tag + b" "):
            assert line.startswith(tag + b" OK"), line
            return line


login = b"LOGIN %s x\r\n" % user.encode()
f.readline()
s.sendall(b"a " + login)
answer(b"a")
for end in (zlib.Z_SYNC_FLUSH, zlib.Z_FULL_FLUSH, zlib.Z_PARTIAL_FLUSH, zlib.Z_FINISH):
    s.sendall(b"b COMPRESS DEFLATE\r\n")
    answer(b"b")
    up, down = zlib.compressobj(wbits=-15), zlib.decompressobj(-15)
    s.sendall(up.compress(b"c LIST \"\" *\r\n") + up.flush(zlib.Z_SYNC_FLUSH))
    text = b""
    while b"\r\nc OK" not in text:
        text += down.decompress(f.read1())
    # The next login comes with it, in the clear (RFC 8437 section 3).
    s.sendall(up.compress(b"d UNAUTHENTICATE\r\n") + up.flush(end) + b"e " + login)
    text = b""
    while not down.eof:
        text += down.decompress(f.read1())
    assert text.startswith(b"d OK") and text.endswith(b"\r\n"), text
    rest = down.unused_data
    while not rest.endswith(b"\r\n"):
        rest += f.readline()
    assert rest.startswith(b"e OK"), rest
print("all well")
