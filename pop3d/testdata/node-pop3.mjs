// Reads a maildrop with node-pop3 and checks what it sees.
import Pop3Command from 'node-pop3';
import assert from 'assert';
const [host, port, user] = process.argv.slice(2);
const c = new Pop3Command({ host, port: Number(port), user, password: 'secret' });
const ids = await c.UIDL();
assert.strictEqual(ids.length, 300);
const list = await c.LIST();
// It does not undo dot-stuffing and drops the last line's end: mails without such dots.
for (const i of [2, 3, 4, 5, 8, 9, 10, 11]) {
  const m = await c.RETR(i);
  assert.strictEqual(Buffer.byteLength(m) + 2, Number(list[i - 1][1]), 'size of ' + i);
}
assert.ok((await c.TOP(3, 0)).includes('Subject: Order 2'));
for (let i = 1; i <= 5; i++) await c.command('DELE', i);
await c.QUIT();
console.log('all well');
