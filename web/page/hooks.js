// The binding of signals to components, and small hooks that views share.
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from "./vendor/htm-preact.js";
import { effect } from "./vendor/signals-core.js";

/** Reads a signal and renders again when it changes. */
export function use(sig) {
  const [value, set] = useState(sig.peek());
  useEffect(() => effect(() => {
    const next = sig.value;
    set(() => next);
  }), [sig]);
  return value;
}

/**
 * Loads something and keeps it: {data, error, loading, reload}. What an older
 * call answers is dropped.
 */
export function useLoad(load, deps) {
  const [state, set] = useState({ loading: true });
  const turn = useRef(0);
  const run = useCallback(keep => {
    const mine = ++turn.current;
    set(s => ({ data: keep ? s.data : undefined, loading: true }));
    return Promise.resolve().then(load).then(
      data => turn.current === mine && set({ data, loading: false }),
      error => turn.current === mine && set(s => ({ data: keep ? s.data : undefined, error, loading: false })),
    );
  }, deps);
  useEffect(() => {
    run(false);
    return () => { turn.current++; };
  }, [run]);
  const reload = useCallback(() => run(true), [run]);
  return { ...state, reload };
}

/** Calls fn when the tab is looked at again, and every `seconds` while it is: for what no event tells. */
export function useFresh(fn, seconds = 0) {
  useEffect(() => {
    const look = () => document.hidden || fn();
    const timer = seconds && setInterval(look, seconds * 1000);
    document.addEventListener("visibilitychange", look);
    addEventListener("focus", look);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", look);
      removeEventListener("focus", look);
    };
  }, [fn, seconds]);
}

/** Renders again every `seconds`, for relative times. */
export function useTick(seconds) {
  const [, set] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => set(n => n + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, [seconds]);
}

/** True while the media query holds. */
export function useMedia(text) {
  const [holds, set] = useState(() => matchMedia(text).matches);
  useEffect(() => {
    const media = matchMedia(text);
    const change = () => set(media.matches);
    change();
    media.addEventListener("change", change);
    return () => media.removeEventListener("change", change);
  }, [text]);
  return holds;
}

/** Calls fn with the document's keydown events while the component is there. */
export function useKeys(fn) {
  const last = useRef(fn);
  last.current = fn;
  useLayoutEffect(() => {
    const down = e => last.current(e);
    addEventListener("keydown", down);
    return () => removeEventListener("keydown", down);
  }, []);
}
