import type { ReactNode } from "react";
import { Button } from "./Button";
import { Dialog, type DialogProps } from "./Dialog";
import { ErrorState, type ErrorStateProps } from "./states";

export interface FormDialogProps extends Pick<DialogProps, "title" | "description" | "size" | "children"> {
  onClose: () => void;
  onSubmit: () => void;
  /** The verb on the button. */
  submit: ReactNode;
  busy?: boolean;
  disabled?: boolean;
  icon?: ReactNode;
  /** Beside the buttons, at the other end. */
  aside?: ReactNode;
  /** Why it was refused, as far as no field shows it. */
  failure?: Pick<ErrorStateProps, "title" | "reason" | "details"> | null | false | "";
}

/** A dialog with a form to submit or cancel. */
export function FormDialog({
  onClose,
  submit,
  busy,
  disabled,
  icon,
  aside,
  failure,
  children,
  ...dialog
}: FormDialogProps) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      {...dialog}
      keepsInput
      footer={
        <>
          {aside}
          <Button tone="ghost" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" tone="primary" busy={busy} disabled={disabled} icon={icon}>
            {submit}
          </Button>
        </>
      }
    >
      {failure && <ErrorState inline {...failure} />}
      {children}
    </Dialog>
  );
}
