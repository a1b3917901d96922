// Words in the chosen language. English is always there; another language is
// one file in i18n/ and one line here.
import { signal } from "./vendor/signals-core.js";
import en from "./i18n/en.js";
import { settings } from "./settings.js";

export const languages = { en: "English", id: "Bahasa Indonesia" };

export const language = signal("en");
let words = en;

/** Loads the language that was chosen, else the browser's. */
export async function loadLanguage() {
  const wanted = [settings.peek().language, ...navigator.languages.map(l => l.split("-")[0])].find(l => l in languages) || "en";
  words = wanted === "en" ? en : (await import(`./i18n/${wanted}.js`)).default;
  document.documentElement.lang = wanted;
  language.value = wanted;
}

/** The words of a key; {name} is filled from values, {n} chooses the plural. */
export function t(key, values) {
  let text = words[key] ?? en[key] ?? key;
  if (typeof text === "object") {
    const rule = new Intl.PluralRules(language.peek()).select(values.n);
    text = text[rule] ?? text.other;
  }
  if (!values) return text;
  return text.replace(/\{(\w+)\}/g, (all, name) => {
    const v = values[name];
    return v === undefined ? all : typeof v === "number" ? number(v) : v;
  });
}

export const number = n => new Intl.NumberFormat(language.peek()).format(n);
