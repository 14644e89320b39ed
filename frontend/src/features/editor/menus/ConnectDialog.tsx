import { useMemo, useState } from "react";
import { nodeLabel } from "@/model/written";
import { allowedTargets } from "@/model/connect";
import type { NodeRecord } from "@/model/records";
import { KindIcon } from "@/product";
import { cx, Dialog, fuzzyFind, SearchInput } from "@/ui";
import { connectNodes } from "../actions/editing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";

/** Connecting by keyboard: the nodes that fit, found by name. */
export function ConnectDialog() {
  const from = useView((state) => state.connectFrom);
  const source = useDocument((state) => (from === null ? undefined : state.document.nodes[from]));
  return source && <ConnectFrom key={source.id} source={source} />;
}

function ConnectFrom({ source }: { source: NodeRecord }) {
  const session = useEditor();
  const flow = useFlow();
  const graph = useDocument((state) => state.document);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const targets = useMemo(() => {
    const allowed = allowedTargets(session.catalog, graph, source.id);
    const nodes = Object.values(graph.nodes).filter((node) => allowed.has(node.id));
    return fuzzyFind(
      query,
      nodes.map((item) => ({ item, texts: [item.name, nodeLabel(session.catalog, item)] })),
    );
  }, [source.id, query, graph, session.catalog]);
  const shown = Math.min(active, Math.max(0, targets.length - 1));
  const close = (then?: () => void): void => {
    session.view.setState({ connectFrom: null });
    requestAnimationFrame(() => {
      session.focus.give(`node:${source.id}`);
      // What follows may be a menu, which closes when it loses the focus: it opens after the focus has come back.
      if (then) window.setTimeout(then);
    });
  };
  const choose = (index: number): void => {
    const target = targets[index];
    if (!target) return;
    close(() => connectNodes(session, source.id, target.id, flow.flowToScreenPosition(flow.viewCentre())));
  };
  return (
    <Dialog open onOpenChange={(open) => !open && close()} title={`Connect ${source.name}`} size="sm">
      <div
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setActive(Math.min(shown + 1, targets.length - 1));
          else if (event.key === "ArrowUp") setActive(Math.max(shown - 1, 0));
          else if (event.key === "Enter") choose(shown);
          else return;
          event.preventDefault();
        }}
        role="presentation"
      >
        <SearchInput label="Find a node to connect to" value={query} onChange={setQuery} inputRef={focusAtOnce} />
        <ul aria-label="Nodes that fit" className="mt-2 max-h-72 overflow-y-auto">
          {targets.map((node, index) => (
            <li key={node.id}>
              <button
                type="button"
                aria-current={index === shown}
                onClick={() => choose(index)}
                onPointerMove={() => setActive(index)}
                className={cx(
                  "flex w-full items-center gap-2.5 rounded px-2 py-1.5 text-left",
                  index === shown && "bg-hover",
                )}
              >
                <KindIcon
                  kind={session.catalog.kindById.get(node.kind)?.icon ?? node.kind}
                  className="shrink-0 text-muted"
                />
                <span className="min-w-0 flex-1 truncate font-mono text-13">{node.name}</span>
                <span className="text-12 text-muted">{nodeLabel(session.catalog, node)}</span>
              </button>
            </li>
          ))}
        </ul>
        {targets.length === 0 && (
          <p className="px-2 py-3 text-13 text-muted">
            {query
              ? "No node of that name can be connected."
              : "No other node of this workflow can be connected to it."}
          </p>
        )}
      </div>
    </Dialog>
  );
}

/** Before the dialog looks for something to focus by itself. */
function focusAtOnce(input: HTMLInputElement | null): void {
  input?.focus();
}
