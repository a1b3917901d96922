// Where single letters are text and not shortcuts.

/** True while a key belongs to a field, a dialog, or the browser. */
export function typing(e) {
  if (e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return true;
  const el = e.target;
  if (el.closest?.("dialog[open], [role=menu], [role=listbox]")) return true;
  return el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName) && !/^(checkbox|radio)$/.test(el.type);
}
