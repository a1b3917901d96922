// What the SMTP session said, apart from the headers.
import { html } from "../../vendor/htm-preact.js";
import { exact, size } from "../../format.js";
import { t } from "../../i18n.js";
import { near } from "../../router.js";
import { Chip } from "../../ui/parts.js";

const Fact = ({ name, children }) => (children || children === 0 ? html`<div><dt>${name}</dt><dd>${children}</dd></div>` : null);

export function Envelope({ m }) {
  const e = m.envelope, headerTo = new Set([...m.to, ...m.cc].map(a => a.address.toLowerCase()));
  return html`<div class="sheet"><section><h2>${t("envelope.paths")}</h2><dl class="facts">
      <${Fact} name=${t("reverse_path")}><code>${`<${m.reverse_path}>`}</code> ${!m.reverse_path && html`<${Chip}>${t("null_path")}<//>`}<//>
      ${e.dsn.recipients.map((r, i) => html`<${Fact} key=${i} name=${i ? "" : t("forward_paths")}><code>${`<${r.address}>`}</code>
        ${!headerTo.has(r.address.toLowerCase()) && html` <${Chip} title=${t("bcc.what")}>Bcc<//>`}
        ${r.notify?.length > 0 && html` <${Chip}>NOTIFY=${r.notify.join(",")}<//>`}${r.orcpt && html` <${Chip}>ORCPT=${r.orcpt}<//>`}<//>`)}
      ${!e.dsn.recipients.length && m.forward_paths.map((p, i) => html`<${Fact} key=${i} name=${i ? "" : t("forward_paths")}><code>${`<${p}>`}</code><//>`)}</dl></section>
    <section><h2>${t("envelope.session")}</h2><dl class="facts">
      <${Fact} name=${t("received")}>${exact(m.received_at)}<//>
      <${Fact} name=${t("protocol")}>${e.protocol}<//><${Fact} name="HELO"><code>${e.helo}</code><//><${Fact} name=${t("client")}><code>${e.client_address}</code><//>
      <${Fact} name=${t("auth")}>${e.auth_user && html`<code>${e.auth_user}</code> ${e.auth_mechanism} ${!e.auth_verified && html`<${Chip} kind="warn">${t("auth.unverified")}<//>`}`}<//>
      <${Fact} name="TLS">${e.tls ? `${e.tls.version} · ${e.tls.cipher}` : t("none")}<//>
      <${Fact} name="BODY">${e.body}<//><${Fact} name="SMTPUTF8">${e.smtputf8 && t("yes")}<//><${Fact} name="REQUIRETLS">${e.require_tls && t("yes")}<//>
      <${Fact} name=${t("declared_size")}>${e.declared_size > 0 && size(e.declared_size)}<//>
      <${Fact} name="ENVID">${e.dsn.envid}<//><${Fact} name="RET">${e.dsn.ret}<//>
      <${Fact} name=${t("session")}>${e.session_id && html`<a href=${near({ view: "sessions", id: e.session_id })}>${e.session_id}</a>`}<//></dl></section>
    <section><h2>${t("envelope.store")}</h2><dl class="facts"><${Fact} name="ID"><code>${m.id}</code><//><${Fact} name=${t("sequence")}>${m.sequence}<//>
      <${Fact} name="Message-ID">${m.message_id && html`<code>${m.message_id}</code>`}<//><${Fact} name=${t("origin")}>${m.origin}<//><${Fact} name=${t("size")}>${size(m.size)}<//></dl></section></div>`;
}
