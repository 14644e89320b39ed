import { useCallback, useEffect, useMemo, useRef } from "react";
import { ResizeHandle, useCommands, useResizable, type Command } from "@/ui";
import { useEditor, useView } from "../state/session";
import { EdgePanel } from "./EdgePanel";
import { NodePanel } from "./NodePanel";
import { SelectionPanel } from "./SelectionPanel";

/** Everything about what is selected: its form, its YAML, its status. */
export function Inspector() {
  const nodes = useView((state) => state.selectedNodes);
  const edges = useView((state) => state.selectedEdges);
  if (nodes.length + edges.length === 0) return null;
  return <OpenInspector nodes={nodes} edges={edges} />;
}

interface Selection {
  readonly nodes: readonly string[];
  readonly edges: readonly string[];
}

function OpenInspector({ nodes, edges }: Selection) {
  const session = useEditor();
  const panel = useRef<HTMLElement>(null);
  const wide = useView((state) => state.wide);
  const wanted = useView((state) => state.focusField);
  const { width, handleProps } = useResizable({
    name: "editor.inspector",
    side: "right",
    min: 280,
    max: 640,
    initial: 360,
  });
  useEffect(() => {
    if (wanted) session.focus.giveField(wanted.path);
  }, [wanted, session]);
  const close = useCallback(() => {
    const { selectedNodes, select } = session.view.getState();
    const [first] = selectedNodes;
    select([]);
    if (first === undefined || !session.focus.give(`node:${first}`)) session.focus.give("canvas");
  }, [session]);
  useCommands(
    useMemo((): Command[] => [closeCommand(close)], [close]),
    useCallback((event: KeyboardEvent) => isInside(panel.current, event.target), []),
  );
  return (
    <aside
      ref={panel}
      aria-label="Inspector"
      style={{ width: wide ? "min(960px, 72vw)" : width }}
      className="relative flex h-full min-h-0 max-w-full flex-col border-l border-line bg-surface"
    >
      <ResizeHandle side="right" {...handleProps} />
      <Panel nodes={nodes} edges={edges} onClose={close} />
    </aside>
  );
}

function Panel({ nodes, edges, onClose }: Selection & { onClose: () => void }) {
  const [node, edge] = [nodes[0], edges[0]];
  if (nodes.length + edges.length > 1) return <SelectionPanel nodes={nodes} edgeCount={edges.length} />;
  if (node !== undefined) return <NodePanel key={node} id={node} onClose={onClose} />;
  return edge === undefined ? null : <EdgePanel key={edge} id={edge} onClose={onClose} />;
}

function closeCommand(close: () => void): Command {
  return {
    name: "inspector.close",
    label: "Close the inspector",
    group: "Canvas",
    keys: "esc",
    whileTyping: true,
    hidden: true,
    perform: close,
  };
}

/** In the YAML editor Escape belongs to the editor: it closes suggestions and its search. */
function isInside(panel: HTMLElement | null, target: EventTarget | null): boolean {
  return target instanceof Element && panel !== null && panel.contains(target) && !target.closest(".monaco-editor");
}
