// The one module that talks HTTP. Paths are relative to the page, so that the
// page works under any base path.

/** An error answer of the API, or the want of any answer (status 0). */
export class Failure extends Error {
  constructor(problem) {
    super(problem.detail || problem.title || "request failed");
    Object.assign(this, { status: problem.status ?? 0, code: problem.code ?? "offline", param: problem.param });
  }
}

const listeners = new Set();
/** Calls fn whenever an answer says that a login is needed. */
export const onLoginNeeded = fn => listeners.add(fn);

/** Makes a query string; arrays repeat, empty values are left out. */
export function query(params = {}) {
  const out = new URLSearchParams();
  for (const [key, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null && one !== "") out.append(key, one);
    }
  }
  const text = out.toString();
  return text ? "?" + text : "";
}

const seg = encodeURIComponent;

async function send(method, path, { params, body, type, signal } = {}) {
  const init = { method, signal, headers: {}, credentials: "same-origin" };
  if (body !== undefined) {
    init.headers["Content-Type"] = type || "application/json";
    init.body = type ? body : JSON.stringify(body);
  }
  let res;
  try {
    res = await fetch("v1/" + path + query(params), init);
  } catch (err) {
    if (err.name === "AbortError") throw err;
    throw new Failure({ status: 0, code: "offline", detail: err.message });
  }
  if (res.ok || res.status === 422) return res;
  let problem = { status: res.status, title: res.statusText };
  try {
    problem = { ...problem, ...await res.json() };
  } catch { /* a proxy's answer, not ours */ }
  if (res.status === 401) listeners.forEach(fn => fn(problem));
  throw new Failure(problem);
}

async function json(method, path, options) {
  const res = await send(method, path, options);
  return res.status === 204 ? null : res.json();
}

const get = (path, params, signal) => json("GET", path, { params, signal });
const message = id => "messages/" + seg(id);
const account = name => "accounts/" + seg(name);
const mailbox = (name, box) => account(name) + "/mailboxes/" + seg(box);

/** Addresses for href, src and EventSource. */
export const url = {
  raw: (sandbox, id, download) => `v1/${message(id)}/raw${query({ sandbox, download })}`,
  preview: (sandbox, id, remote) => `v1/${message(id)}/preview${query({ sandbox, remote: remote || undefined })}`,
  part: (sandbox, id, path, download) => `v1/${message(id)}/parts/${seg(path)}${query({ sandbox, download })}`,
  events: sandbox => `v1/events${query({ sandbox })}`,
  ca: () => "v1/ca.pem",
};

const text = async (path, params) => (await send("GET", path, { params })).text();

export const api = {
  info: () => get("info"),
  login: token => json("POST", "login", { body: { token } }),
  logout: () => json("POST", "logout"),

  messages: (sandbox, params, signal) => get("messages", { sandbox, ...params }, signal),
  message: (sandbox, id, include, signal) => get(message(id), { sandbox, include }, signal),
  headers: (sandbox, id, raw) => get(message(id) + "/headers", { sandbox, raw: raw || undefined }),
  parts: (sandbox, id) => get(message(id) + "/parts", { sandbox }),
  transcript: (sandbox, id) => get(message(id) + "/transcript", { sandbox }),
  raw: (sandbox, id) => text(message(id) + "/raw", { sandbox }),
  rawBytes: async (sandbox, id) => (await send("GET", message(id) + "/raw", { params: { sandbox } })).arrayBuffer(),
  partText: (sandbox, id, path) => text(message(id) + "/parts/" + seg(path), { sandbox }),
  partBytes: async (sandbox, id, path) => (await send("GET", `${message(id)}/parts/${seg(path)}`, { params: { sandbox } })).arrayBuffer(),
  patchMessages: (sandbox, ids, body) => json("PATCH", "messages", { params: { sandbox, "id.in": ids.join(",") }, body }),
  deleteMessages: (sandbox, ids) => json("DELETE", "messages", { params: { sandbox, "id.in": ids.join(",") } }),
  deleteAll: sandbox => json("DELETE", "messages", { params: { sandbox, all: true } }),
  send: (sandbox, body) => json("POST", "messages", { params: { sandbox }, body }),
  relay: (sandbox, id, body) => json("POST", message(id) + "/relay", { params: { sandbox }, body }),
  judge: (sandbox, paths) => json("POST", "relay/judge", { params: { sandbox }, body: { forward_paths: paths } }),
  assert: (sandbox, body) => json("POST", "assert", { params: { sandbox }, body }),

  sandboxes: () => get("sandboxes"),
  sandbox: name => get("sandboxes/" + seg(name)),
  createSandbox: body => json("POST", "sandboxes", { body }),
  patchSandbox: (name, body) => json("PATCH", "sandboxes/" + seg(name), { body }),
  endSandbox: name => json("DELETE", "sandboxes/" + seg(name)),
  sessions: (sandbox, params) => get("sessions", { sandbox, ...params }),
  session: (sandbox, id) => get("sessions/" + seg(id), { sandbox }),

  accounts: sandbox => get("accounts", { sandbox }),
  mailboxes: (sandbox, name) => get(account(name) + "/mailboxes", { sandbox }),
  createMailbox: (sandbox, name, body) => json("POST", account(name) + "/mailboxes", { params: { sandbox }, body }),
  deleteMailbox: (sandbox, name, box) => json("DELETE", mailbox(name, box), { params: { sandbox } }),
  entries: (sandbox, name, box, params, signal) => get(mailbox(name, box) + "/messages", { sandbox, ...params }, signal),
  append: (sandbox, name, box, body, flags, type) =>
    json("POST", mailbox(name, box) + "/messages", { params: { sandbox, flags }, body, type }),
  flagEntries: (sandbox, name, box, body) => json("PATCH", mailbox(name, box) + "/messages", { params: { sandbox }, body }),
  removeEntries: (sandbox, name, box, uids) => json("DELETE", mailbox(name, box) + "/messages", { params: { sandbox, uids: uids.join(",") } }),
  moveEntries: (sandbox, name, box, uids, to) => json("POST", mailbox(name, box) + "/move", { params: { sandbox }, body: { uids, to } }),
  copyEntries: (sandbox, name, box, uids, to) => json("POST", mailbox(name, box) + "/copy", { params: { sandbox }, body: { uids, to } }),
  aliases: sandbox => get("aliases", { sandbox }),
  putAlias: (sandbox, address, members) => json("PUT", "aliases/" + seg(address), { params: { sandbox }, body: { members } }),
  deleteAlias: (sandbox, address) => json("DELETE", "aliases/" + seg(address), { params: { sandbox } }),

  faults: sandbox => get("faults", { sandbox }),
  putFault: (sandbox, id, body) => json("PUT", "faults/" + seg(id), { params: { sandbox }, body }),
  deleteFault: (sandbox, id) => json("DELETE", "faults/" + seg(id), { params: { sandbox } }),
  deleteFaults: sandbox => json("DELETE", "faults", { params: { sandbox } }),

  contacts: (sandbox, account, params) => get("contacts", { sandbox, account, ...params }),
  createContact: (sandbox, account, body) => json("POST", "contacts", { params: { sandbox, account }, body }),
  putContact: (sandbox, account, id, body) => json("PUT", "contacts/" + seg(id), { params: { sandbox, account }, body }),
  deleteContact: (sandbox, account, id) => json("DELETE", "contacts/" + seg(id), { params: { sandbox, account } }),

  webhooks: sandbox => get("webhooks", { sandbox }),
  createWebhook: (sandbox, body) => json("POST", "webhooks", { params: { sandbox }, body }),
  patchWebhook: (sandbox, id, body) => json("PATCH", "webhooks/" + seg(id), { params: { sandbox }, body }),
  deleteWebhook: (sandbox, id) => json("DELETE", "webhooks/" + seg(id), { params: { sandbox } }),
  deliveries: (sandbox, id) => get(`webhooks/${seg(id)}/deliveries`, { sandbox }),
  replay: (sandbox, id, delivery) => json("POST", `webhooks/${seg(id)}/deliveries/${delivery}/replay`, { params: { sandbox } }),

  queue: (sandbox, params) => get("queue", { sandbox, ...params }),
  queueEntry: (sandbox, id) => get("queue/" + seg(id), { sandbox }),
  queueAction: (sandbox, id, action) => json("POST", `queue/${seg(id)}/${action}`, { params: { sandbox } }),
};
