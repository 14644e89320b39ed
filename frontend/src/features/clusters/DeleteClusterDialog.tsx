import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useDeleteCluster } from "./queries";

export function DeleteClusterDialog({
  cluster,
  onClose,
  onDeleted,
}: {
  cluster: Cluster;
  onClose: () => void;
  onDeleted: () => void;
}) {
  const remove = useDeleteCluster();
  const problem = remove.error ? asProblem(remove.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Disconnect ${cluster.name}`}
      description="Environments that run on it have to be moved or removed first."
      confirmLabel="Disconnect"
      busy={remove.isPending}
      // The live topic removes the cluster, and with it this dialog, before the answer comes: a callback of `mutate`
      // would be lost.
      onConfirm={() => void remove.mutateAsync(cluster.id).then(onDeleted, () => undefined)}
      removed={["The stored credentials", "Live status of everything in it"]}
      kept={["All objects in the cluster"]}
      error={
        problem && (
          <ErrorState inline title="Not disconnected" reason={problem.besides([])} details={problem.describe()} />
        )
      }
    />
  );
}
