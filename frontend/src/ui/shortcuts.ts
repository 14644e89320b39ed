import { useEffect, useRef } from "react";

/** In a field, keys are text; only shortcuts with Ctrl/Cmd may act there. */
export function isTyping(target: EventTarget | null): boolean {
  const element = target as HTMLElement | null;
  return Boolean(element?.closest?.("input, textarea, select, [contenteditable=true], .monaco-editor"));
}

/** True when the event is `keys`: "mod+k", "shift+/", "n". mod = ⌘ on a Mac, Ctrl elsewhere. */
export function matchesKeys(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.toLowerCase().split("+");
  const key = parts.pop() ?? "";
  const wantsMod = parts.includes("mod");
  const mod = event.metaKey || event.ctrlKey;
  if (wantsMod !== mod || parts.includes("alt") !== event.altKey) return false;
  if (parts.includes("shift") && !event.shiftKey) return false;
  return event.key.toLowerCase() === key;
}

/** A shortcut of the page while the component stands; sequences as "g w" (second key within 1.2 s). */
export function useShortcut(keys: string, act: (event: KeyboardEvent) => void, enabled = true): void {
  const latest = useRef(act);
  useEffect(() => {
    latest.current = act;
  });
  useEffect(() => {
    if (!enabled) return;
    const steps = keys.split(" ");
    let step = 0;
    let since = 0;
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (isTyping(event.target) && !keys.includes("mod+")) return;
      const now = performance.now();
      if (step > 0 && now - since > 1200) step = 0;
      if (!matchesKeys(event, steps[step] ?? "")) {
        step = 0;
        return;
      }
      step += 1;
      since = now;
      if (step < steps.length) return;
      step = 0;
      event.preventDefault();
      latest.current(event);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [keys, enabled]);
}
