import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useRef, useState, type ReactNode } from "react";
import { Button, IconButton } from "./Button";
import { cx } from "./cx";
import { Form } from "./Form";
import type { KeyHelp } from "./keys";

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  size?: "sm" | "md" | "lg" | "xl";
  /** Given: the dialog is a form, sent with its submit button or Ctrl/Cmd+Enter. */
  onSubmit?: () => void;
  /** What was typed into it is lost with it: a stray click or Escape asks first. */
  keepsInput?: boolean;
  footer?: ReactNode;
  children?: ReactNode;
}

/** Shortcuts of dialogs that are forms. */
export const FORM_KEYS: readonly KeyHelp[] = [{ group: "In forms", label: "Submit", keys: "mod+enter" }];

const DIALOG_SIZE = { sm: "max-w-md", md: "max-w-lg", lg: "max-w-2xl", xl: "max-w-5xl" } as const;

export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  size = "md",
  onSubmit,
  keepsInput = false,
  footer,
  children,
}: DialogProps) {
  const [touched, setTouched] = useState(false);
  const [asking, setAsking] = useState(false);
  const opener = useRef<Element | null>(null);
  const body = (
    <>
      {children && <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-5 pt-1 pb-5">{children}</div>}
      {asking ? (
        <DiscardQuestion onKeep={() => setAsking(false)} onDiscard={() => onOpenChange(false)} />
      ) : (
        footer && <div className={FOOTER}>{footer}</div>
      )}
    </>
  );
  return (
    <Radix.Root open={open} onOpenChange={(next) => (keepsInput && touched ? setAsking(!asking) : onOpenChange(next))}>
      <Radix.Portal>
        <Radix.Overlay className="animate-fade fixed inset-0 z-50 bg-scrim" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onInput={() => setTouched(true)}
          onOpenAutoFocus={(event) => {
            opener.current = document.activeElement;
            if (onSubmit) return;
            // Else the close button gets the focus, and its tooltip takes the first Escape.
            event.preventDefault();
            (event.currentTarget as HTMLElement | null)?.focus();
          }}
          onCloseAutoFocus={(event) => {
            // Radix knows its own triggers alone. Who has moved the focus on is left there.
            event.preventDefault();
            const isFree = document.activeElement === null || document.activeElement === document.body;
            if (isFree && opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
          }}
          className={cx(
            "animate-pop fixed top-[12vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-32px)] -translate-x-1/2 flex-col rounded-card border border-line bg-raised shadow-3 outline-none",
            DIALOG_SIZE[size],
          )}
        >
          <div className="shrink-0 px-5 pt-4 pr-12 pb-3">
            <div className="min-w-0">
              <Radix.Title className="text-16 font-semibold break-words">{title}</Radix.Title>
              {description && <Radix.Description className="mt-1 text-13 text-muted">{description}</Radix.Description>}
            </div>
          </div>
          {onSubmit ? (
            <Form className="flex min-h-0 flex-1 flex-col" onSubmit={onSubmit}>
              {body}
            </Form>
          ) : (
            body
          )}
          {/* Last in order, so that opening the dialog focuses its content. */}
          <Radix.Close asChild>
            <IconButton label="Close" size="sm" className="absolute top-4 right-4">
              <X size={16} aria-hidden />
            </IconButton>
          </Radix.Close>
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

const FOOTER = "flex shrink-0 flex-wrap items-center justify-end gap-2 border-t border-line px-5 py-3";

function DiscardQuestion({ onKeep, onDiscard }: { onKeep: () => void; onDiscard: () => void }) {
  return (
    <div role="alert" className={FOOTER}>
      <span className="mr-auto text-13 font-medium">Discard what you entered?</span>
      <Button tone="danger-ghost" onClick={onDiscard}>
        Discard
      </Button>
      <Button autoFocus onClick={onKeep}>
        Keep editing
      </Button>
    </div>
  );
}
