import { asProblem } from "@/api";
import type { Registry } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { placeOf } from "./columns";
import { useRemoveRegistry } from "./queries";

export function RemoveRegistryDialog({
  registry,
  onClose,
  onRemoved,
}: {
  registry: Registry;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const remove = useRemoveRegistry();
  const problem = remove.error ? asProblem(remove.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${registry.name}`}
      description={`Builds that push to ${placeOf(registry)} fail from then on, unless another registry here is for it.`}
      confirmLabel="Remove registry"
      busy={remove.isPending}
      onConfirm={() => void remove.mutateAsync(registry.id).then(onRemoved, () => undefined)}
      removed={["The stored credentials"]}
      kept={["All images in the registry", "What runs from them"]}
      error={
        problem && <ErrorState inline title="Not removed" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
