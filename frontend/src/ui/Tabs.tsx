import { Tabs as Radix } from "radix-ui";
import { useCallback, useLayoutEffect, useRef, type ReactNode } from "react";
import { cx } from "./cx";
import { MoreBeside, sideRowClass } from "./SideRow";
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
  const beside = useMoreBeside(row, tabs.length, showChosen);
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
            className={cx("flex min-w-0 gap-4 px-1 pb-px", sideRowClass(beside))}
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
          <MoreBeside beside={beside} row={row} />
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
