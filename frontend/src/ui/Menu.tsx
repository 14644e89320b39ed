import { DropdownMenu } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import { cx } from "./cx";
import { Kbd } from "./Kbd";

export interface MenuItem {
  type?: "item";
  label: ReactNode;
  icon?: ReactNode;
  hint?: ReactNode;
  shortcut?: string;
  danger?: boolean;
  disabled?: boolean;
  /** Shows a tick. */
  checked?: boolean;
  onSelect: () => void;
}
export type MenuEntry = MenuItem | { type: "separator" } | { type: "label"; label: ReactNode };

export interface MenuProps {
  /** The button that opens it. */
  trigger: ReactElement;
  entries: readonly (MenuEntry | false | null | undefined)[];
  align?: "start" | "center" | "end";
  side?: "top" | "right" | "bottom" | "left";
  minWidth?: number;
}

export function Menu({ trigger, entries, align = "end", side = "bottom", minWidth = 200 }: MenuProps) {
  return (
    <DropdownMenu.Root modal={false}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align={align}
          side={side}
          sideOffset={4}
          collisionPadding={8}
          style={{ minWidth }}
          className="animate-pop z-60 max-h-(--radix-dropdown-menu-content-available-height) max-w-[min(24rem,calc(100vw-16px))] overflow-y-auto rounded-card border border-line bg-raised p-1 shadow-3"
        >
          {entries.map((entry, index) => {
            if (!entry) return null;
            switch (entry.type) {
              case "separator":
                return <DropdownMenu.Separator key={index} className="my-1 h-px bg-line" />;
              case "label":
                return (
                  <DropdownMenu.Label key={index} className="px-2 py-1 text-12 text-muted">
                    {entry.label}
                  </DropdownMenu.Label>
                );
              default:
                return (
                  <DropdownMenu.Item
                    key={index}
                    disabled={entry.disabled}
                    onSelect={entry.onSelect}
                    onClick={(event) => event.stopPropagation()}
                    className={cx(
                      "flex min-h-8 items-center gap-2.5 rounded px-2 py-1 text-13 outline-none select-none data-disabled:opacity-50",
                      entry.danger ? "text-bad data-highlighted:bg-bad-soft" : "data-highlighted:bg-hover",
                    )}
                  >
                    {entry.icon && (
                      <span
                        className={cx(
                          "flex size-4 shrink-0 items-center justify-center",
                          !entry.danger && "text-muted",
                        )}
                      >
                        {entry.icon}
                      </span>
                    )}
                    <span className="min-w-0 flex-1">
                      <span className="block truncate">{entry.label}</span>
                      {entry.hint && <span className="block text-12 text-muted">{entry.hint}</span>}
                    </span>
                    {entry.checked && (
                      <span className="text-accent-text" aria-label="chosen">
                        ✓
                      </span>
                    )}
                    {entry.shortcut && <Kbd keys={entry.shortcut} />}
                  </DropdownMenu.Item>
                );
            }
          })}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
