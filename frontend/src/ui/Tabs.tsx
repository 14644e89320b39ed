import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { cx } from "./cx";

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
  "relative -mb-px inline-flex h-9 items-center gap-1.5 border-b-2 border-transparent px-0.5 text-13 font-medium text-muted hover:text-text focus-visible:-outline-offset-2";

/** The chosen one is seen, however narrow the row is. */
function intoRow(tab: HTMLButtonElement | null): void {
  tab?.scrollIntoView({ block: "nearest", inline: "center" });
}

export function Tabs<T extends string>({
  value,
  onChange,
  tabs,
  label,
  className,
  contentClassName,
  actions,
}: TabsProps<T>) {
  return (
    <Radix.Root
      value={value}
      onValueChange={(next) => onChange(next as T)}
      className={cx("flex min-h-0 flex-col", className)}
    >
      <div className="flex shrink-0 items-center justify-between gap-3 border-b border-line px-4">
        <Radix.List
          aria-label={label}
          className="-mx-1 -mb-px flex min-w-0 gap-4 overflow-x-auto overflow-y-hidden px-1 pb-px [scrollbar-width:none]"
        >
          {tabs.map((tab) => (
            <Radix.Trigger
              key={tab.value}
              value={tab.value}
              ref={tab.value === value ? intoRow : undefined}
              className={cx(TAB, "data-[state=active]:border-accent data-[state=active]:text-text")}
            >
              {tab.label}
              {tab.badge !== undefined && tab.badge !== null && (
                <span className="tnum rounded-full bg-active px-1.5 text-11 text-muted">{tab.badge}</span>
              )}
            </Radix.Trigger>
          ))}
        </Radix.List>
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
