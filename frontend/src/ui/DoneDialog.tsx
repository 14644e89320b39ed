import type { ComponentProps } from "react";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

/** Something to read or to copy, until one is done with it. */
export function DoneDialog({
  onClose,
  ...rest
}: Pick<ComponentProps<typeof Dialog>, "title" | "description" | "size" | "children"> & { onClose: () => void }) {
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      footer={
        <Button tone="primary" onClick={onClose}>
          Done
        </Button>
      }
      {...rest}
    />
  );
}
