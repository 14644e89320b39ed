import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";
import type { Point } from "@/model/records";

export const MENU_ITEM =
  "flex min-h-8 max-w-80 items-center gap-2.5 rounded px-2 py-1 text-13 outline-none select-none data-highlighted:bg-hover";

/** A menu that opens at a point of the window. */
export function PointMenu({
  at,
  label,
  onClose,
  children,
}: {
  at: Point;
  label: string;
  onClose: () => void;
  children: ReactNode;
}) {
  return (
    <DropdownMenu.Root open onOpenChange={(open) => !open && onClose()} modal={false}>
      <DropdownMenu.Trigger asChild>
        <span aria-hidden className="fixed size-px" style={{ left: at.x, top: at.y }} />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          aria-label={label}
          align="start"
          sideOffset={2}
          collisionPadding={8}
          className="animate-pop z-60 min-w-52 rounded-card border border-line bg-raised p-1 shadow-3"
        >
          {children}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
