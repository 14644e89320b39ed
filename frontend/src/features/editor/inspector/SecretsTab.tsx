import { Trash2 } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { StatusGlyph } from "@/product";
import { ConfirmDialog, EmptyState, ErrorState, IconButton, SkeletonRows } from "@/ui";
import { useForgetSecret, useSecretKeys } from "../queries";
import { useDocument, useEditor, useView } from "../state/session";

/** Which keys of this Secret have a value in the chosen environment; the values themselves are never shown. */
export function SecretsTab({ nodeId }: { nodeId: string }) {
  const { workflowId } = useEditor();
  const environmentId = useView((state) => state.environmentId);
  const readOnly = useDocument((state) => state.readOnly);
  const secrets = useSecretKeys(workflowId, environmentId ?? undefined);
  const forget = useForgetSecret(workflowId);
  const [asked, setAsked] = useState<string | null>(null);
  if (!environmentId)
    return <EmptyState title="No environment chosen">Each environment has values of its own.</EmptyState>;
  if (secrets.isPending) return <SkeletonRows rows={3} />;
  if (secrets.isError) {
    return (
      <ErrorState
        inline
        className="m-4"
        title="The keys could not be loaded"
        reason={sentence(asProblem(secrets.error).detail)}
        onRetry={() => void secrets.refetch()}
      />
    );
  }
  const keys = secrets.data.nodes.find((node) => node.node_id === nodeId)?.keys ?? [];
  if (keys.length === 0)
    return <EmptyState title="No keys yet">Add keys in the form. The next run asks for their values.</EmptyState>;
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
                word={storedWhere(stored, in_cluster)}
                className="text-12 text-muted"
              />
            </span>
            {stored && !readOnly && (
              <IconButton
                label={`Delete the stored value of ${key}`}
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
          title={`Delete the stored value of ${asked}?`}
          removed={["The encrypted value on this server. A run asks for it again if the cluster does not have it."]}
          kept={["The value in the cluster"]}
          confirmLabel="Delete value"
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
        The next run asks for missing values. Values are never shown again, and are in no version, log or export.
      </p>
    </div>
  );
}

function storedWhere(stored: boolean, inCluster: boolean | null): string {
  const places = [stored && "stored (encrypted)", inCluster && "in cluster"].filter(
    (place) => place !== false && place,
  );
  return places.length > 0 ? places.join(" · ") : "no value";
}
