// A list of any length with only the rows in sight in the document.
import { html, useEffect, useLayoutEffect, useRef, useState } from "../vendor/htm-preact.js";

/** Browsers cut off what is taller; beyond it the last rows are out of reach. */
const tallest = 16_000_000;

/**
 * Rows of one height. row(i) renders row i; onRange(first, last) tells what is
 * in sight, so that it can be loaded; focus is scrolled into sight.
 */
export function Virtual({ count, height, row, onRange, focus, label, overscan = 8, setKey }) {
  const ref = useRef();
  const [view, set] = useState({ top: 0, size: 900 });
  useLayoutEffect(() => {
    const el = ref.current;
    const measure = () => set({ top: el.scrollTop, size: el.clientHeight });
    const watch = new ResizeObserver(measure);
    watch.observe(el);
    measure();
    return () => watch.disconnect();
  }, []);
  useEffect(() => { ref.current.scrollTop = 0; }, [setKey]);
  useEffect(() => {
    if (focus === undefined || focus < 0) return;
    const el = ref.current, top = focus * height;
    if (top < el.scrollTop) el.scrollTop = top;
    else if (top + height > el.scrollTop + el.clientHeight) el.scrollTop = top + height - el.clientHeight;
  }, [focus, height]);
  const shown = Math.min(count, Math.floor(tallest / height));
  const first = Math.max(0, Math.floor(view.top / height) - overscan);
  const last = Math.min(shown, Math.ceil((view.top + view.size) / height) + overscan, first + 190);
  useEffect(() => { onRange?.(first, last); }, [first, last, count]);
  const rows = [];
  for (let i = first; i < last; i++) rows.push(row(i));
  return html`<div class="virtual" ref=${ref} onScroll=${() => set({ top: ref.current.scrollTop, size: ref.current.clientHeight })}>
    <div role="list" aria-label=${label} class="virtual-all" style=${{ height: shown * height + "px" }}>
      <div class="virtual-window" role="presentation" style=${{ transform: `translateY(${first * height}px)` }}>${rows}</div></div></div>`;
}
