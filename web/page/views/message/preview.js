// The HTML as a browser shows it: in a sandboxed frame from its own route,
// remote content blocked until asked for, in the widths of three devices.
import { html, useState } from "../../vendor/htm-preact.js";
import { useKeys, use } from "../../hooks.js";
import { t } from "../../i18n.js";
import { typing } from "../../keys.js";
import { url } from "../../api.js";
import { settings } from "../../settings.js";
import { Icon } from "../../ui/icons.js";
import { IconButton } from "../../ui/parts.js";

const widths = { phone: "390px", tablet: "768px", desktop: "" };
const remotely = /(?:src|background|poster)\s*=\s*["']?\s*(?:https?:)?\/\/|url\(\s*["']?\s*(?:https?:)?\/\//i;

export function Preview({ m }) {
  const [remote, allow] = useState(use(settings).remote), [width, setWidth] = useState("desktop"), [there, setThere] = useState(false), [dark, setDark] = useState(false);
  const blocked = remotely.test(m.html || "");
  useKeys(e => { if (e.key === "i" && !typing(e) && blocked) allow(!remote); });
  return html`<div class="preview-bar">
      <div class="segments" role="group" aria-label=${t("width")}>${Object.keys(widths).map(w => html`<button type="button" key=${w} aria-pressed=${width === w}
        aria-label=${t("width." + w)} title=${t("width." + w)} onClick=${() => setWidth(w)}><${Icon} name=${w} /></button>`)}</div>
      <${IconButton} icon=${dark ? "sun" : "moon"} label=${t(dark ? "preview.light" : "preview.dark")} onClick=${() => setDark(!dark)} />
      <span class="spread"></span>
      ${blocked && html`<span class="preview-note">${!remote && html`<${Icon} name="warn" />`}${t(remote ? "remote.shown" : "remote.blocked")}
        <button class="link" onClick=${() => allow(!remote)}>${t(remote ? "remote.block" : "remote.allow")}</button></span>`}
      <a class="icon-button" href=${url.preview(m.sandbox, m.id, remote)} target="_blank" rel="noopener" aria-label=${t("preview.window")} title=${t("preview.window")}><${Icon} name="open" /></a>
    </div>
    <div class=${"preview " + width}><iframe key=${remote} title=${t("preview")} sandbox="allow-popups allow-popups-to-escape-sandbox" referrerpolicy="no-referrer"
      class=${(dark ? "dark" : "") + (there ? " loaded" : "")} onLoad=${() => setThere(true)} style=${width === "desktop" ? {} : { flex: "none", width: widths[width] }} src=${url.preview(m.sandbox, m.id, remote)}></iframe></div>`;
}
