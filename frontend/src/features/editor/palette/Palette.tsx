import { useMemo, useState } from "react";
import type { Kind } from "@/model/catalog";
import { KindIcon } from "@/product";
import { cx, fuzzyFind, SearchInput, Tooltip } from "@/ui";
import { addNodeInView } from "../actions/editing";
import { startKindDrag } from "../canvas/kindDrag";
import { useFlow } from "../state/flow";
import { useEditor, useFocusTarget } from "../state/session";

/** All kinds by group: found by a few letters, added by Enter or a click, or dragged onto the canvas. */
export function Palette() {
  const session = useEditor();
  const flow = useFlow();
  const searchBox = useFocusTarget("palette");
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const { kinds, groups } = session.catalog;

  const sections = useMemo(() => {
    const entries = kinds.map((item) => ({ item, texts: [item.label, item.id, item.description] }));
    if (query.trim() !== "") return [{ id: "found", label: "", kinds: fuzzyFind(query, entries) }];
    return groups
      .map((group) => ({ ...group, kinds: kinds.filter((kind) => kind.group === group.id) }))
      .filter((group) => group.kinds.length > 0);
  }, [kinds, groups, query]);
  const flat = sections.flatMap((section) => section.kinds);
  const shown = Math.min(active, Math.max(0, flat.length - 1));
  const [searching, setSearching] = useState(false);

  const add = (kind: Kind): void => addNodeInView(session, kind, flow);

  return (
    <nav aria-label="Kinds" className="flex h-full w-54 shrink-0 flex-col border-r border-line bg-surface">
      <div
        className="shrink-0 p-2"
        role="presentation"
        onFocus={(event) => {
          setSearching(true);
          if (event.target instanceof HTMLInputElement) event.target.select();
        }}
        onBlur={() => setSearching(false)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setActive(Math.min(shown + 1, flat.length - 1));
          else if (event.key === "ArrowUp") setActive(Math.max(shown - 1, 0));
          else if (event.key === "Enter" && flat[shown]) add(flat[shown]);
          else if (event.key === "Escape") {
            if (query === "" && event.target instanceof HTMLElement) event.target.blur();
            return;
          } else return;
          event.preventDefault();
        }}
      >
        <SearchInput
          inputRef={searchBox}
          label="Find a kind"
          placeholder="Find a kind   /"
          value={query}
          onChange={(text) => {
            setQuery(text);
            setActive(0);
          }}
        />
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-3">
        {sections.map((section) => (
          <section key={section.id} aria-label={section.label || "Found kinds"}>
            {section.label && <h2 className="px-2 pt-2.5 pb-1 text-11 font-medium text-muted">{section.label}</h2>}
            <ul>
              {section.kinds.map((kind) => (
                <KindRow key={kind.id} kind={kind} active={searching && flat[shown] === kind} onAdd={() => add(kind)} />
              ))}
            </ul>
          </section>
        ))}
        {flat.length === 0 && <p className="px-2 py-3 text-13 text-muted">No kind matches “{query}”.</p>}
      </div>
    </nav>
  );
}

function KindRow({ kind, active, onAdd }: { kind: Kind; active: boolean; onAdd: () => void }) {
  return (
    <li>
      <Tooltip text={kind.description} side="right">
        <button
          ref={active ? scrollIntoView : undefined}
          type="button"
          draggable
          onDragStart={(event) => startKindDrag(event, kind)}
          onClick={onAdd}
          className={cx(
            "flex h-8 w-full cursor-grab items-center gap-2 rounded px-2 text-left text-13 hover:bg-hover active:cursor-grabbing",
            active && "bg-hover",
          )}
        >
          <KindIcon kind={kind.icon} className="shrink-0 text-muted" />
          <span className="min-w-0 flex-1 truncate">{kind.label}</span>
        </button>
      </Tooltip>
    </li>
  );
}

/** The chosen row follows the arrow keys out of sight. */
function scrollIntoView(row: HTMLElement | null): void {
  row?.scrollIntoView({ block: "nearest" });
}
