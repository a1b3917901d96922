// Mailboxes by their special use, RFC 6154.
import { t } from "../../i18n.js";

const uses = { "\\Sent": "sent", "\\Drafts": "drafts", "\\Junk": "junk", "\\Trash": "trash", "\\Archive": "archive", "\\All": "all", "\\Flagged": "flag" };

export const useOf = m => (m.name === "INBOX" ? "inbox" : uses[m.special_use] || "");
export const boxIcon = m => useOf(m) || "folder";
/** The name in the user's language where the mailbox still has its first name. */
export const boxName = m => {
  const use = useOf(m);
  return use && (use === "inbox" || m.name.toLowerCase() === use) ? t("box." + use) : m.name;
};
/** The mailbox of a use, or its usual name. */
export const boxFor = (all, use) => all.find(m => useOf(m) === use)?.name ?? use[0].toUpperCase() + use.slice(1);
