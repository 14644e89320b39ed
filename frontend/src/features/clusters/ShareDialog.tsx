import { useState } from "react";
import { asProblem } from "@/api";
import type { Cluster } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useUpdateCluster } from "./queries";

/** Lets every team use a cluster, or ends that. */
export function ShareDialog({ cluster, onClose }: { cluster: Cluster; onClose: () => void }) {
  const update = useUpdateCluster();
  const problem = update.error ? asProblem(update.error) : null;
  // The live topic may tell of the change before the answer comes: the question stays what it was.
  const [ends] = useState(cluster.shared);
  const others = `teams other than ${cluster.team?.name ?? "its own"}`;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      tone={ends ? "danger" : "primary"}
      title={ends ? `Stop sharing ${cluster.name}` : `Share ${cluster.name} with every team`}
      description={
        ends
          ? undefined
          : "Every team of this server may then run workflows there, each in namespaces that its own runs make. What is there already stays yours."
      }
      confirmLabel={ends ? "Stop sharing" : "Share"}
      busy={update.isPending}
      onConfirm={() => update.mutate({ id: cluster.id, shared: !ends }, { onSuccess: onClose })}
      removed={ends ? [`The right of ${others} to see it and to run there`] : []}
      kept={ends ? [`What ${others} have in the cluster, and their environments; their runs are refused`] : []}
      error={
        problem && (
          <ErrorState
            inline
            title={ends ? "It is still shared" : "It was not shared"}
            reason={problem.besides([])}
            details={problem.describe()}
          />
        )
      }
    />
  );
}
