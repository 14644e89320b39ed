import { useState, type ReactNode } from "react";
import { Button } from "./Button";
import { cx } from "./cx";
import { Dialog } from "./Dialog";
import { Field } from "./Field";
import { Input } from "./Input";

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: ReactNode;
  description?: ReactNode;
  /** What is removed, one line each. */
  removed?: readonly ReactNode[];
  /** What is kept, one line each. */
  kept?: readonly ReactNode[];
  /** Choices that change the two lists. */
  children?: ReactNode;
  /** The verb: "Delete workflow". */
  confirmLabel: string;
  onConfirm: () => void;
  busy?: boolean;
  disabled?: boolean;
  error?: ReactNode;
  tone?: "danger" | "primary";
  /** Data is lost: this name must be typed first. */
  typeToConfirm?: string;
}

/** Lists exactly what is removed and what is kept before it asks. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const {
    open,
    onOpenChange,
    title,
    description,
    removed = [],
    kept = [],
    children,
    confirmLabel,
    onConfirm,
    busy,
    disabled,
    error,
    tone = "danger",
    typeToConfirm,
  } = props;
  const [typed, setTyped] = useState("");
  const ready = !disabled && (!typeToConfirm || typed === typeToConfirm);
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => {
        if (!next) setTyped("");
        onOpenChange(next);
      }}
      title={title}
      description={description}
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
