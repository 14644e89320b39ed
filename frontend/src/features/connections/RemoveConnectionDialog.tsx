import { asProblem } from "@/api";
import type { GitConnection } from "@/contract";
import { ConfirmDialog, ErrorState } from "@/ui";
import { placeOf } from "./columns";
import { useRemoveConnection, useSourcesUsing } from "./queries";

const IN_USE = "git_connection.in_use";

/** Removes a connection. Sources that use it are named first, and go on without one; one that began meanwhile, too. */
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
  const using = useSourcesUsing(connection.id);
  const sources = isInUse ? ((problem.extra.sources as string[] | undefined) ?? []) : (using.data ?? []);
  const isUsed = sources.length > 0;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`Remove ${connection.name}`}
      description={
        isUsed
          ? "Sources use it. Remove it all the same, and they read their repositories without signing in."
          : `Private repositories on ${placeOf(connection)} are not read by it any more.`
      }
      confirmLabel={isUsed ? "Remove, and leave them without" : "Remove connection"}
      busy={remove.isPending || using.isPending}
      onConfirm={() => void remove.mutateAsync({ id: connection.id, leave: isUsed }).then(onRemoved, () => undefined)}
      removed={[
        "The stored token and keys",
        ...(connection.oauth?.signed_in_at ? ["The sign-in; take it back at the git server, too"] : []),
        ...(isUsed ? [`What opens the repositories of the sources ${sources.join(", ")}`] : []),
      ]}
      kept={["All repositories on the server", "Sources, builds and images"]}
      error={
        problem &&
        !isInUse && <ErrorState inline title="Not removed" reason={problem.besides([])} details={problem.describe()} />
      }
    />
  );
}
