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
      // The row goes from the live list before the answer comes, and this dialog with it: a callback of mutate is lost then.
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
