import { plural } from "@/model/words";
import { Button, Tag } from "@/ui";
import { deleteSelection, duplicateSelection } from "../actions/editing";
import { useDocument, useEditor, useFocusTarget } from "../state/session";
import { GroupField } from "./GroupField";

/** Several nodes and connections: what can be done with all of them. */
export function SelectionPanel({ nodes, edgeCount }: { nodes: readonly string[]; edgeCount: number }) {
  const nodeCount = nodes.length;
  const session = useEditor();
  const actions = useFocusTarget("inspector");
  const readOnly = useDocument((state) => state.readOnly);
  return (
    <div className="flex flex-col gap-3 p-4">
      <h2 className="text-14 font-semibold">{nodeCount + edgeCount} selected</h2>
      <p className="flex gap-2">
        {nodeCount > 0 && <Tag>{plural(nodeCount, "node")}</Tag>}
        {edgeCount > 0 && <Tag>{plural(edgeCount, "connection")}</Tag>}
      </p>
      <p className="text-13 text-muted">Drag one to move all. Arrow keys nudge them.</p>
      {nodeCount > 0 && <GroupField key={nodes.join(" ")} ids={nodes} />}
      {!readOnly && (
        <div ref={actions} className="flex gap-2">
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
