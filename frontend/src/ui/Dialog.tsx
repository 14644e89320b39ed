import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import type { ReactNode } from "react";
import { IconButton } from "./Button";
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
  footer,
  children,
}: DialogProps) {
  const body = (
    <>
      {children && <div className="flex min-h-0 flex-1 flex-col gap-4 overflow-y-auto px-5 pt-1 pb-5">{children}</div>}
      {footer && (
        <div className="flex shrink-0 items-center justify-end gap-2 border-t border-line px-5 py-3">{footer}</div>
      )}
    </>
  );
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay className="animate-fade fixed inset-0 z-50 bg-scrim" />
        <Radix.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          onOpenAutoFocus={(event) => {
            if (onSubmit) return;
            // Else the close button gets the focus, and its tooltip takes the first Escape.
            event.preventDefault();
            (event.currentTarget as HTMLElement | null)?.focus();
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
