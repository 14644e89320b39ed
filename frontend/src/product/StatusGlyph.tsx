import type { ReactNode } from "react";
import { cx, TONE_SOFT, TONE_TEXT, Tooltip, type Tone } from "@/ui";
import { STATUS, type AnyStatus, type StatusShape } from "./status";

function shapeOf(shape: StatusShape, hollow: boolean): ReactNode {
  const line = {
    fill: "none",
    stroke: "currentColor",
    strokeWidth: 1.6,
    strokeLinecap: "round",
    strokeLinejoin: "round",
  } as const;
  const body = hollow ? { ...line, strokeDasharray: "2 2.2" } : { fill: "currentColor" };
  const on = hollow ? line : { ...line, stroke: "var(--surface)", strokeWidth: 1.8 };
  switch (shape) {
    case "dot":
      return <circle cx="8" cy="8" r="5" {...body} />;
    case "half":
      return (
        <>
          <circle cx="8" cy="8" r="5.2" {...line} />
          <path d="M8 4.6a3.4 3.4 0 0 1 0 6.8z" fill="currentColor" />
        </>
      );
    case "triangle":
      return <path d="M8 2.6 14 13H2z" {...body} strokeLinejoin="round" />;
    case "square":
      return <rect x="3" y="3" width="10" height="10" rx="1.5" {...body} />;
    case "pause":
      return (
        <>
          <rect x="4" y="3.5" width="2.8" height="9" rx="1" {...body} />
          <rect x="9.2" y="3.5" width="2.8" height="9" rx="1" {...body} />
        </>
      );
    case "ring":
      return <circle cx="8" cy="8" r="5.2" {...line} strokeDasharray="2.3 1.8" />;
    case "question":
      return (
        <>
          <circle cx="8" cy="8" r="6" {...body} />
          <path d="M6.3 6.4a1.75 1.75 0 1 1 2.5 1.6c-.5.25-.8.6-.8 1.1M8 11.2v.05" {...on} />
        </>
      );
    case "check":
      return (
        <>
          <circle cx="8" cy="8" r="6" {...body} />
          <path d="m5.4 8.2 1.8 1.8 3.5-3.8" {...on} />
        </>
      );
    case "stop":
      return (
        <>
          <circle cx="8" cy="8" r="5.4" {...line} />
          <path d="m4.4 11.6 7.2-7.2" {...line} />
        </>
      );
    case "dash":
      return (
        <>
          <circle cx="8" cy="8" r="5.4" {...line} />
          <path d="M5.4 8h5.2" {...line} />
        </>
      );
    case "equals":
      return <path d="M4 6.2h8M4 9.8h8" {...line} />;
    case "diamond":
      return <path d="M8 2.8 13.2 8 8 13.2 2.8 8z" {...line} />;
    case "skip":
      return <path d="m3.4 4.4 3.6 3.6-3.6 3.6M8.2 4.4l3.6 3.6-3.6 3.6M13.2 4v8" {...line} />;
    case "back":
      return <path d="M6.2 3.4 2.8 6.8l3.4 3.4M3.2 6.8h6.6a3 3 0 0 1 0 6H6.4" {...line} />;
    case "box":
      return <path d="M2.8 3.4h10.4v3H2.8zM3.8 6.4v6.2h8.4V6.4M6.6 9h2.8" {...line} />;
  }
}

export interface StatusGlyphProps {
  status: AnyStatus;
  /** Shown beside the glyph; with false it is only read aloud. */
  word?: boolean | ReactNode;
  /** A sentence for hover. */
  reason?: ReactNode;
  /** The last known state, which may have changed since: the glyph is drawn hollow. */
  stale?: boolean;
  size?: number;
  className?: string;
}

export function StatusGlyph({ status, word = true, reason, stale = false, size = 14, className }: StatusGlyphProps) {
  const look = STATUS[status] ?? STATUS.unknown;
  const tone = toneOf(look.tone, stale);
  const said = typeof word === "boolean" ? look.word : word;
  const mark = (
    <span className={cx("inline-flex min-w-0 items-center gap-1.5 whitespace-nowrap", className)}>
      <svg
        viewBox="0 0 16 16"
        width={size}
        height={size}
        className={cx("shrink-0", TONE_TEXT[tone], look.moving && !stale && "animate-spin-slow")}
        {...(word === false
          ? { role: "img", "aria-label": stale ? `${look.word}, stale` : look.word }
          : { "aria-hidden": true })}
      >
        {shapeOf(look.shape, stale)}
      </svg>
      {word !== false && <span className="truncate">{said}</span>}
    </span>
  );
  return reason ? <Tooltip text={reason}>{mark}</Tooltip> : mark;
}

/** Stale facts are never shown as healthy or in progress. */
function toneOf(tone: Tone, stale = false): Tone {
  return stale && (tone === "ok" || tone === "busy") ? "idle" : tone;
}

/** The same in a soft pill, for titles. */
export function StatusPill(props: Omit<StatusGlyphProps, "className">) {
  const look = STATUS[props.status] ?? STATUS.unknown;
  return (
    <span
      className={cx(
        "inline-flex h-5.5 items-center rounded-full px-2 text-12 font-medium",
        TONE_SOFT[toneOf(look.tone, props.stale)],
      )}
    >
      <StatusGlyph {...props} size={props.size ?? 12} />
    </span>
  );
}
