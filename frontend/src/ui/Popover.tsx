import { Popover as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";

export interface PopoverProps {
  trigger: ReactElement;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
  align?: "start" | "center" | "end";
  side?: "top" | "right" | "bottom" | "left";
  /** Read aloud as the name of the panel. */
  label: string;
  width?: number;
  children: ReactNode;
}

export function Popover({
  trigger,
  open,
  onOpenChange,
  align = "start",
  side = "bottom",
  label,
  width = 320,
  children,
}: PopoverProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
          style={{ width }}
          className="animate-pop z-50 max-w-[calc(100vw-16px)] rounded-card border border-line bg-raised shadow-3 outline-none"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
