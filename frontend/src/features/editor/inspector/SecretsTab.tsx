import { Trash2 } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { StatusGlyph } from "@/product";
import { ConfirmDialog, EmptyState, ErrorState, IconButton, SkeletonRows } from "@/ui";
import { useForgetSecret, useSecretKeys } from "../queries";
import { useDocument, useEditor, useView } from "../state/session";

/** Which values of this Secret are known in the chosen environment; never the values. */
export function SecretsTab({ nodeId }: { nodeId: string }) {
  const { workflowId } = useEditor();
  const environmentId = useView((state) => state.environmentId);
  const readOnly = useDocument((state) => state.readOnly);
  const secrets = useSecretKeys(workflowId, environmentId ?? undefined);
  const forget = useForgetSecret(workflowId);
  const [asked, setAsked] = useState<string | null>(null);
  if (!environmentId)
    return <EmptyState title="No environment chosen">Values are kept for each environment by itself.</EmptyState>;
  if (secrets.isPending) return <SkeletonRows rows={3} />;
  if (secrets.isError) {
    return (
      <ErrorState
        inline
        className="m-4"
        title="The keys could not be read"
        reason={sentence(asProblem(secrets.error).detail)}
        onRetry={() => void secrets.refetch()}
      />
    );
  }
  const keys = secrets.data.nodes.find((node) => node.node_id === nodeId)?.keys ?? [];
  if (keys.length === 0)
    return <EmptyState title="No keys yet">Add keys in the form; their values are asked for at the run.</EmptyState>;
  return (
    <div className="flex flex-col gap-3 p-4">
      <ul className="divide-y divide-line rounded border border-line">
        {keys.map(({ key, stored, in_cluster }) => (
          <li key={key} className="flex min-h-9 items-center gap-2 px-3 py-1.5">
            <span className="min-w-0 flex-1">
              <span className="block truncate font-mono text-12" title={key}>
                {key}
              </span>
              <StatusGlyph
                status={stored || in_cluster ? "healthy" : "missing"}
                word={
                  stored
                    ? in_cluster
                      ? "sealed here, in the cluster"
                      : "sealed here"
                    : in_cluster
                      ? "in the cluster"
                      : "missing"
                }
                className="text-12 text-muted"
              />
            </span>
            {stored && !readOnly && (
              <IconButton
                label={`Forget the kept value of ${key}`}
                tone="danger-ghost"
                size="sm"
                onClick={() => setAsked(key)}
              >
                <Trash2 size={14} aria-hidden />
              </IconButton>
            )}
          </li>
        ))}
      </ul>
      {asked !== null && (
        <ConfirmDialog
          open
          onOpenChange={(open) => {
            if (open) return;
            setAsked(null);
            forget.reset();
          }}
          title={`Forget the kept value of ${asked}?`}
          removed={["The value sealed here; a run asks for it again when the cluster has none"]}
          kept={["What the cluster has"]}
          confirmLabel="Forget value"
          busy={forget.isPending}
          error={forget.error ? sentence(asProblem(forget.error).detail) : undefined}
          onConfirm={() =>
            forget.mutate(
              { environment: environmentId, node_id: nodeId, key: asked },
              { onSuccess: () => setAsked(null) },
            )
          }
        />
      )}
      <p className="text-12 text-muted">
        Missing values are asked for at the next run. Values are never shown again, and are in no version, log or
        export.
      </p>
    </div>
  );
}
