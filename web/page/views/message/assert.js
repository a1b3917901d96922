// "Assert this": the message at hand as an assertion, to paste into a test.
import { html, useState } from "../../vendor/htm-preact.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { Copy } from "../../ui/parts.js";
import { tellError } from "../../ui/toast.js";

/** The parts of a message that a test may hold it to. */
function clauses(m, links, codes) {
  const link = links.find(l => ["verify", "reset", "sign_in"].includes(l.kind));
  return [
    m.forward_paths[0] && { in: "where", key: "to", value: m.to[0]?.address ?? m.forward_paths[0], on: true },
    m.subject && { in: "where", key: "subject", value: m.subject, on: true },
    m.from[0] && { in: "where", key: "from", value: m.from[0].address },
    { in: "expect", key: "not.body", value: "{{", on: true },
    link && { in: "expect", key: "links.kind", value: link.kind, on: true },
    codes[0] && { in: "expect", key: "codes.code.exists", value: true, on: true },
    m.attachments[0]?.name && { in: "expect", key: "attachments.name", value: m.attachments[0].name, on: true },
    { in: "expect", key: "size.lt", value: "102KB" },
  ].filter(Boolean);
}

const quoted = s => "'" + s.replaceAll("'", `'\\''`) + "'";

export function Assert({ m, links, codes }) {
  const all = clauses(m, links, codes);
  const [off, setOff] = useState(new Set(all.filter(c => !c.on).map(c => c.key))), [verdict, tell] = useState(null);
  const body = { where: {}, count: 1, within: "10s" };
  for (const c of all) if (!off.has(c.key)) (c.in === "where" ? body.where : body.expect ??= {})[c.key] = c.value;
  const text = JSON.stringify(body, null, 2), base = new URL("v1", location.href.split("#")[0]).href;
  const curl = `curl -fsS ${quoted(`${base}/assert?sandbox=${m.sandbox}`)} \\\n  --json ${quoted(JSON.stringify(body))}`;
  const cli = "catchpost wait " + [`sandbox=${m.sandbox}`, ...Object.entries(body.where).map(([k, v]) => /\W/.test(v) ? quoted(`${k}=${v}`) : `${k}=${v}`)].join(" ");
  const toggle = key => {
    const next = new Set(off);
    next.has(key) ? next.delete(key) : next.add(key);
    setOff(next);
  };
  const run = () => api.assert(m.sandbox, { ...body, within: "0s" }).then(tell, tellError);
  return html`<div class="sheet assert"><p class="muted">${t("assert.what")}</p>
    <ul class="clauses">${all.map(c => html`<li key=${c.key}><label class="check"><input type="checkbox" checked=${!off.has(c.key)} onChange=${() => toggle(c.key)} />
      <span class="chip">${c.in}</span> <code>${c.key}</code> <span class="muted" dir="auto">${String(c.value)}</span></label></li>`)}</ul>
    <section><h2>JSON</h2><div class="code"><pre tabindex="0">${text}</pre><${Copy} text=${text} /></div></section>
    <section><h2>curl</h2><div class="code"><pre tabindex="0">${curl}</pre><${Copy} text=${curl} /></div></section>
    <section><h2>${t("assert.cli")}</h2><div class="code"><pre tabindex="0">${cli}</pre><${Copy} text=${cli} /></div></section>
    <p><button class="button" onClick=${run}>${t("assert.run")}</button></p>
    ${verdict && html`<div class=${"verdict " + (verdict.passed ? "good" : "bad")} role="status"><pre tabindex="0">${verdict.text}</pre></div>`}</div>`;
}
