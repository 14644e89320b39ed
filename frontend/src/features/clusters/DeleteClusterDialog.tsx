import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useDeleteCluster, useShares } from "./queries";

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
  const shares = useShares(cluster.id).data?.results ?? [];
  const names = shares.map((share) => share.name);
  const held = shares.some((share) => share.enforced);
  const problem = remove.error ? asProblem(remove.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Disconnect ${cluster.name}`}
      description="Environments that run on it have to be moved or removed first, and engines that build images in it removed."
      confirmLabel="Disconnect"
      busy={remove.isPending}
      // The live topic removes the cluster, and with it this dialog, before the answer comes: a callback of `mutate`
      // would be lost.
      onConfirm={() => void remove.mutateAsync(cluster.id).then(onDeleted, () => undefined)}
      removed={[
        "The stored credentials",
        "Live status of everything in it, its history and the log of its connection",
        ...(names.length
          ? [`The shares with ${names.join(", ")}${held ? ", and their RoleBindings in the cluster" : ""}`]
          : []),
      ]}
      kept={[
        "All objects in the cluster",
        ...(cluster.auth === "service_account" || cluster.auth === "token"
          ? ["The account whose token it is: delete it in the cluster if nothing else needs it"]
          : []),
        ...(cluster.auth === "oidc"
          ? ["The sign-in, while other clusters of the team use it; else it is forgotten within an hour"]
          : []),
        ...(held && cluster.state !== "ready"
          ? ["RoleBindings of shares, since the cluster does not answer: those with the label kubeorch.dev/share"]
          : []),
      ]}
      error={
        problem && (
          <ErrorState inline title="Not disconnected" reason={problem.besides([])} details={problem.describe()} />
        )
      }
    />
  );
}
