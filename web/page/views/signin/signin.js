// Sign-in with a token; it becomes a cookie that no script can read.
import { html, useState } from "../../vendor/htm-preact.js";
import { t } from "../../i18n.js";
import { api } from "../../api.js";
import { enter } from "../../state.js";
import { Field } from "../../ui/parts.js";

export default function SignIn() {
  const [token, set] = useState(""), [error, fail] = useState(""), [busy, setBusy] = useState(false);
  const submit = async e => {
    e.preventDefault();
    setBusy(true);
    fail("");
    try {
      const who = await api.login(token.trim());
      if (who.sandbox) location.hash = "#/" + who.sandbox;
      await enter();
    } catch (err) {
      fail(err.code === "bad_token" ? t("signin.bad") : err.status ? err.message : t("error.offline"));
      setBusy(false);
    }
  };
  return html`<main class="signin"><form onSubmit=${submit}><p class="wordmark">Catchpost</p><h1>${t("signin")}</h1><p class="muted">${t("signin.what")}</p>
    <${Field} label=${t("signin.token")}><input type="password" name="token" autocomplete="current-password" required autofocus value=${token} onInput=${e => set(e.target.value)} /><//>
    ${error && html`<p class="note bad" role="alert">${error}</p>`}<button class="button primary" disabled=${busy}>${t("signin")}</button></form></main>`;
}
