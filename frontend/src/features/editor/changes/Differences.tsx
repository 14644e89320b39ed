import type { GraphChanges } from "@/contract";
import { kindLabel } from "@/model/catalog";
import { KindIcon, Values } from "@/product";
import { useDocument, useEditor } from "../state/session";
import { ChangeMark } from "./Change";

/** Node by node, and field by field, what a comparison found. */
export function Differences({ comparison }: { comparison: GraphChanges }) {
  const { catalog } = useEditor();
  const nodes = useDocument((state) => state.document.nodes);
  const nameOf = (id: string): string =>
    nodes[id]?.name ?? comparison.nodes.find((node) => node.node_id === id)?.name ?? id;
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
