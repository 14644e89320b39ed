import { X } from "lucide-react";
import { Dialog as RadixDialog, DropdownMenu, Popover as RadixPopover } from "radix-ui";
import { useState, type FormEvent, type ReactElement, type ReactNode } from "react";
import { Button, IconButton } from "./Button";
import { cx } from "./cx";
import { Field } from "./Field";
import { Input } from "./inputs";
import { Kbd } from "./Kbd";
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

/** Answered by a dialog that is a form. */
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
    <RadixDialog.Root open={open} onOpenChange={onOpenChange}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="animate-fade fixed inset-0 z-50 bg-scrim" />
        <RadixDialog.Content
          {...(description ? {} : { "aria-describedby": undefined })}
          className={cx(
            "animate-pop fixed top-[12vh] left-1/2 z-50 flex max-h-[80vh] w-[calc(100vw-32px)] -translate-x-1/2 flex-col rounded-card border border-line bg-raised shadow-3 outline-none",
            DIALOG_SIZE[size],
          )}
        >
          <div className="shrink-0 px-5 pt-4 pr-12 pb-3">
            <div className="min-w-0">
              <RadixDialog.Title className="text-16 font-semibold break-words">{title}</RadixDialog.Title>
              {description && (
                <RadixDialog.Description className="mt-1 text-13 text-muted">{description}</RadixDialog.Description>
              )}
            </div>
          </div>
          {onSubmit ? (
            // Ctrl/Cmd+Enter sends the form from any of its fields.
            // eslint-disable-next-line jsx-a11y/no-noninteractive-element-interactions
            <form
              className="flex min-h-0 flex-1 flex-col"
              noValidate
              onSubmit={(event: FormEvent) => {
                event.preventDefault();
                event.stopPropagation();
                onSubmit();
              }}
              onKeyDown={(event) => {
                if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
                  event.preventDefault();
                  onSubmit();
                }
              }}
            >
              {body}
            </form>
          ) : (
            body
          )}
          {/* Last in order, so that opening puts the focus on what the dialog is about. */}
          <RadixDialog.Close asChild>
            <IconButton label="Close" size="sm" className="absolute top-4 right-4">
              <X size={16} aria-hidden />
            </IconButton>
          </RadixDialog.Close>
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  /** What is taken away, one line each. */
  removed?: readonly ReactNode[];
  /** What is left as it is, one line each. */
  kept?: readonly ReactNode[];
  /** Choices that change the two lists. */
  children?: ReactNode;
  /** The verb: "Delete workflow". */
  confirmLabel: string;
  onConfirm: () => void;
  busy?: boolean;
  error?: ReactNode;
  tone?: "danger" | "primary";
  /** Data dies: this name must be typed first. */
  typeToConfirm?: string;
}

/** Names exactly what is removed and what is kept before it asks. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    open,
    onOpenChange,
    title,
    removed = [],
    kept = [],
    children,
    confirmLabel,
    onConfirm,
    busy,
    error,
    tone = "danger",
    typeToConfirm,
  } = props;
  const [typed, setTyped] = useState("");
  const ready = !typeToConfirm || typed === typeToConfirm;
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) setTyped("");
        onOpenChange(next);
      }}
      title={title}
      onSubmit={() => ready && !busy && onConfirm()}
      footer={
        <>
          <Button tone="ghost" onClick={() => onOpenChange(false)}>
            Cancel
          </Button>
          <Button type="submit" tone={tone} busy={busy} disabled={!ready}>
            {confirmLabel}
          </Button>
        </>
      }
    >
      {children}
      {removed.length > 0 && <ConsequenceList title="Removed" tone="text-bad" mark="−" lines={removed} />}
      {kept.length > 0 && <ConsequenceList title="Kept" tone="text-ok" mark="✓" lines={kept} />}
      {typeToConfirm && (
        <Field label={<>Type {<code className="font-mono">{typeToConfirm}</code>} to confirm</>}>
          <Input mono value={typed} onChange={(event) => setTyped(event.target.value)} autoFocus />
        </Field>
      )}
      {error}
    </Dialog>
  );
}

function ConsequenceList({
  title,
  tone,
  mark,
  lines,
}: {
  title: string;
  tone: string;
  mark: string;
  lines: readonly ReactNode[];
}) {
  return (
    <section>
      <h3 className="mb-1 text-12 font-medium text-muted">{title}</h3>
      <ul className="max-h-56 overflow-y-auto rounded border border-line bg-sunken py-1">
        {lines.map((line, index) => (
          <li key={index} className="flex gap-2 px-3 py-1 text-13">
            <span className={cx("w-3 shrink-0 text-center font-mono", tone)} aria-hidden>
              {mark}
            </span>
            <span className="min-w-0 break-words">{line}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

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
          className="animate-pop z-60 max-h-(--radix-dropdown-menu-content-available-height) max-w-96 overflow-y-auto rounded-card border border-line bg-raised p-1 shadow-3"
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
    <RadixPopover.Root open={open} onOpenChange={onOpenChange}>
      <RadixPopover.Trigger asChild>{trigger}</RadixPopover.Trigger>
      <RadixPopover.Portal>
        <RadixPopover.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          aria-label={label}
          style={{ width }}
          className="animate-pop z-50 max-w-[calc(100vw-16px)] rounded-card border border-line bg-raised shadow-3 outline-none"
        >
          {children}
        </RadixPopover.Content>
      </RadixPopover.Portal>
    </RadixPopover.Root>
  );
}
