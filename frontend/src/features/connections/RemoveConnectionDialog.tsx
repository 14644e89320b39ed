import { asProblem } from "@/api";
import type { GitConnection } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { placeOf } from "./columns";
import { useRemoveConnection } from "./queries";

const IN_USE = "git_connection.in_use";

/** Removes a connection. Where sources use it, they are named, and the second answer leaves them without one. */
export function RemoveConnectionDialog({
  connection,
  onClose,
  onRemoved,
}: {
  connection: GitConnection;
  onClose: () => void;
  onRemoved: () => void;
}) {
  const remove = useRemoveConnection();
  const problem = remove.error ? asProblem(remove.error) : null;
  const isInUse = problem?.code === IN_USE;
  const sources = isInUse ? ((problem.extra.sources as string[] | undefined) ?? []) : [];
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${connection.name}`}
      description={
        isInUse
          ? "Sources use it. Remove it all the same, and they read their repositories without signing in."
          : `Private repositories on ${placeOf(connection)} are not read by it any more.`
      }
      confirmLabel={isInUse ? "Remove, and leave them without" : "Remove connection"}
      busy={remove.isPending}
      onConfirm={() => void remove.mutateAsync({ id: connection.id, leave: isInUse }).then(onRemoved, () => undefined)}
      removed={[
        "The stored token and keys",
        ...(sources.length ? [`What opens the repositories of the sources ${sources.join(", ")}`] : []),
      ]}
      kept={["All repositories on the server", "Sources, builds and images"]}
      error={
        problem &&
        !isInUse && <ErrorState inline title="Not removed" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
