import { Trash2, X } from "lucide-react";
import type { ReactNode } from "react";
import { kindLabel } from "@/model/catalog";
import { KindIcon, StatusGlyph } from "@/product";
import { Button, EmptyState, IconButton, ResizeHandle, Tabs, Tag, useResizable } from "@/ui";
import { deleteNode, deleteSelection, duplicateSelection, showRecords } from "../actions";
import { useNodeLive } from "../live";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";
import type { InspectorTab } from "../state/viewStore";
import { EdgePanel } from "./EdgePanel";
import { NodeForm } from "./NodeForm";
import { NodeName } from "./NodeName";
import { SecretsTab } from "./SecretsTab";
import { StatusTab } from "./StatusTab";
import { YamlTab } from "./YamlTab";

/** Everything about what is selected: its form, its YAML, how it fares. */
export function Inspector() {
  const session = useEditor();
  const nodes = useView((state) => state.selectedNodes);
  const edges = useView((state) => state.selectedEdges);
  const { width, handleProps } = useResizable({
    name: "editor.inspector",
    side: "right",
    min: 280,
    max: 640,
    initial: 360,
  });
  const [node, edge] = [nodes[0], edges[0]];
  if (node === undefined && edge === undefined) return null;
  return (
    <aside
      data-inspector
      aria-label="Inspector"
      style={{ width }}
      className="relative flex h-full min-h-0 shrink-0 flex-col border-l border-line bg-surface"
    >
      <ResizeHandle side="right" {...handleProps} />
      {nodes.length + edges.length > 1 ? (
        <ManyPanel nodeCount={nodes.length} edgeCount={edges.length} />
      ) : node !== undefined ? (
        <NodePanel key={node} id={node} onClose={() => session.view.getState().select([])} />
      ) : (
        edge !== undefined && <EdgePanel key={edge} id={edge} />
      )}
    </aside>
  );
}

function NodePanel({ id, onClose }: { id: string; onClose: () => void }) {
  const session = useEditor();
  const flow = useFlow();
  const node = useDocument((state) => state.document.nodes[id]);
  const readOnly = useDocument((state) => state.readOnly);
  const errors = useDocument((state) => state.problems.filter((problem) => problem.node_ids.includes(id)).length);
  const tab = useView((state) => state.tab);
  const status = useNodeLive(id);
  if (!node) return null;
  const kind = session.catalog.kindById.get(node.kind);
  const secret = kind?.parameters.some((parameter) => parameter.type === "secret_keys") ?? false;
  const tabs: { value: InspectorTab; label: ReactNode; badge?: ReactNode; content: ReactNode }[] = [
    {
      value: "form",
      label: "Form",
      badge: errors > 0 ? errors : undefined,
      content: kind ? (
        <NodeForm kind={kind} node={node} onJump={(link) => showRecords(session, [], [link.edgeId], flow)} />
      ) : (
        <EmptyState title={`The kind “${node.kind}” is not known here`}>
          This server has no template for it; the node is kept as it is.
        </EmptyState>
      ),
    },
    { value: "yaml", label: "YAML", content: <YamlTab node={node} /> },
    { value: "status", label: "Status", content: <StatusTab nodeId={id} status={status} /> },
  ];
  if (secret) tabs.push({ value: "secrets", label: "Values", content: <SecretsTab nodeId={id} /> });
  const shown = tabs.some((entry) => entry.value === tab) ? tab : "form";
  return (
    <>
      <header className="flex shrink-0 items-start gap-2.5 px-4 pt-3 pb-2">
        <span className="mt-0.5 flex size-8 shrink-0 items-center justify-center rounded border border-line bg-sunken text-muted">
          <KindIcon kind={kind?.icon ?? node.kind} size={18} />
        </span>
        <div className="min-w-0 flex-1">
          <NodeName key={node.id} node={node} />
          <p className="flex items-center gap-1.5 px-1 text-12 text-muted">
            <span className="truncate">{kindLabel(session.catalog, node.kind)}</span>
            {status && (
              <>
                <span aria-hidden>·</span>
                <StatusGlyph status={status.health} stale={status.stale_since !== null} size={12} />
              </>
            )}
          </p>
        </div>
        {!readOnly && (
          <IconButton label="Delete node" tone="danger-ghost" size="sm" onClick={() => deleteNode(session, id)}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        )}
        <IconButton label="Close" shortcut="esc" size="sm" onClick={onClose}>
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <Tabs
        label="Node"
        className="flex-1"
        contentClassName="overflow-y-auto"
        value={shown}
        onChange={(next) => session.view.setState({ tab: next })}
        tabs={tabs}
      />
    </>
  );
}

function ManyPanel({ nodeCount, edgeCount }: { nodeCount: number; edgeCount: number }) {
  const session = useEditor();
  const readOnly = useDocument((state) => state.readOnly);
  return (
    <div className="flex flex-col gap-3 p-4">
      <h2 className="text-14 font-semibold">{nodeCount + edgeCount} selected</h2>
      <p className="flex gap-2">
        {nodeCount > 0 && <Tag>{nodeCount} nodes</Tag>}
        {edgeCount > 0 && <Tag>{edgeCount} lines</Tag>}
      </p>
      <p className="text-13 text-muted">Drag one to move all. Arrow keys nudge them.</p>
      {!readOnly && (
        <div className="flex gap-2">
          {nodeCount > 0 && (
            <Button size="sm" onClick={() => duplicateSelection(session)}>
              Duplicate
            </Button>
          )}
          <Button size="sm" tone="danger-ghost" onClick={() => deleteSelection(session)}>
            Delete
          </Button>
        </div>
      )}
    </div>
  );
}
