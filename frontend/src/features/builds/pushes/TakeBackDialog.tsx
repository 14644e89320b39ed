import type { Source } from "@/contract";
import { explain } from "@/product";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useRemovePushAddress } from "../queries";

/** What pushes do from then on, before the address ends. */
export function TakeBackDialog({ source, onClose }: { source: Source; onClose: () => void }) {
  const remove = useRemovePushAddress(source.id);
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Take the address of ${source.name} back?`}
      description="It cannot be had back: to build on push again, give the git host a new one."
      removed={["The address: calls of the git host are refused from now on", "The list of its last calls"]}
      kept={["The source, its builds and their images", "The webhook at the git host, until you remove it there"]}
      confirmLabel="Take the address back"
      busy={remove.isPending}
      onConfirm={() => remove.mutate(undefined, { onSuccess: onClose })}
      error={remove.error && <ErrorState inline title="The address was not taken back" {...explain(remove.error)} />}
    />
  );
}
