// What this browser's user chose; kept in this browser alone.
import { effect, signal } from "./vendor/signals-core.js";

const key = "catchpost.settings";
const defaults = {
  language: "", theme: "auto", density: "cosy", notify: false, remote: false, learn: false, keys: true, from: "",
};

function read() {
  try {
    return { ...defaults, ...JSON.parse(localStorage.getItem(key) || "{}") };
  } catch {
    return { ...defaults };
  }
}

export const settings = signal(read());

export function change(part) {
  settings.value = { ...settings.peek(), ...part };
  try {
    localStorage.setItem(key, JSON.stringify(settings.peek()));
  } catch { /* storage may be shut; the choice holds for this tab */ }
}

addEventListener("storage", e => {
  if (e.key === key) settings.value = read();
});

effect(() => {
  const { theme, density } = settings.value;
  const root = document.documentElement;
  if (theme === "auto") delete root.dataset.theme;
  else root.dataset.theme = theme;
  root.dataset.density = density;
});
