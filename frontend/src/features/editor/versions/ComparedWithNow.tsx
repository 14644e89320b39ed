import { asProblem } from "@/api";
import type { Comparison } from "@/contract";
import { kindLabel } from "@/model/catalog";
import { sentence } from "@/model/words";
import { KindIcon } from "@/product";
import { ErrorState, SkeletonRows } from "@/ui";
import { ChangeMark, Values } from "../changes/Change";
import { useComparison } from "../queries";
import { useDocument, useEditor } from "../state/session";

/** What has changed from a version to what is saved now. */
export function ComparedWithNow({ number }: { number: number }) {
  const session = useEditor();
  const rev = useDocument((state) => state.save.rev);
  const comparison = useComparison(session.workflowId, number, "current");
  if (comparison.isPending) return <SkeletonRows rows={2} />;
  if (comparison.isError)
    return (
      <ErrorState
        inline
        title="The versions could not be compared"
        reason={sentence(asProblem(comparison.error).detail)}
        onRetry={() => void comparison.refetch()}
      />
    );
  return <Differences key={rev} comparison={comparison.data} nothing="No changes since this version." />;
}

/** Node by node, and field by field, what a comparison found. */
export function Differences({ comparison, nothing }: { comparison: Comparison; nothing: string }) {
  const { catalog } = useEditor();
  const nodes = useDocument((state) => state.document.nodes);
  const nameOf = (id: string): string =>
    nodes[id]?.name ?? comparison.nodes.find((node) => node.node_id === id)?.name ?? id;
  if (comparison.nodes.length + comparison.edges.length === 0)
    return <p className="mt-2 rounded bg-sunken px-3 py-2 text-12 text-muted">{nothing}</p>;
  return (
    <ul className="mt-2 flex flex-col gap-2 rounded border border-line bg-sunken px-3 py-2">
      {comparison.nodes.map((node) => (
        <li key={node.node_id}>
          <p className="flex items-center gap-1.5 text-12">
            <ChangeMark change={node.change} />
            <KindIcon
              kind={catalog.kindById.get(node.kind)?.icon ?? node.kind}
              size={14}
              className="shrink-0 text-muted"
            />
            <span className="truncate font-mono">{node.name}</span>
            <span className="text-muted">{kindLabel(catalog, node.kind)}</span>
          </p>
          <ul className="pl-5">
            {node.changes.map((change) => (
              <li key={change.path} className="text-12 break-words">
                <span className="font-mono text-muted">{change.path}</span> <Values from={change.from} to={change.to} />
              </li>
            ))}
          </ul>
        </li>
      ))}
      {comparison.edges.map((edge) => (
        <li key={edge.edge_id} className="flex items-center gap-1.5 text-12">
          <ChangeMark change={edge.change} />
          <span className="min-w-0 truncate font-mono">
            {nameOf(edge.source)} → {nameOf(edge.target)}
          </span>
          <span className="text-muted">{catalog.relationById.get(edge.relation)?.phrase ?? edge.relation}</span>
        </li>
      ))}
    </ul>
  );
}
