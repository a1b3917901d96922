// Fault rules as people think of them: presets to begin with, the points of
// the dialogues, and a rule in words.
import { number, t } from "../../i18n.js";

/** The points of SMTP in the order of a session; POP3's and IMAP's are their commands. */
export const points = {
  SMTP: ["smtp.connect", "smtp.helo", "smtp.starttls", "smtp.auth", "smtp.mail", "smtp.rcpt", "smtp.data", "smtp.end_of_data", "smtp.after_store", "smtp.bdat", "smtp.rset",
    "smtp.noop", "smtp.quit", "smtp.vrfy", "smtp.expn", "smtp.help"],
  POP3: ["pop3.user", "pop3.pass", "pop3.auth", "pop3.stat", "pop3.list", "pop3.uidl", "pop3.retr", "pop3.dele", "pop3.quit"],
  IMAP: ["imap.login", "imap.authenticate", "imap.select", "imap.fetch", "imap.search", "imap.store", "imap.copy", "imap.move", "imap.append", "imap.idle"],
};

/** What a test wants to see its sender survive. */
export const presets = [
  { id: "greylist", points: ["smtp.rcpt"], times: 2, effect: { code: 451, enhanced: "4.7.1", text: "Greylisted, try again later" } },
  { id: "no-mailbox", points: ["smtp.rcpt"], times: 1, effect: { code: 550, enhanced: "5.1.1", text: "No such mailbox" } },
  { id: "cut-after-data", points: ["smtp.end_of_data"], times: 1, effect: { cut: true } },
  { id: "stored-unanswered", points: ["smtp.after_store"], times: 1, effect: { cut: true } },
  { id: "spam", points: ["smtp.end_of_data"], times: 1, effect: { code: 554, enhanced: "5.7.1", text: "Message refused as spam" } },
  { id: "mailbox-full", points: ["smtp.rcpt"], times: 1, effect: { code: 452, enhanced: "4.2.2", text: "Mailbox full" } },
  { id: "busy", points: ["smtp.connect"], times: 1, effect: { code: 421, enhanced: "4.3.2", text: "Too busy, try later" } },
  { id: "bad-login", points: ["smtp.auth"], times: 1, effect: { code: 535, enhanced: "5.7.8", text: "Authentication failed" } },
  { id: "delay", points: ["smtp.end_of_data"], times: 0, effect: { delay: "5s" } },
  { id: "throttle", points: ["smtp.connect"], times: 0, effect: { throttle: 2048 } },
];

/** What a point is called: RCPT, end of data, IMAP FETCH. */
export function pointName(point) {
  const [server, verb = ""] = point.split(".");
  const named = { "smtp.connect": "fault.point.connect", "smtp.end_of_data": "fault.point.end_of_data", "smtp.after_store": "fault.point.after_store" }[point];
  return named ? t(named) : (server === "smtp" ? "" : server.toUpperCase() + " ") + verb.toUpperCase();
}

/** An effect in few words, a list. */
export function effectWords({ code, enhanced, text, delay, cut, cut_after: after, throttle }) {
  return [
    code ? [code, enhanced, text].filter(Boolean).join(" ") : text,
    delay && t("fault.delays", { time: delay }), cut && t("fault.cuts"), after && t("fault.cuts_after", { n: after }),
    throttle && t("fault.throttles", { n: number(throttle) }),
  ].filter(Boolean);
}

/** Whom a rule concerns, as pairs of a word and a pattern. */
export const conditions = rule => [["to", rule.forward_path], ["from", rule.reverse_path], ["client", rule.client], ["user", rule.user]].filter(([, v]) => v);

/** Whether a rule has struck as often as it may. */
export const spent = rule => rule.times > 0 && rule.struck >= rule.times;
