import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useMemo, useState, type DragEvent } from "react";
import type { Kind } from "@/model/catalog";
import { fuzzyFind, IconButton, readStored, SearchInput, useMedia, writeStored } from "@/ui";
import { addNodeInView } from "../actions/editing";
import { startKindDrag } from "../canvas/kindDrag";
import { useFlow } from "../state/flow";
import { useEditor, useFocusTarget, useView } from "../state/session";
import { Ghost } from "./Ghost";
import { KindRow } from "./KindRow";

const STORED = "editor.palette";

/**
 * All kinds by group: found by a few letters, added by Enter or a click, or dragged onto the canvas. Folded it shows the
 * glyphs alone, and opens over the canvas while a kind is looked for.
 */
export function Palette() {
  const session = useEditor();
  const roomy = useMedia("(min-width: 1440px)");
  const [choice, setChoice] = useState(() => readStored(STORED));
  const folded = choice === null ? !roomy : choice === "folded";
  const searching = useView((state) => state.findingKind);
  const fold = (next: "folded" | "open"): void => {
    writeStored(STORED, next);
    setChoice(next);
    session.view.setState({ findingKind: false });
  };
  if (!folded) return <OpenPalette onFold={() => fold("folded")} />;
  return (
    <div className="relative flex h-full shrink-0 max-sm:hidden">
      <FoldedPalette onOpen={() => fold("open")} />
      {searching && (
        <div
          className="absolute inset-y-0 left-full z-20 shadow-3"
          onBlur={({ currentTarget, relatedTarget }) => {
            if (!currentTarget.contains(relatedTarget)) session.view.setState({ findingKind: false });
          }}
        >
          <OpenPalette onFold={() => session.view.setState({ findingKind: false })} />
        </div>
      )}
    </div>
  );
}

function useAdding() {
  const session = useEditor();
  const flow = useFlow();
  const [dragged, setDragged] = useState<Kind | null>(null);
  return {
    add: (kind: Kind) => addNodeInView(session, kind, flow),
    dragged,
    /** Before a drag begins its picture must be on the page. */
    press: setDragged,
    drag: (event: DragEvent, kind: Kind) => startKindDrag(event, kind),
  };
}

function FoldedPalette({ onOpen }: { onOpen: () => void }) {
  const { kinds, groups } = useEditor().catalog;
  const { add, dragged, press, drag } = useAdding();
  const sections = groups.map((group) => kinds.filter((kind) => kind.group === group.id));
  return (
    <nav aria-label="Kinds" className="flex h-full w-12 flex-col items-center border-r border-line bg-surface">
      <div className="py-2">
        <IconButton label="Show the names of kinds" onClick={onOpen}>
          <PanelLeftOpen size={16} aria-hidden />
        </IconButton>
      </div>
      <div className="flex min-h-0 w-full flex-1 flex-col items-center gap-2 overflow-y-auto pb-3">
        {sections.map((section, index) => (
          <ul key={index} className="flex flex-col border-t border-line pt-2 empty:hidden">
            {section.map((kind) => (
              <KindRow key={kind.id} kind={kind} folded onAdd={add} onPress={press} onDrag={drag} />
            ))}
          </ul>
        ))}
      </div>
      <Ghost kind={dragged} />
    </nav>
  );
}

function OpenPalette({ onFold }: { onFold: () => void }) {
  const session = useEditor();
  const searchBox = useFocusTarget("palette");
  const { add, dragged, press, drag } = useAdding();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const [searching, setSearching] = useState(false);
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

  const addFound = (kind: Kind): void => {
    add(kind);
    // The next one is looked for among all kinds.
    setQuery("");
    setActive(0);
  };
  return (
    <nav aria-label="Kinds" className="flex h-full w-54 shrink-0 flex-col border-r border-line bg-surface">
      <div
        className="flex shrink-0 items-center gap-1 p-2"
        role="presentation"
        onFocus={(event) => {
          setSearching(true);
          if (event.target instanceof HTMLInputElement) event.target.select();
        }}
        onBlur={() => setSearching(false)}
        onKeyDown={(event) => {
          if (event.key === "ArrowDown") setActive(Math.min(shown + 1, flat.length - 1));
          else if (event.key === "ArrowUp") setActive(Math.max(shown - 1, 0));
          else if (event.key === "Enter" && flat[shown]) addFound(flat[shown]);
          else if (event.key === "Escape") {
            if (query !== "" || !(event.target instanceof HTMLElement)) return;
            event.target.blur();
            session.view.setState({ findingKind: false });
            return;
          } else return;
          event.preventDefault();
        }}
      >
        <span className="min-w-0 flex-1">
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
        </span>
        <IconButton label="Fold the kinds" size="sm" onClick={onFold}>
          <PanelLeftClose size={16} aria-hidden />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-3">
        {sections.map((section) => (
          <section key={section.id} aria-label={section.label || "Found kinds"}>
            {section.label && <h2 className="px-2 pt-2.5 pb-1 text-11 font-medium text-muted">{section.label}</h2>}
            <ul>
              {section.kinds.map((kind) => (
                <KindRow
                  key={kind.id}
                  kind={kind}
                  active={searching && flat[shown] === kind}
                  onAdd={add}
                  onPress={press}
                  onDrag={drag}
                />
              ))}
            </ul>
          </section>
        ))}
        {flat.length === 0 && <p className="px-2 py-3 text-13 text-muted">No kind matches “{query}”.</p>}
      </div>
      <Ghost kind={dragged} />
    </nav>
  );
}
