import type { NodeStatus } from "@/contract";
import { readyText } from "@/model/card";
import { KindIcon } from "@/product";
import { cx } from "@/ui";
import { HealthGlyph } from "./HealthGlyph";
import { troubleOf } from "./trouble";
import type { Detail } from "./zoomLevels";

interface CardFaceProps {
  detail: Detail;
  icon: string;
  name: string;
  label: string;
  line: string;
  status: NodeStatus | undefined;
  wrong: "error" | "warning" | null;
}

/** The content of a card: the further the view is zoomed out, the less and the larger. */
export function CardFace({ detail, icon, name, label, line, status, wrong }: CardFaceProps) {
  const trouble = troubleOf(status);
  switch (detail) {
    case "full":
      return (
        <>
          <span className="ml-3 flex size-8 shrink-0 items-center justify-center rounded border border-line bg-sunken text-muted">
            <KindIcon kind={icon} size={18} />
          </span>
          <span className="ml-2.5 min-w-0 flex-1 py-1">
            <span className="flex font-mono text-13 font-medium" title={name}>
              <EndKept>{name}</EndKept>
            </span>
            {trouble ? (
              <span
                className={cx("block truncate text-12", status?.health === "failed" ? "text-bad" : "text-warn")}
                title={trouble.why}
              >
                {trouble.word}
              </span>
            ) : (
              <span className={cx("block truncate text-12 text-muted", line && "font-mono")} title={line || label}>
                {line || label}
              </span>
            )}
          </span>
          <span className="mr-2.5 ml-1.5 flex shrink-0 flex-col items-end gap-0.5">
            <HealthGlyph status={status} size={15} />
            {status && readyText(status.facts) && (
              <span className="tnum text-12 text-muted">{readyText(status.facts)}</span>
            )}
          </span>
          {wrong && <ProblemMark severity={wrong} />}
        </>
      );
    case "overview":
      return (
        <span className="flex w-full min-w-0 items-center gap-2 px-2.5">
          <KindIcon kind={icon} size={30} className="shrink-0 text-muted" />
          <span className="flex min-w-0 flex-1 font-mono text-[22px] leading-7 font-medium">
            <EndKept>{name}</EndKept>
          </span>
          <HealthGlyph status={status} size={28} />
          {wrong && <ProblemMark severity={wrong} />}
        </span>
      );
    case "far":
      return (
        <span className="flex w-full min-w-0 items-center gap-2.5 px-2.5">
          {status ? (
            <HealthGlyph status={status} size={40} />
          ) : (
            <span className={cx("size-8 shrink-0 rounded-full", wrong ? "bg-bad" : "bg-line-strong")} />
          )}
          <span className="min-w-0 flex-1 truncate text-[32px] leading-10">{name}</span>
        </span>
      );
  }
}

/** Long names mostly differ in their last letters: these are kept, and the middle is cut. */
function EndKept({ children: name }: { children: string }) {
  return (
    <>
      <span className="min-w-0 truncate">{name.slice(0, -5)}</span>
      <span className="shrink-0">{name.slice(-5)}</span>
    </>
  );
}

function ProblemMark({ severity }: { severity: "error" | "warning" }) {
  return (
    <span
      role="img"
      aria-label={severity === "error" ? "has problems" : "has warnings"}
      className={cx(
        "absolute -top-2 -right-2 flex size-4.5 items-center justify-center rounded-full text-11 font-bold",
        severity === "error" ? "bg-bad text-on-bad" : "bg-warn text-surface",
      )}
    >
      !
    </span>
  );
}
