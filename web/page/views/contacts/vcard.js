// vCards, RFC 6350 (4.0) and RFC 2426 (3.0): names, addresses and notes.

const unescape = s => s.replace(/\\n/gi, "\n").replace(/\\([,;:\\])/g, "$1");
const escape = s => s.replace(/\\/g, "\\\\").replace(/\n/g, "\\n").replace(/([,;])/g, "\\$1");

/** Quoted-printable of vCard 2.1, as old phones write it. */
function quoted(value) {
  const bytes = [];
  for (let i = 0; i < value.length; i++) {
    const hex = value[i] === "=" ? value.slice(i + 1, i + 3) : "";
    if (/^[0-9a-f]{2}$/i.test(hex)) {
      bytes.push(parseInt(hex, 16));
      i += 2;
    } else bytes.push(...new TextEncoder().encode(value[i]));
  }
  return new TextDecoder().decode(new Uint8Array(bytes));
}

/** Reads every card of a file into {name, addresses, note}; what is none is left out. */
export function readCards(text) {
  const out = [];
  let card = null;
  for (const line of text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)) {
    const [, name, params, raw] = line.match(/^(?:[\w-]+\.)?([\w-]+)((?:;(?:"[^"]*"|[^":;])*)*):(.*)$/) || [];
    if (!name) continue;
    const value = /QUOTED-PRINTABLE/i.test(params) ? quoted(raw) : unescape(raw), key = name.toUpperCase();
    if (key === "BEGIN" && /^vcard$/i.test(raw)) card = { name: "", addresses: [], note: "" };
    else if (key === "END" && card) {
      if (card.name || card.addresses.length) out.push(card);
      card = null;
    } else if (!card) continue;
    else if (key === "FN") card.name = value.trim();
    else if (key === "N" && !card.name) card.name = raw.split(/(?<!\\);/).slice(0, 2).reverse().map(unescape).join(" ").trim();
    else if (key === "EMAIL" && value.trim()) card.addresses.push(value.trim().replace(/^mailto:/i, ""));
    else if (key === "NOTE") card.note = value;
  }
  return out;
}

/** Folds a line at 75 octets, RFC 6350 §3.2. */
function fold(line) {
  const out = [];
  let now = "", octets = 0;
  for (const c of line) {
    const n = new TextEncoder().encode(c).length;
    if (octets + n > 75) {
      out.push(now);
      now = " ";
      octets = 1;
    }
    now += c;
    octets += n;
  }
  return [...out, now].join("\r\n");
}

export const writeCards = contacts => contacts.map(c => ["BEGIN:VCARD", "VERSION:4.0", `UID:urn:catchpost:${c.id}`, `FN:${escape(c.name || c.addresses[0] || "")}`,
  ...c.addresses.map(a => `EMAIL:${escape(a)}`), ...(c.note ? [`NOTE:${escape(c.note)}`] : []), `REV:${new Date(c.updated_at).toISOString().replace(/[-:]|\.\d+/g, "")}`, "END:VCARD"]
  .map(fold).join("\r\n") + "\r\n").join("");
