import { asProblem } from "@/api";
import type { Cluster, Share } from "@/contract";
import { ConfirmDialog, ErrorState, toast } from "@/ui";
import { useEndShare } from "./queries";

/** Ends a share at once, after saying what stays in the cluster. */
export function EndShareDialog({ cluster, share, onClose }: { cluster: Cluster; share: Share; onClose: () => void }) {
  const end = useEndShare(cluster.id);
  const problem = end.error ? asProblem(end.error) : null;
  const stays = share.stays.length
    ? [`What ${share.name} has in ${share.stays.join(", ")}, and those environments; their runs are refused`]
    : [];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`End the share with ${share.name}`}
      description="It ends at once: open pages, logs and terminals close, and runs are refused."
      confirmLabel="End share"
      busy={end.isPending}
      onConfirm={() =>
        void end.mutateAsync(share.id).then(
          ({ bindings_left }) => {
            onClose();
            if (bindings_left.length)
              toast({
                tone: "warn",
                title: "The share has ended; the cluster did not answer",
                detail: `Its RoleBindings in ${bindings_left.join(", ")} are removed once the cluster answers. Nobody acts by them.`,
              });
          },
          () => undefined,
        )
      }
      removed={[
        `The right of ${share.name} to see the cluster and to work there`,
        ...(share.enforced ? ["The RoleBindings of the share"] : []),
      ]}
      kept={stays}
      error={problem && <ErrorState inline title="It is still shared" reason={problem.besides([])} />}
    />
  );
}
