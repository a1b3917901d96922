// What this browser's user chooses.
import { html, useState } from "../../vendor/htm-preact.js";
import { use } from "../../hooks.js";
import { languages, t } from "../../i18n.js";
import { askLeave, canNotify } from "../../notify.js";
import { change, settings } from "../../settings.js";
import { Field } from "../../ui/parts.js";

const Check = ({ name, hint, on }) => html`<label class="check setting"><input type="checkbox" checked=${use(settings)[name]} onChange=${on || (e => change({ [name]: e.target.checked }))} />
  <span>${t("settings." + name)}${hint && html`<small>${hint}</small>`}</span></label>`;

const Choice = ({ name, options }) => {
  const value = use(settings)[name];
  return html`<${Field} label=${t("settings." + name)}><select name=${name} value=${value} onChange=${e => change({ [name]: e.target.value })}>${options.map(([v, label]) => html`<option value=${v} selected=${v === value}>${label}</option>`)}</select><//>`;
};

export default function Settings() {
  const [refused, refuse] = useState(false), { from } = use(settings);
  const notify = async e => {
    const wanted = e.target.checked, may = !wanted || await askLeave();
    refuse(!may);
    change({ notify: wanted && may });
  };
  return html`<section class="page-view narrow-view" aria-label=${t("view.settings")}><header class="view-head"><h1>${t("view.settings")}</h1></header><p class="view-what">${t("settings.what")}</p>
    <form class="columns" onSubmit=${e => e.preventDefault()}>
      <${Choice} name="language" options=${[["", t("settings.language.auto")], ...Object.entries(languages)]} />
      <${Choice} name="theme" options=${["auto", "light", "dark"].map(v => [v, t("settings.theme." + v)])} />
      <${Choice} name="density" options=${["cosy", "compact"].map(v => [v, t("density." + v)])} />
      <${Field} label=${t("settings.from")} hint=${t("settings.from.hint")}><input type="email" value=${from} onChange=${e => change({ from: e.target.value.trim() })} /><//>
    </form>
    <div class="settings-checks"><${Check} name="notify" on=${notify} hint=${refused || !canNotify() ? t("settings.notify.no") : ""} /><${Check} name="remote" hint=${t("settings.remote.hint")} /><${Check} name="learn" /><${Check} name="keys" /></div></section>`;
}
