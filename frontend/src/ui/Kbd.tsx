import { cx } from "./cx";

const isMac = typeof navigator !== "undefined" && /Mac|iPhone|iPad/.test(navigator.platform);
const GLYPH: Record<string, string> = isMac
  ? {
      mod: "⌘",
      shift: "⇧",
      alt: "⌥",
      enter: "↵",
      esc: "Esc",
      up: "↑",
      down: "↓",
      left: "←",
      right: "→",
      plus: "+",
      backspace: "⌫",
    }
  : {
      mod: "Ctrl",
      shift: "Shift",
      alt: "Alt",
      enter: "Enter",
      esc: "Esc",
      up: "↑",
      down: "↓",
      left: "←",
      right: "→",
      plus: "+",
      backspace: "⌫",
    };

/** Keys as "mod+k" (mod = ⌘ or Ctrl) or a sequence "g w". */
export function Kbd({ keys, className }: { keys: string; className?: string }) {
  return (
    <span className={cx("inline-flex shrink-0 items-center gap-0.5", className)} aria-hidden>
      {keys.split(/[+ ]/).map((key, index) => (
        <kbd
          key={index}
          className="inline-flex h-4.5 min-w-4.5 items-center justify-center rounded-sm border border-line-strong bg-sunken px-1 font-sans text-11 text-muted"
        >
          {GLYPH[key] ?? (key.length === 1 ? key.toUpperCase() : key)}
        </kbd>
      ))}
    </span>
  );
}
