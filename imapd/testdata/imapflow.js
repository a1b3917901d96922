// Syncs a mailbox with imapflow, changes it, and checks what it sees.
const { ImapFlow } = require('imapflow');
const [host, port, user] = process.argv.slice(2);
const assert = require('assert');

(async () => {
  const client = new ImapFlow({ host, port: Number(port), secure: false, doSTARTTLS: false, auth: { user, pass: 'secret' }, logger: false, qresync: true });
  const vanished = [], exists = [];
  client.on('expunge', e => vanished.push(e));
  client.on('exists', e => exists.push(e.count));
  await client.connect();
  const list = await client.list({ statusQuery: { messages: true, unseen: true } });
  assert.strictEqual(list.find(m => m.path === 'INBOX').status.messages, 300);
  assert.strictEqual(list.find(m => m.specialUse === '\\Sent').path, 'Sent');
  await client.mailboxCreate(['Projects', 'Übersicht']);
  const lock = await client.getMailboxLock('INBOX');
  let n = 0;
  for await (const m of client.fetch('1:*', { uid: true, flags: true, envelope: true, bodyStructure: true, source: true, internalDate: true, size: true, headers: ['subject'] })) {
    n++;
    assert.strictEqual(m.source.length, m.size);
    assert.ok(m.envelope.subject.includes('Größe'), m.envelope.subject);
    assert.ok(m.bodyStructure.type);
  }
  assert.strictEqual(n, 300);
  assert.deepStrictEqual(await client.search({ subject: 'Order 17:' }, { uid: true }), [18]);
  await client.messageFlagsAdd('1:10', ['\\Seen', '$Work']);
  assert.strictEqual((await client.search({ keyword: '$Work' })).length, 10);
  const moved = await client.messageMove('11:20', 'Projects/Übersicht');
  assert.strictEqual(moved.uidMap.size, 10);
  await client.messageDelete({ uid: '21:30' }, { uid: true });
  const { content } = await client.download('2', '2');
  let octets = 0;
  for await (const c of content) octets += c.length;
  assert.strictEqual(octets, 1200);
  const appended = await client.append('Sent', 'Subject: x\r\n\r\nbody\r\n', ['\\Seen']);
  assert.ok(appended.uid > 0);
  const status = await client.status('INBOX', { messages: true, uidNext: true, highestModseq: true });
  assert.strictEqual(status.messages, 280);
  lock.release();
  await client.logout();
  console.log('all well');
})().catch(e => { console.error(e); process.exit(1); });
