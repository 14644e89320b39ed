import { ChevronLeft, ChevronRight } from "lucide-react";
import { Tabs as Radix } from "radix-ui";
import { useCallback, useLayoutEffect, useRef, type ReactNode, type RefObject } from "react";
import { cx } from "./cx";
import { useMoreBeside } from "./useMoreBeside";

export interface TabsProps<T extends string> {
  value: T;
  onChange: (value: T) => void;
  tabs: readonly { value: T; label: ReactNode; badge?: ReactNode; content: ReactNode }[];
  label: string;
  className?: string;
  contentClassName?: string;
  /** Right end of the tab row. */
  actions?: ReactNode;
}

const TAB =
  "relative -mb-px inline-flex h-9 shrink-0 items-center gap-1.5 border-b-2 border-transparent px-0.5 text-13 font-medium text-muted hover:text-text focus-visible:outline-offset-[-2px]";
const FADED = {
  before: "[mask-image:linear-gradient(to_right,transparent_16px,black_44px)]",
  after: "[mask-image:linear-gradient(to_left,transparent_16px,black_44px)]",
  both: "[mask-image:linear-gradient(to_right,transparent_16px,black_44px,black_calc(100%_-_44px),transparent_calc(100%_-_16px))]",
} as const;

export function Tabs<T extends string>({
  value,
  onChange,
  tabs,
  label,
  className,
  contentClassName,
  actions,
}: TabsProps<T>) {
  const row = useRef<HTMLDivElement>(null);
  /** The chosen one is seen, however narrow the row is. */
  const showChosen = useCallback(() => {
    const chosen = row.current?.querySelector("[data-state=active]");
    chosen?.scrollIntoView({ block: "nearest", inline: "center" });
  }, []);
  useLayoutEffect(showChosen, [value, showChosen]);
  const { before, after } = useMoreBeside(row, tabs.length, showChosen);
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => onChange(next as T)}
      className={cx("flex min-h-0 flex-col", className)}
    >
      <div className="flex shrink-0 items-center justify-between gap-3 border-b border-line px-4">
        <div className="relative -mx-1 -mb-px flex min-w-0">
          <Radix.List
            ref={row}
            aria-label={label}
            className={cx(
              "flex min-w-0 gap-4 overflow-x-auto overflow-y-hidden px-1 pb-px [scrollbar-width:none]",
              (before || after) && FADED[before && after ? "both" : before ? "before" : "after"],
            )}
          >
            {tabs.map((tab) => (
              <Radix.Trigger
                key={tab.value}
                value={tab.value}
                className={cx(TAB, "data-[state=active]:border-accent data-[state=active]:text-text")}
              >
                {tab.label}
                {tab.badge !== undefined && tab.badge !== null && (
                  <span className="tnum rounded-full bg-active px-1.5 text-11 text-muted">{tab.badge}</span>
                )}
              </Radix.Trigger>
            ))}
          </Radix.List>
          {before && <More to="left" row={row} />}
          {after && <More to="right" row={row} />}
        </div>
        {actions}
      </div>
      {tabs.map((tab) => (
        <Radix.Content
          key={tab.value}
          value={tab.value}
          className={cx("min-h-0 flex-1 outline-none", contentClassName)}
        >
          {tab.content}
        </Radix.Content>
      ))}
    </Radix.Root>
  );
}

/** That there are more tabs on this side, and the way to them by mouse; the arrow keys reach all without it. */
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
