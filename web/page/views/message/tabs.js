// The tabs of a message, in order.
import { Assert } from "./assert.js";
import { Envelope } from "./envelope.js";
import { Finds } from "./finds.js";
import { Headers } from "./headers.js";
import { Preview } from "./preview.js";
import { Source, Text, Transcript } from "./plain.js";
import { Structure } from "./structure.js";
import { Warnings } from "./warnings.js";

export const tabs = (m, links, codes) => [
  { id: "html", view: Preview, hidden: m.html === null },
  { id: "text", view: Text },
  { id: "finds", view: Finds, count: links.filter(l => l.kind !== "image").length + codes.length },
  { id: "headers", view: Headers },
  { id: "structure", view: Structure },
  { id: "source", view: Source },
  { id: "envelope", view: Envelope },
  { id: "transcript", view: Transcript, hidden: !m.envelope.session_id },
  { id: "warnings", view: Warnings, hidden: !m.warnings.length, count: m.warnings.length, kind: "warn" },
  { id: "assert", view: Assert },
];
