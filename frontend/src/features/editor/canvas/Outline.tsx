import { X } from "lucide-react";
import { useMemo, useState } from "react";
import { nodeLabel } from "@/model/written";
import { KindIcon, StatusGlyph } from "@/product";
import { cx, IconButton, SearchInput } from "@/ui";
import { useNodeLive } from "../live";
import { useDocument, useEditor, useView } from "../state/session";

/** web-2 before web-10. */
const IN_ORDER = new Intl.Collator(undefined, { numeric: true });

/** The same graph as a list: every node with its state, problems and connections, in reading order. */
export function Outline() {
  const session = useEditor();
  const nodes = useDocument((state) => state.document.nodes);
  const edges = useDocument((state) => state.document.edges);
  const [query, setQuery] = useState("");
  const groups = useMemo(() => {
    const wanted = query.trim().toLowerCase();
    const list = Object.values(nodes)
      .filter((node) => `${node.name} ${nodeLabel(session.catalog, node)}`.toLowerCase().includes(wanted))
      .sort((a, b) => IN_ORDER.compare(a.name, b.name));
    return session.catalog.kinds
      .map((kind) => ({ kind, nodes: list.filter((node) => node.kind === kind.id) }))
      .filter((group) => group.nodes.length > 0);
  }, [nodes, query, session.catalog]);
  const lines = useMemo(() => {
    const byNode = new Map<string, string[]>();
    for (const edge of Object.values(edges)) {
      const phrase = session.catalog.relationById.get(edge.relation)?.phrase ?? edge.relation;
      const add = (id: string, text: string): void => void byNode.set(id, [...(byNode.get(id) ?? []), text]);
      add(edge.source, `${phrase} ${nodes[edge.target]?.name}`);
      add(edge.target, `${nodes[edge.source]?.name} ${phrase} it`);
    }
    return byNode;
  }, [edges, nodes, session.catalog]);
  return (
    <aside aria-label="Outline" className="flex h-full w-72 shrink-0 flex-col border-r border-line bg-surface">
      <header className="flex h-10 shrink-0 items-center justify-between border-b border-line pr-2 pl-4">
        <h2 className="text-13 font-semibold">Outline</h2>
        <IconButton
          label="Close the outline"
          shortcut="o"
          size="sm"
          onClick={() => session.view.setState({ outline: false })}
        >
          <X size={16} aria-hidden />
        </IconButton>
      </header>
      <div className="shrink-0 px-2 pt-2">
        <SearchInput label="Find in the outline" placeholder="Name or kind" value={query} onChange={setQuery} />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        {groups.length === 0 && (
          <p className="px-2 py-3 text-13 text-muted">
            {query === "" ? "No nodes yet." : `No node matches “${query}”.`}
          </p>
        )}
        {groups.map((group) => (
          <section key={group.kind.id}>
            <h3 className="px-2 pt-3 pb-1 text-11 font-medium text-muted">{group.kind.label}</h3>
            <ul>
              {group.nodes.map((node) => (
                <OutlineRow
                  key={node.id}
                  id={node.id}
                  icon={group.kind.icon}
                  name={node.name}
                  label={nodeLabel(session.catalog, node)}
                  lines={lines.get(node.id) ?? []}
                />
              ))}
            </ul>
          </section>
        ))}
      </div>
    </aside>
  );
}

function OutlineRow({
  id,
  icon,
  name,
  label,
  lines,
}: {
  id: string;
  icon: string;
  name: string;
  label: string;
  lines: readonly string[];
}) {
  const session = useEditor();
  const status = useNodeLive(id);
  const selected = useView((state) => state.selectedNodes.includes(id));
  const problem = useDocument((state) => state.marks.get(id));
  return (
    <li>
      <button
        type="button"
        aria-current={selected}
        aria-label={`${name}, ${label}${status ? `, ${status.health}${status.reason ? `: ${status.reason}` : ""}` : ""}${problem ? ", has problems" : ""}${lines.length > 0 ? `; ${lines.join("; ")}` : ""}`}
        // The view moves only as far as needed, and not at all while the card can be seen.
        onClick={() => session.view.getState().select([id])}
        className={cx(
          "flex w-full items-start gap-2 rounded px-2 py-1 text-left hover:bg-hover",
          selected && "bg-accent-soft",
        )}
      >
        <KindIcon kind={icon} className="mt-0.5 shrink-0 text-muted" />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-mono text-12">{name}</span>
          {lines.map((line) => (
            <span key={line} className="block truncate text-11 text-muted">
              {line}
            </span>
          ))}
        </span>
        {problem && (
          <span
            className={cx("mt-1.5 size-2 shrink-0 rounded-full", problem === "error" ? "bg-bad" : "bg-warn")}
            aria-hidden
          />
        )}
        {status && (
          <StatusGlyph
            status={status.health}
            word={false}
            stale={status.stale_since !== null}
            size={13}
            className="mt-0.5"
          />
        )}
      </button>
    </li>
  );
}
