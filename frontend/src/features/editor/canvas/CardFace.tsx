import type { ReactNode } from "react";
import type { NodeStatus } from "@/contract";
import { readyText } from "@/model/card";
import type { NodeDrift } from "@/model/driftWords";
import type { CardMark } from "@/model/markedGraph";
import { KindIcon } from "@/product";
import { cx, TONE_TEXT } from "@/ui";
import { ChangeBar, ChangePill, DriftPill } from "./ChangeMarks";
import { HealthGlyph } from "./HealthGlyph";
import { troubleOf } from "./trouble";
import type { Detail } from "./zoomLevels";

export interface CardFaceProps {
  detail: Detail;
  icon: string;
  name: string;
  label: string;
  line: string;
  status: NodeStatus | undefined;
  /** In the place of the health, of what is nothing in a cluster. */
  light?: (size: number) => ReactNode;
  group: string | undefined;
  /** It differs from what the environment has. */
  undeployed?: boolean;
  /** That a newer build is there than the one that runs. */
  newer?: ReactNode;
  /** What a plan or a comparison says of it. */
  change?: CardMark;
  /** What others changed of it. */
  drift?: NodeDrift;
  /** `toFill`: new, and not filled in yet. */
  wrong: "error" | "warning" | "toFill" | null;
}

/** The content of a card: the further the view is zoomed out, the less and the larger. */
export function CardFace(props: CardFaceProps) {
  const {
    detail,
    icon,
    group,
    name,
    label,
    line,
    status,
    undeployed = false,
    wrong,
    change,
    drift,
    light,
    newer,
  } = props;
  // Where the fields are counted, nothing more is said of it.
  const trouble = troubleOf(status);
  switch (detail) {
    case "full":
      return (
        <>
          <span
            className="kind-mark ml-2.5 flex size-9 shrink-0 items-center justify-center rounded border"
            data-group={group}
          >
            <KindIcon kind={icon} size={20} />
          </span>
          <span className="ml-2.5 min-w-0 flex-1">
            <span className="block truncate text-11 leading-3.5 text-muted" title={label}>
              {label}
              {undeployed && (
                <span
                  title="Changed since it was deployed"
                  className="ml-1.5 inline-block size-1.5 rounded-full bg-accent align-middle"
                />
              )}
              {newer}
            </span>
            <span className="flex font-mono text-13 leading-4.5 font-medium" title={name}>
              <EndKept>{name}</EndKept>
            </span>
            <Line trouble={trouble} failed={status?.health === "failed"} line={line} toFill={wrong === "toFill"} />
          </span>
          <span className="mr-2.5 ml-1.5 flex shrink-0 flex-col items-end gap-0.5">
            {light ? light(15) : <HealthGlyph status={status} size={15} />}
            {status && readyText(status.facts) && (
              <span className="tnum text-12 text-muted">{readyText(status.facts)}</span>
            )}
          </span>
          {wrong && wrong !== "toFill" && <ProblemMark severity={wrong} />}
          {change && <ChangeBar change={change} />}
          {change && <ChangePill change={change} className="-top-4 left-2.5 h-5 px-1.5 text-11" />}
          {drift && (drift.count > 0 || drift.contested) && (
            <DriftPill drift={drift} className="-bottom-3.5 left-2.5 h-5 px-1.5 text-11" />
          )}
        </>
      );
    case "overview":
      return (
        <span className="flex w-full min-w-0 items-center gap-2 px-2.5">
          <span
            className="kind-mark flex size-10 shrink-0 items-center justify-center rounded border"
            data-group={group}
          >
            <KindIcon kind={icon} size={28} />
          </span>
          <OverviewName>{name}</OverviewName>
          {light ? light(28) : <HealthGlyph status={status} size={28} />}
          {wrong && wrong !== "toFill" && <ProblemMark severity={wrong} />}
          {change && <ChangeBar change={change} />}
          {change && <ChangePill change={change} className="-top-5 left-2 h-7.5 px-2.5 text-[19px]" />}
          {drift && (drift.count > 0 || drift.contested) && (
            <DriftPill drift={drift} className="-bottom-4 left-2 h-7.5 px-2.5 text-[19px]" />
          )}
        </span>
      );
    case "far":
      return (
        <span className="flex w-full min-w-0 items-center gap-2.5 px-2.5">
          {change ? (
            <span
              aria-hidden
              className={cx("w-9 shrink-0 text-center font-mono text-[40px] font-bold", TONE_TEXT[change.tone])}
            >
              {change.mark}
            </span>
          ) : light ? (
            light(40)
          ) : status ? (
            <HealthGlyph status={status} size={40} />
          ) : wrong && wrong !== "toFill" ? (
            <span className="size-8 shrink-0 rounded-full bg-bad" />
          ) : (
            <span className="kind-mark shrink-0 rounded" data-group={group}>
              <KindIcon kind={icon} size={38} />
            </span>
          )}
          {change && <ChangeBar change={change} />}
          <span className={cx("min-w-0 flex-1 truncate", change ? "text-[26px] leading-7" : "text-[32px] leading-10")}>
            {name}
            {change && (
              <span className={cx("block truncate text-[24px] leading-6.5", TONE_TEXT[change.tone])}>
                {change.word}
              </span>
            )}
          </span>
        </span>
      );
  }
}

interface LineProps {
  readonly trouble: ReturnType<typeof troubleOf>;
  readonly failed: boolean;
  readonly line: string;
  readonly toFill: boolean;
}

/** What matters most: the trouble if there is any, else what is drawn. */
function Line({ trouble, failed, line, toFill }: LineProps) {
  if (trouble) {
    return (
      <span className={cx("block truncate text-12 leading-4", failed ? "text-bad" : "text-warn")} title={trouble.why}>
        {trouble.word}
      </span>
    );
  }
  if (line === "") return toFill ? <span className="block text-12 leading-4 text-muted italic">to fill in</span> : null;
  const [start, end] = withCount(line);
  return (
    <span className="flex font-mono text-12 leading-4 text-muted" title={line}>
      <span className="min-w-0 truncate">{start}</span>
      {end && <span className="shrink-0 whitespace-pre">{end}</span>}
    </span>
  );
}

const SHORT = 8;

/** "nginx:1.27" and " · ×3": what counts at the end stays where the image before it is cut. */
function withCount(line: string): readonly [start: string, end: string] {
  const at = line.lastIndexOf(" · ");
  return at < 0 || line.length - at > SHORT ? [line, ""] : [line.slice(0, at), line.slice(at)];
}

/** Names of one line in large letters, longer ones on two lines, which end between words where they can. */
function OverviewName({ children: name }: { children: string }) {
  if (name.length <= 8)
    return <span className="min-w-0 flex-1 font-mono text-[22px] leading-7 font-medium">{name}</span>;
  if (name.length > LETTERS && name.length <= SMALL_LETTERS)
    return <span className="min-w-0 flex-1 font-mono text-[16px] leading-5.5 font-medium">{name}</span>;
  return name.length <= 2 * LETTERS ? (
    <span
      className={cx(
        "line-clamp-2 min-w-0 flex-1 font-mono text-[18px] leading-5.5 font-medium",
        hasWordsForTwoLines(name) ? "wrap-anywhere" : "break-all",
      )}
    >
      {name}
    </span>
  ) : (
    <span className="flex min-w-0 flex-1 font-mono text-[18px] leading-5.5 font-medium">
      <EndKept>{name}</EndKept>
    </span>
  );
}

/** That a line of the overview takes, in letters of 18 and of 16 pixels. */
const [LETTERS, SMALL_LETTERS] = [10, 12];

function hasWordsForTwoLines(name: string): boolean {
  const first = name.slice(0, LETTERS).lastIndexOf("-") + 1;
  return first > 0 && name.length - first <= LETTERS;
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
