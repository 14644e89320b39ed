import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useEffect, useMemo, useState } from "react";
import { parseDocument } from "yaml";
import { asProblem, renderManifests } from "@/api";
import { setPatch } from "@/model/edits";
import { listsFromDocument, type NodeRecord } from "@/model/records";
import { sentence } from "@/model/words";
import { CopyButton, ErrorState, Skeleton, YamlEditor } from "@/ui";
import { useDocument, useEditor, useFocusTarget, useView } from "../state/session";

const PAUSE_MS = 450;

/** What this node becomes in the cluster, as it is drawn now, and the patch that is merged into it last. */
export function YamlTab({ node }: { node: NodeRecord }) {
  return (
    <div className="flex min-h-full flex-col gap-5 p-4">
      <Preview nodeId={node.id} />
      <Patch node={node} />
    </div>
  );
}

function Preview({ nodeId }: { nodeId: string }) {
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
    <section aria-label="Manifest" className="flex flex-col gap-2">
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
            "This node makes no object of its own."
          )}
        </div>
      ) : (
        <YamlEditor className="h-[46vh] min-h-60" label="Manifest" value={`${text}\n`} readOnly />
      )}
    </section>
  );
}

function Patch({ node }: { node: NodeRecord }) {
  const session = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  const serverError = useDocument(
    (state) => state.problems.find((problem) => problem.field === `nodes.${node.id}.patch`)?.detail,
  );
  const field = useFocusTarget("field:patch");
  const marks = useMemo(() => marksOf(node.patch ?? ""), [node.patch]);
  return (
    <section ref={field} aria-label="Patch" className="flex flex-col gap-2">
      <h3 className="text-12 font-medium">Patch</h3>
      <YamlEditor
        className="h-44"
        label="Patch"
        value={node.patch ?? ""}
        marks={marks}
        readOnly={readOnly}
        onChange={(text) => {
          const { document, apply } = session.document.getState();
          apply(setPatch(document, node.id, text));
        }}
      />
      {(marks[0]?.message ?? serverError) && (
        <p role="alert" className="text-12 text-bad">
          {marks[0] ? `Line ${marks[0].line}: ${marks[0].message}` : serverError}
        </p>
      )}
      <p className="text-12 text-muted">YAML merged into the manifest last, for what the form does not offer.</p>
    </section>
  );
}

function marksOf(text: string): { line: number; column: number; message: string; severity: "error" }[] {
  if (text.trim() === "") return [];
  return parseDocument(text).errors.map((error) => ({
    line: error.linePos?.[0].line ?? 1,
    column: error.linePos?.[0].col ?? 1,
    message: error.message.split("\n")[0] ?? "not YAML",
    severity: "error" as const,
  }));
}

/** The value once it has rested for a moment. */
function useSettled<T>(value: T): T {
  const [settled, setSettled] = useState(value);
  useEffect(() => {
    const timer = window.setTimeout(() => setSettled(value), PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [value]);
  return settled;
}
