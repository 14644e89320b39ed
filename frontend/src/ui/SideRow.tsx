import { ChevronLeft, ChevronRight } from "lucide-react";
import { useCallback, useLayoutEffect, useRef, type ReactNode, type RefObject } from "react";
import { cx } from "./cx";
import { useMoreBeside, type Beside } from "./useMoreBeside";

const BEFORE = "[mask-image:linear-gradient(to_right,transparent_16px,black_44px)]";
const AFTER = "[mask-image:linear-gradient(to_left,transparent_16px,black_44px)]";
const BOTH =
  "[mask-image:linear-gradient(to_right,transparent_16px,black_44px,black_calc(100%_-_44px),transparent_calc(100%_-_16px))]";

/** What a row that scrolls sideways looks like: it fades out where it goes on. */
export const sideRowClass = ({ before, after }: Beside) =>
  cx(
    "overflow-x-auto overflow-y-hidden [scrollbar-width:none]",
    before && after ? BOTH : before ? BEFORE : after && AFTER,
  );

/** That a row goes on to a side, and the way there by mouse; the keyboard reaches all of it without. */
export function MoreBeside({ beside, row }: { beside: Beside; row: RefObject<HTMLElement | null> }) {
  return (
    <>
      {beside.before && <More to="left" row={row} />}
      {beside.after && <More to="right" row={row} />}
    </>
  );
}

function More({ to, row }: { to: "left" | "right"; row: RefObject<HTMLElement | null> }) {
  const Chevron = to === "left" ? ChevronLeft : ChevronRight;
  return (
    <button
      type="button"
      aria-hidden
      tabIndex={-1}
      title="More tabs"
      onClick={() => row.current?.scrollBy({ left: (to === "left" ? -0.7 : 0.7) * row.current.clientWidth })}
      className={cx(
        "absolute inset-y-0 flex w-6 items-center text-muted hover:text-text",
        to === "left" ? "left-0 justify-start" : "right-0 justify-end",
      )}
    >
      <Chevron size={16} />
    </button>
  );
}

/** A row of links that scrolls sideways where there is little room; the current one (`aria-current`) is seen. */
export function LinkRow({
  label,
  current,
  children,
}: {
  label: string;
  /** What the current one is, so that it is brought into sight when that changes. */
  current: string;
  /** List items. */
  children: readonly ReactNode[];
}) {
  const row = useRef<HTMLUListElement>(null);
  const showCurrent = useCallback(() => {
    row.current?.querySelector("[aria-current=page]")?.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  useLayoutEffect(showCurrent, [current, showCurrent]);
  const beside = useMoreBeside(row, children.length, showCurrent);
  return (
    <nav aria-label={label} className="relative flex shrink-0 border-b border-line px-4">
      <ul ref={row} className={cx("-mb-px flex min-w-0 gap-5 px-1 pb-px", sideRowClass(beside))}>
        {children}
      </ul>
      <MoreBeside beside={beside} row={row} />
    </nav>
  );
}
