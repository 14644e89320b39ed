import { useState } from "react";
import { asProblem, fetchGraph } from "@/api";
import type { Version } from "@/contract";
import { documentFromLists } from "@/model/records";
import { sentence } from "@/model/words";
import { ConfirmDialog, ErrorState } from "@/ui";
import { useRestoreVersion } from "../queries";
import { useEditor } from "../state/session";

/** Asks before the graph is replaced by that of an older version; undo brings the replaced one back. */
export function RestoreDialog({ version, onClose }: { version: Version; onClose: () => void }) {
  const session = useEditor();
  const restore = useRestoreVersion(session.workflowId);
  const [error, setError] = useState<string | null>(null);
  const label = `v${version.number}`;
  const confirm = async (): Promise<void> => {
    setError(null);
    session.view.setState({ restoring: true });
    try {
      // Save first: the server then keeps the latest edits as a version.
      await session.autosaver.flush();
      await restore.mutateAsync(version.number);
      const graph = await fetchGraph(session.workflowId);
      const next = documentFromLists(graph);
      session.document.getState().rebase(graph.rev, next, next, `restore ${label}`, Date.now());
      onClose();
    } catch (failed) {
      setError(sentence(asProblem(failed).detail));
    } finally {
      session.view.setState({ restoring: false });
    }
  };
  return (
    <ConfirmDialog
      open
      tone="primary"
      onOpenChange={(open) => !open && onClose()}
      title={`Restore ${label}?`}
      removed={["The graph as it is now. Undo brings it back."]}
      kept={["All versions", "Everything in the cluster, until the next run"]}
      confirmLabel={`Restore ${label}`}
      busy={restore.isPending}
      error={error && <ErrorState inline title="The version was not restored" reason={error} />}
      onConfirm={() => void confirm()}
    />
  );
}
