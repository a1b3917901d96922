// Line icons, 20 × 20, drawn for this page.
import { html } from "../vendor/htm-preact.js";

const paths = {
  none: "M0 0",
  all: "M3 5.5h14M3 10h14M3 14.5h9",
  inbox: "M3 11.5 5.2 4.6A1 1 0 0 1 6.1 4h7.8a1 1 0 0 1 .9.6L17 11.5V15a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zM3 11.5h4l1 2h4l1-2h4",
  sent: "M17 3 8.5 11.5M17 3l-5 14-3.5-5.5L3 8z",
  drafts: "M4 16l.8-3.4L13.4 4a1.4 1.4 0 0 1 2 0l.6.6a1.4 1.4 0 0 1 0 2L7.4 15.2z",
  junk: "M10 3.2 17.4 16H2.6zM10 8v4M10 13.8v.4",
  trash: "M4 5.5h12M8 5.5V4h4v1.5M5.5 5.5 6.2 16h7.6l.7-10.5M8.5 8.5v5M11.5 8.5v5",
  archive: "M3.5 4.5h13v3h-13zM4.5 7.5V16h11V7.5M8 10.5h4",
  folder: "M3 5.5A1 1 0 0 1 4 4.5h4l1.5 2H16a1 1 0 0 1 1 1V15a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1z",
  contacts: "M10 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM4 16.5c.6-3 3-4.5 6-4.5s5.4 1.5 6 4.5",
  aliases: "M7 8.5a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4zM2.8 15c.3-2.5 2-4 4.2-4s3.9 1.5 4.2 4M13 5.5h4.2M13 9.5h4.2M14.5 13.5h2.7",
  faults: "M11.5 2.5 4.5 11.5h5L8.5 17.5l7-9h-5z",
  sessions: "M3 4.5h14v11H3zM5.8 8l2 2-2 2M10 12.5h3.5",
  queue: "M10 3v9M6.5 8.5 10 12l3.5-3.5M4 16h12",
  webhooks: "M7.5 5.5a2.5 2.5 0 1 1 3.4 2.3l2.6 4.7M5.8 9.8a3 3 0 1 0 3 4.2h4.7M14 12a2.2 2.2 0 1 1-1 4",
  sandboxes: "M10 3l6.5 3.5v7L10 17l-6.5-3.5v-7zM3.5 6.5 10 10l6.5-3.5M10 10v7",
  limits: "M3.5 14a6.5 6.5 0 1 1 13 0M10 14l3.5-5",
  settings: "M3 6h8M15 6h2M3 14h2M9 14h8M13 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  search: "M9 14.5a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11zM13 13l4 4",
  clip: "M14.5 9.5 9.4 14.6a3.2 3.2 0 0 1-4.5-4.5l5.7-5.7a2.1 2.1 0 0 1 3 3l-5.5 5.5a1 1 0 0 1-1.5-1.5l4.8-4.8",
  flag: "M5 17V4M5 4.5h9.5L12.5 8l2 3.5H5",
  close: "M5 5l10 10M15 5 5 15",
  back: "M12 4.5 6.5 10l5.5 5.5",
  next: "M8 4.5 13.5 10 8 15.5",
  down: "M5 7.5l5 5 5-5",
  check: "M4 10.5 8 14.5 16 5.5",
  plus: "M10 4v12M4 10h12",
  reply: "M8 5 3.5 9.5 8 14M4 9.5h7a5 5 0 0 1 5 5v1",
  replyall: "M6.5 5.5 3 9.5l3.5 4M10 5.5l-3.5 4 3.5 4M7 9.5h5a4.5 4.5 0 0 1 4.5 4.5v1",
  forward: "M12 5l4.5 4.5L12 14M16 9.5H9a5 5 0 0 0-5 5v1",
  more: "M5 10h.01M10 10h.01M15 10h.01",
  copy: "M7 7h9v9H7zM13 7V4H4v9h3",
  download: "M10 3.5v9M6.5 9 10 12.5 13.5 9M4 16.5h12",
  open: "M11 4h5v5M16 4l-7 7M8 5H4v11h11v-4",
  menu: "M3 5.5h14M3 10h14M3 14.5h14",
  refresh: "M16 5v4h-4M15.6 9A6 6 0 1 0 16 11.5",
  tag: "M3.5 4h6L17 11.5 11.5 17 4 9.5zM7 7.5h.01",
  seen: "M3 10s2.6-4.5 7-4.5S17 10 17 10s-2.6 4.5-7 4.5S3 10 3 10zM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4z",
  unseen: "M3 6h14v9H3zM3 6l7 5.5L17 6M15.5 4.5h.01",
  move: "M3 5.5A1 1 0 0 1 4 4.5h4l1.5 2H16a1 1 0 0 1 1 1V15a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1zM7.5 11.5h5M10.5 9.5l2 2-2 2",
  help: "M7.5 7.5a2.5 2.5 0 1 1 3.6 2.2c-.8.4-1.1.9-1.1 1.8M10 14.5v.01",
  warn: "M10 3.2 17.4 16H2.6zM10 8v4M10 13.8v.4",
  phone: "M6.5 3h7v14h-7zM9.5 15h1",
  tablet: "M4.5 3.5h11v13h-11zM9.5 14.5h1",
  desktop: "M3 4.5h14v9H3zM7 16.5h6",
  sun: "M10 13a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM10 2.5v1.8M10 15.7v1.8M2.5 10h1.8M15.7 10h1.8M4.7 4.7 6 6M14 14l1.3 1.3M15.3 4.7 14 6M6 14l-1.3 1.3",
  moon: "M16 11.5A6.5 6.5 0 1 1 8.5 4a5 5 0 0 0 7.5 7.5z",
  link: "M8.5 11.5a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2l-1 1M11.5 8.5a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2l1-1",
  relay: "M3 10h9M9 6.5 12.5 10 9 13.5M14 4.5h3v11h-3",
  play: "M6.5 4.5v11l9-5.5z",
  pause: "M7 5v10M13 5v10",
  out: "M8 4H4v12h4M8 10h9M13.5 6.5 17 10l-3.5 3.5",
};

/** One icon; it says nothing to a screen reader, its button does. */
export function Icon({ name, label }) {
  return html`<svg class="icon" viewBox="0 0 20 20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round"
    stroke-linejoin="round" role=${label ? "img" : undefined} aria-label=${label} aria-hidden=${label ? undefined : "true"}>
    ${label && html`<title>${label}</title>`}<path d=${paths[name] || paths.folder} /></svg>`;
}
