import { X } from "lucide-react";
import type { ReactNode } from "react";
import { cx } from "./cx";
import { TONE_SOFT, type Tone } from "./tones";

export function Tag({
  children,
  tone,
  mono,
  className,
}: {
  children: ReactNode;
  tone?: Tone;
  mono?: boolean;
  className?: string;
}) {
  return (
    <span
      className={cx(
        "inline-flex h-5 max-w-48 min-w-0 items-center rounded-sm px-1.5 text-12",
        mono && "font-mono text-11",
        tone ? TONE_SOFT[tone] : "border border-line bg-sunken text-muted",
        className,
      )}
    >
      <span className="truncate">{children}</span>
    </span>
  );
}

/** An active filter; its state is in the URL. */
export function FilterChip({ name, children, onRemove }: { name: string; children: ReactNode; onRemove: () => void }) {
  return (
    <span className="inline-flex h-7 max-w-72 items-center gap-1 rounded border border-line-strong bg-surface pl-2 text-12">
      <span className="text-muted">{name}</span>
      <span className="min-w-0 truncate font-medium">{children}</span>
      <button
        type="button"
        aria-label={`Remove the filter ${name}`}
        className="flex h-full w-6 items-center justify-center rounded text-muted hover:text-text"
        onClick={onRemove}
      >
        <X size={12} aria-hidden />
      </button>
    </span>
  );
}

/** Two letters in a circle. */
export function Avatar({ name, size = 24 }: { name: string; size?: number }) {
  const letters = name
    .split(/[\s@._-]+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => word[0]?.toUpperCase())
    .join("");
  return (
    <span
      aria-hidden
      style={{ width: size, height: size }}
      className="inline-flex shrink-0 items-center justify-center rounded-full bg-accent-soft text-11 font-semibold text-accent-text"
    >
      {letters || "?"}
    </span>
  );
}
