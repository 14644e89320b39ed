import { Tooltip as Radix } from "radix-ui";
import type { FocusEvent, ReactElement, ReactNode } from "react";
import { Kbd } from "./Kbd";

export interface TooltipProps {
  text: ReactNode;
  shortcut?: string;
  side?: "top" | "right" | "bottom" | "left";
  /** The element it explains; must take a ref and spread props. */
  children: ReactElement;
}

export function Tooltip({ text, shortcut, side = "bottom", children }: TooltipProps) {
  if (!text) return children;
  return (
    <Radix.Root>
      <Radix.Trigger asChild onFocus={staySilent}>
        {children}
      </Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          side={side}
          sideOffset={6}
          collisionPadding={8}
          className="animate-fade z-60 flex max-w-80 items-center gap-2 rounded border border-line bg-raised px-2 py-1 text-12 text-text shadow-2"
        >
          <span className="break-words">{text}</span>
          {shortcut && <Kbd keys={shortcut} />}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A menu or dialog that closes returns the focus to its trigger, which must not open the tooltip. */
function staySilent(event: FocusEvent<HTMLElement>): void {
  const from = event.relatedTarget;
  const handedBack = from === null || (from instanceof Element && from.closest("[role=menu], [role=dialog]") !== null);
  if (handedBack && event.currentTarget.hasAttribute("aria-haspopup")) event.preventDefault();
}

export const TooltipProvider = Radix.Provider;
