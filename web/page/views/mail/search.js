// The search box: the grammar of the API's filters, with suggestions while typing.
import { html, useEffect, useRef, useState } from "../../vendor/htm-preact.js";
import { t } from "../../i18n.js";
import { Icon } from "../../ui/icons.js";
import { IconButton } from "../../ui/parts.js";

const yes = ["true", "false"];
const fields = {
  from: [], to: [], cc: [], bcc: [], reply_to: [], reverse_path: [], forward_paths: [],
  subject: [], body: [], html: [], snippet: [], "headers.": [], tags: [], id: [], message_id: [],
  "attachments.exists": yes, "attachments.name": [], "attachments.type": ["application/pdf", "image/png", "text/calendar"], "attachments.text": [], "attachments.size": [],
  "links.url": [], "links.kind": ["verify", "reset", "sign_in", "unsubscribe", "tracking", "image", "other"], "codes.code": [],
  "elements.css": [], size: [], received_at: [], date: [], seen: yes, flagged: yes,
  origin: ["smtp", "lmtp", "api", "import", "append", "dsn", "generated"], "warnings.code": ["bare_lf", "bare_cr", "nul", "long_line"],
  "envelope.helo": [], "envelope.auth_user": [], "envelope.protocol": ["SMTP", "ESMTP", "ESMTPS", "ESMTPA", "ESMTPSA"], "envelope.tls.version": [],
};
const operators = {
  size: ["gt", "gte", "lt", "lte"], "attachments.size": ["gt", "lt"], received_at: ["gt", "lt"], date: ["gt", "lt"],
};
const usual = ["contains", "prefix", "suffix", "regex", "exists"];
const samples = ["-5m", "-1h", "-24h"];
const starters = ["seen:false", "flagged:true", "attachments.exists:true", "received_at.gt:-1h", "from.contains:", "to:", "subject:", "tags:"];

/** The word at the caret: [start, text]. A quoted value may hold blanks. */
function wordAt(text, caret) {
  const start = text.slice(0, caret).search(/(?:[^\s"]|"[^"]*"?)*$/);
  return [start, text.slice(start, caret)];
}

/** Suggestions for the word that is being typed, whole words. */
export function suggest(word) {
  if (!word) return starters;
  const not = /^-?not\./.test(word) ? "not." : "", bare = word.slice(not.length);
  const colon = bare.indexOf(":");
  if (colon >= 0) {
    const name = bare.slice(0, colon), typed = bare.slice(colon + 1).toLowerCase(), base = name.replace(/\.(gte?|lte?|eq|in)$/, "");
    const values = /^(received_at|date)\.(gt|lt)/.test(name) ? samples : /size/.test(name) ? ["10KB", "1MB", "5MB"]
      : name.endsWith(".exists") ? yes : fields[base] || [];
    return values.filter(v => v.toLowerCase().startsWith(typed) && v !== typed).map(v => `${not}${name}:${v}`);
  }
  const out = Object.keys(fields).filter(f => f.startsWith(bare)).map(f => not + f + (f.endsWith(".") || operators[f] ? "" : ":"));
  const dot = bare.lastIndexOf("."), base = bare.slice(0, dot);
  if (dot > 0 && base in fields && fields[base] !== yes) {
    for (const op of operators[base] || usual) if (op.startsWith(bare.slice(dot + 1))) out.push(`${not}${base}.${op}:`);
  } else for (const op of operators[bare] || []) out.push(`${not}${bare}.${op}:`);
  return out.slice(0, 10);
}

export function Search({ value, search }) {
  const [text, type] = useState(value), [open, setOpen] = useState(false), [at, move] = useState(-1), [caret, setCaret] = useState(0);
  const input = useRef(), timer = useRef(0);
  useEffect(() => { type(value); }, [value]);
  const [start, word] = wordAt(text, caret), offers = open ? suggest(word) : [];
  const run = q => {
    clearTimeout(timer.current);
    search(q.trim());
  };
  const typed = e => {
    type(e.target.value);
    setCaret(e.target.selectionStart);
    setOpen(true);
    move(-1);
    clearTimeout(timer.current);
    const q = e.target.value;
    // Half a pair is no question yet: "from:" waits for its value.
    if (!/[:.]$/.test(q)) timer.current = setTimeout(() => run(q), 350);
  };
  const take = offer => {
    const next = text.slice(0, start) + offer + text.slice(caret), end = start + offer.length, done = !/[:.]$/.test(offer);
    type(next + (done ? " " : ""));
    setCaret(end + (done ? 1 : 0));
    move(-1);
    input.current.focus();
    requestAnimationFrame(() => input.current.setSelectionRange(end + 1, end + 1));
    if (done) run(next);
  };
  const keys = e => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
    if (step && offers.length) move((at + step + offers.length + (at < 0 && step < 0 ? 1 : 0)) % offers.length);
    else if (e.key === "Tab" && open && at >= 0) take(offers[at]);
    else if (e.key === "Enter") at >= 0 ? take(offers[at]) : (setOpen(false), run(text));
    else if (e.key === "Escape") open && offers.length ? setOpen(false) : (type(""), run(""), input.current.blur());
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  return html`<form class="search" role="search" onSubmit=${e => e.preventDefault()}><${Icon} name="search" />
    <input ref=${input} type="text" role="combobox" aria-expanded=${offers.length > 0} aria-controls="offers" aria-autocomplete="list" inputmode="search"
      aria-activedescendant=${at >= 0 ? "offer-" + at : undefined} aria-label=${t("search")} placeholder=${t("search")} value=${text} spellcheck="false" autocomplete="off"
      onInput=${typed} onKeyDown=${keys} onFocus=${e => { setOpen(true); setCaret(e.target.selectionStart); }}
      onClick=${e => setCaret(e.target.selectionStart)} onBlur=${() => setTimeout(setOpen, 150, false)} />
    ${text ? html`<${IconButton} icon="close" label=${t("search.clear")} onClick=${() => { type(""); run(""); }} />` : html`<kbd>/</kbd>`}
    <div class="offers" hidden=${!offers.length}><ul role="listbox" id="offers" aria-label=${t("suggestions")}>${offers.map((offer, i) => html`<li role="option" id=${"offer-" + i}
      aria-selected=${i === at} onPointerDown=${e => { e.preventDefault(); take(offer); }}>${offer}</li>`)}</ul>
      ${!word && html`<p class="offers-foot"><a href="docs/filters" target="_blank" rel="noopener">${t("search.help")}</a></p>`}</div>
  </form>`;
}
