// Runs inside Thunderbird, sent by Marionette: arguments are a step's name, its
// argument, and the callback. What a step returns is JSON.
const [name, argument, done] = arguments;
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { NetUtil } = ChromeUtils.importESModule("resource://gre/modules/NetUtil.sys.mjs");
const server = MailServices.accounts.accounts[0].incomingServer;
const folder = path => path.split("/").reduce((f, part) => f.getChildNamed(part), server.rootFolder);
const inbox = () => server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
const pause = ms => new Promise(r => setTimeout(r, ms));
// What runs already, as the look after news in IDLE, lets a second one's listener
// wait for ever: so nobody listens, and what is waited for is looked at again.
const until = async what => {
  for (let i = 0; i < 600; i++) {
    if (what()) return;
    await pause(50);
  }
  throw new Error("waited in vain for " + what);
};
const flags = h => {
  const f = [];
  if (h.flags & Ci.nsMsgMessageFlags.Replied) f.push("\\Answered");
  if (h.isFlagged) f.push("\\Flagged");
  if (h.isRead) f.push("\\Seen");
  return f.concat(h.getStringProperty("keywords").split(" ").filter(k => k.startsWith("$"))).sort().join(" ");
};
const numbered = (from, to) => [...inbox().messages].filter(h => {
  const n = parseInt(h.messageId);
  return from <= n && n < to;
});
const copy = (from, messages, to, move) => new Promise((resolve, reject) => MailServices.copy.copyMessages(from, messages, to, move, {
  onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() { return null; },
  onStopCopy(status) { status === 0 ? resolve() : reject(new Error("copy ends with " + status.toString(16))); },
}, null, false));

const steps = {
  // Logs in, lists the folders, takes headers and all bodies of INBOX; it idles then.
  async sync(n) {
    server.password = "secret";
    server.performExpand(null);
    await until(() => inbox() && server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Archive));
    inbox().updateFolder(null);
    await until(() => inbox().getTotalMessages(false) === n);
    inbox().downloadAllForOffline(null, null);
    await until(() => [...inbox().messages].every(h => h.flags & Ci.nsMsgMessageFlags.Offline));
    inbox().updateFolder(null); // it idles in INBOX then
  },
  // Waits for what the server tells while Thunderbird idles.
  async news(n) {
    await until(() => inbox().getTotalMessages(false) === n);
  },
  // Changes flags, a tag, moves, copies, deletes, and makes a folder.
  async change() {
    inbox().markMessagesRead(numbered(60, 70), true);
    inbox().markMessagesFlagged(numbered(70, 80), true);
    inbox().addKeywordsToMessages(numbered(80, 90), "$label1");
    await copy(inbox(), numbered(150, 160), folder("Archive"), true);
    await copy(inbox(), numbered(160, 165), folder("Archive"), false);
    await copy(inbox(), numbered(165, 170), server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Trash), true);
    server.rootFolder.createSubfolder("Übersicht", null);
    await until(() => server.rootFolder.containsChildNamed("Übersicht"));
  },
  // What a folder holds: Message-ID → flags.
  async box(path) {
    const f = path === "INBOX" ? inbox() : folder(path);
    f.updateFolder(null);
    await pause(300);
    return Object.fromEntries([...f.messages].map(h => [h.messageId, flags(h)]));
  },
  // The octets that were kept of each message, without Thunderbird's own header fields.
  async bodies() {
    const out = {};
    for (const h of inbox().messages) {
      const s = inbox().msgStore.getMsgInputStream(inbox(), h.storeToken, 0);
      let text = "";
      for (let n; (n = s.available());) text += NetUtil.readInputStreamToString(s, n);
      out[h.messageId] = btoa(text.replace(/^(X-Mozilla-[^\n]*\n)*/, ""));
    }
    return out;
  },
};
steps[name](argument).then(value => done({ value: value ?? null }), error => done({ error: String(error) + "\n" + error.stack }));
