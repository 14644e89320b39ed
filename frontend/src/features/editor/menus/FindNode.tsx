import { X } from "lucide-react";
import { useEffect, useMemo, useRef, useState } from "react";
import { nodeLabel } from "@/model/written";
import { KindIcon } from "@/product";
import { cx, fuzzyFind, IconButton, SearchInput } from "@/ui";
import { showRecords } from "../actions/showing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";

/** As many as can be looked through; typing on narrows them down. */
const SHOWN = 8;

/** Looks for a node on the canvas by its name or kind: the view goes to each match that is chosen. */
export function FindNode() {
  const open = useView((state) => state.findingNode);
  return open && <Open />;
}

function Open() {
  const session = useEditor();
  const flow = useFlow();
  const nodes = useDocument((state) => state.document.nodes);
  const input = useRef<HTMLInputElement>(null);
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(-1);
  const { catalog } = session;
  const found = useMemo(
    () =>
      query.trim() === ""
        ? []
        : fuzzyFind(
            query,
            Object.values(nodes).map((item) => ({ item, texts: [item.name, nodeLabel(catalog, item)] })),
          ),
    [nodes, catalog, query],
  );
  useEffect(() => {
    input.current?.focus();
  }, []);
  const show = (index: number): void => {
    const node = found[index];
    if (!node) return;
    setActive(index);
    showRecords(session, [node.id], [], flow);
  };
  const close = (): void => {
    session.view.setState({ findingNode: false });
    const node = found[active];
    if (!node || !session.focus.give(`node:${node.id}`)) session.focus.give("canvas");
  };
  const first = Math.max(0, Math.min(active - SHOWN + 1, found.length - SHOWN));
  return (
    <div
      role="search"
      aria-label="Find a node"
      className="animate-pop absolute top-3 left-3 z-30 w-72 max-w-[calc(100%-24px)] rounded-card border border-line bg-raised p-1.5 shadow-3"
    >
      <div
        role="presentation"
        // Before the search box, where Escape would only clear it.
        onKeyDownCapture={(event) => {
          if (event.key === "Escape") close();
          else if (event.key === "ArrowDown" || (event.key === "Enter" && !event.shiftKey))
            show((active + 1) % Math.max(1, found.length));
          else if (event.key === "ArrowUp" || event.key === "Enter")
            show((active - 1 + found.length) % Math.max(1, found.length));
          else return;
          event.preventDefault();
          event.stopPropagation();
        }}
      >
        <div className="flex items-center gap-1">
          <span className="min-w-0 flex-1">
            <SearchInput
              inputRef={input}
              label="Find a node"
              placeholder="Name or kind of a node"
              value={query}
              onChange={(text) => {
                setQuery(text);
                setActive(-1);
              }}
            />
          </span>
          <span role="status" className="tnum px-1 text-12 whitespace-nowrap text-muted">
            {query.trim() !== "" && (active < 0 ? found.length : `${active + 1} of ${found.length}`)}
          </span>
          <IconButton label="Close" shortcut="esc" size="sm" onClick={close}>
            <X size={16} aria-hidden />
          </IconButton>
        </div>
        {found.length > 0 && (
          <ul aria-label="Found nodes" className="mt-1">
            {found.slice(first, first + SHOWN).map((node, index) => (
              <li key={node.id}>
                <button
                  type="button"
                  tabIndex={-1}
                  aria-current={first + index === active}
                  onClick={() => show(first + index)}
                  className={cx(
                    "flex h-8 w-full items-center gap-2 rounded px-2 text-left hover:bg-hover",
                    first + index === active && "bg-active",
                  )}
                >
                  <KindIcon kind={catalog.kindById.get(node.kind)?.icon ?? node.kind} className="shrink-0 text-muted" />
                  <span className="min-w-0 flex-1 truncate font-mono text-12">{node.name}</span>
                  <span className="text-12 text-muted">{nodeLabel(catalog, node)}</span>
                </button>
              </li>
            ))}
          </ul>
        )}
        {query.trim() !== "" && found.length === 0 && (
          <p className="px-2 py-2 text-13 text-muted">No node matches “{query}”.</p>
        )}
      </div>
    </div>
  );
}
