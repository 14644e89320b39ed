import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { asProblem, renderManifests } from "@/api";
import { listsFromDocument } from "@/model/records";
import { sentence } from "@/model/words";
import { CopyButton, ErrorState, Skeleton, YamlEditor } from "@/ui";
import { useDocument, useEditor, useView } from "../state/session";

/** The server renders after a pause in typing. */
const PAUSE_MS = 450;

/** The manifests of the node, rendered by the server from what is drawn now. */
export function Manifest({ nodeId }: { nodeId: string }) {
  const session = useEditor();
  const document_ = useSettled(useDocument((state) => state.document));
  const environmentId = useView((state) => state.environmentId);
  const preview = useQuery({
    queryKey: ["manifests", session.workflowId, environmentId, nodeId, document_],
    queryFn: ({ signal }) =>
      renderManifests(
        session.workflowId,
        { ...listsFromDocument(document_), environment: environmentId ?? undefined, node_id: nodeId },
        signal,
      ),
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
    structuralSharing: false,
  });
  const text = useMemo(
    () =>
      (preview.data?.manifests ?? [])
        .filter((manifest) => manifest.node_id === nodeId)
        .map((manifest) => manifest.yaml.trimEnd())
        .join("\n---\n"),
    [preview.data, nodeId],
  );
  const problems =
    preview.data?.problems.filter((problem) => problem.node_ids.includes(nodeId) && problem.severity === "error") ?? [];
  return (
    <section aria-label="Manifest" className="flex min-h-68 flex-1 flex-col gap-2">
      <div className="flex h-6 items-center justify-between">
        <h3 className="text-12 font-medium">Manifest</h3>
        {text && <CopyButton text={`${text}\n`} label="Copy the manifest" />}
      </div>
      {preview.isError ? (
        <ErrorState
          inline
          title="The manifest could not be rendered"
          reason={sentence(asProblem(preview.error).detail)}
          onRetry={() => void preview.refetch()}
        />
      ) : preview.isPending ? (
        <Skeleton className="h-72 w-full" />
      ) : text === "" ? (
        <div className="rounded border border-line bg-sunken px-3 py-2 text-13 text-muted">
          {problems.length > 0 ? (
            <>
              No manifest yet:
              <ul className="mt-1 list-disc pl-4 text-text">
                {problems.map((problem) => (
                  <li key={problem.code + problem.field}>{sentence(problem.detail)}</li>
                ))}
              </ul>
            </>
          ) : (
            "This node creates no object of its own."
          )}
        </div>
      ) : (
        <YamlEditor className="min-h-60 flex-1" label="Manifest" value={`${text}\n`} readOnly />
      )}
    </section>
  );
}

/** The value, once it has not changed for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [value]);
  return settled;
}
