/**
 * Keys in words: "mod+k" (mod = ⌘ on a Mac, Ctrl elsewhere), "shift+mod+z", "g w" (one after the other), "?", "plus".
 * Named as `KeyboardEvent.key` is, in lower case; "esc", "up", "down", "left", "right" and "plus" for short.
 */
const NAMED: Readonly<Record<string, string>> = {
  esc: "escape",
  up: "arrowup",
  down: "arrowdown",
  left: "arrowleft",
  right: "arrowright",
  plus: "+",
  space: " ",
};

type Pressed = Pick<KeyboardEvent, "key" | "ctrlKey" | "metaKey" | "altKey" | "shiftKey">;

/** True when the event is this step of keys. Shift is ignored for signs that need it on some keyboards ("?"). */
export function matchesKeys(event: Pressed, step: string): boolean {
  const modifiers = step.toLowerCase().split("+");
  const name = modifiers.pop() ?? "";
  const key = NAMED[name] ?? name;
  if (event.key.toLowerCase() !== key) return false;
  if (modifiers.includes("mod") !== (event.ctrlKey || event.metaKey)) return false;
  const isSign = key.length === 1 && !/[\p{L}\s]/u.test(key);
  if (!isSign && modifiers.includes("shift") !== event.shiftKey) return false;
  return isSign || modifiers.includes("alt") === event.altKey;
}

/** True when the last events are these keys: "g w" needs two. */
export function endsWith(pressed: readonly Pressed[], keys: string): boolean {
  const steps = keys.split(" ");
  const last = pressed.slice(-steps.length);
  return last.length === steps.length && last.every((event, at) => matchesKeys(event, steps[at] ?? ""));
}

const OWN_KEYS =
  "input, textarea, select, [contenteditable=true], .monaco-editor, [role=dialog], [role=menu], [role=listbox], [role=combobox]";

/** A shortcut that a component handles itself, for the list of shortcuts. */
export interface KeyHelp {
  group: string;
  label: string;
  keys: string;
}

/** True in a field, menu or dialog, which handle keys themselves. */
export function ownsKeys(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest(OWN_KEYS) !== null;
}
