// Sizes, times and addresses as people read them.
import { language, number, t } from "./i18n.js";

const units = ["B", "KB", "MB", "GB", "TB"];

export function size(n) {
  let unit = 0;
  while (n >= 999.5 && unit < units.length - 1) {
    n /= 1024;
    unit++;
  }
  return number(unit && n < 10 ? Math.round(n * 10) / 10 : Math.round(n)) + "\u00a0" + units[unit];
}

const day = 86_400_000;

/** A short time: minutes, then the clock, the weekday, the date. */
export function ago(text, now = Date.now()) {
  const at = new Date(text), past = now - at;
  if (past < 45_000 && past > -5_000) return t("time.now");
  if (past > 0 && past < 3_600_000) return t("time.minutes", { n: Math.max(1, Math.round(past / 60_000)) });
  const format = options => new Intl.DateTimeFormat(language.peek(), options).format(at);
  if (new Date(now).toDateString() === at.toDateString()) return format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  if (past > 0 && past < 6 * day) return format({ weekday: "short" });
  if (at.getFullYear() === new Date(now).getFullYear()) return format({ day: "numeric", month: "short" });
  return format({ day: "numeric", month: "short", year: "numeric" });
}

/** The exact time, for hover and details. */
export function exact(text) {
  if (!text) return "";
  return new Intl.DateTimeFormat(language.peek(), { dateStyle: "full", timeStyle: "long" }).format(new Date(text));
}

/** Time until a moment, in the two largest units. */
export function until(text, now = Date.now()) {
  const s = Math.round((new Date(text) - now) / 1000);
  if (s <= 0) return t("time.over");
  const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
  if (d) return t("time.dh", { d, h });
  if (h) return t("time.hm", { h, m });
  return m ? t("time.m", { m }) : t("time.s", { s });
}

export const shown = a => a.name || a.address;
export const full = a => (a.name ? `${/[",<>@;:()\\]/.test(a.name) ? JSON.stringify(a.name) : a.name} <${a.address}>` : a.address);

/** Who a message is from, or to whom, in few words. */
export const people = list => list.map(shown).join(", ");


/** Hue of an address, stable, for its initial. */
export function hue(text) {
  let h = 7;
  for (const c of text.toLowerCase()) h = (h * 31 + c.codePointAt(0)) % 360;
  return h;
}

export const initial = a => (shown(a).match(/[\p{L}\p{N}]/u)?.[0] ?? "?").toUpperCase();
