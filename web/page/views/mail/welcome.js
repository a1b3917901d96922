// An empty sandbox says how mail gets in.
import { html } from "../../vendor/htm-preact.js";
import { use } from "../../hooks.js";
import { t } from "../../i18n.js";
import { near } from "../../router.js";
import { box, info } from "../../state.js";
import { Copy, Empty } from "../../ui/parts.js";

export function Welcome({ evidence }) {
  const here = use(box), all = use(info);
  if (!evidence) return html`<${Empty} icon="folder" title=${t("box.empty")}><p>${t("box.empty.what")}</p><//>`;
  const smtp = all?.listeners.find(l => l.name === "smtp");
  const host = here?.smtp?.host ?? smtp?.host ?? "127.0.0.1", port = here?.smtp?.port ?? smtp?.port ?? 1025;
  const command = `printf 'Subject: Hello\\n\\nIt works.\\n' | curl -s --url smtp://${host}:${port} \\\n  --mail-from me@shop.test --mail-rcpt anna@${here?.domain || "x.test"} -T -`;
  return html`<${Empty} icon="inbox" title=${t("welcome")}>
    <p>${t("welcome.what")}</p>
    <dl class="facts"><div><dt>SMTP</dt><dd><code>${host}:${port}</code><${Copy} text=${host + ":" + port} /></dd></div>
      ${here && here.name !== "default" && html`<div><dt>${t("user")}</dt><dd><code>${here.name}</code><${Copy} text=${here.name} /></dd></div>`}
      ${here?.domain && html`<div><dt>${t("address")}</dt><dd><code>anyone@${here.domain}</code><${Copy} text=${"anyone@" + here.domain} /></dd></div>`}</dl>
    <div class="code"><pre tabindex="0">${command}</pre><${Copy} text=${command} /></div>
    <p><a class="button" href=${near({ view: "compose" })}>${t("welcome.compose")}</a></p><//>`;
}
