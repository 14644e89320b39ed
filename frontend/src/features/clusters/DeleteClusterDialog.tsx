import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { useWorkflows } from "@/product";
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
  const workflows = useWorkflows({});
  const users = (workflows.data?.pages ?? [])
    .flatMap((page) => page.results)
    .filter((workflow) => workflow.environments.some((environment) => environment.cluster.id === cluster.id));
  const problem = remove.error ? asProblem(remove.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Disconnect ${cluster.name}`}
      confirmLabel="Disconnect"
      busy={remove.isPending}
      // The live topic removes the cluster, and with it this dialog, before the answer comes: a callback of `mutate`
      // would be lost.
      onConfirm={() => void remove.mutateAsync(cluster.id).then(onDeleted, () => undefined)}
      removed={["The stored credentials", "Live status of everything in it"]}
      kept={[
        "All objects in the cluster",
        ...users.map((workflow) => `Workflow ${workflow.name}, which can no longer run there`),
      ]}
      error={
        problem && (
          <ErrorState inline title="Not disconnected" reason={problem.besides([])} details={problem.describe()} />
        )
      }
    />
  );
}
