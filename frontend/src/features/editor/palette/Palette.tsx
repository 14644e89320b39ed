import { PanelLeftClose, PanelLeftOpen } from "lucide-react";
import { useMemo, useState, type DragEvent } from "react";
import type { Kind, Recipe } from "@/model/catalog";
import { fuzzyFind, IconButton, readStored, SearchInput, useMedia, writeStored } from "@/ui";
import { addNodeInView } from "../actions/editing";
import { addRecipe } from "../actions/recipes";
import { startKindDrag, startRecipeDrag } from "../canvas/kindDrag";
import { useFlow } from "../state/flow";
import { useEditor, useFocusTarget, useView } from "../state/session";
import { Ghost } from "./Ghost";
import { KindRow } from "./KindRow";
import { RecipeMark } from "./RecipeMark";
import { RecipeRow } from "./RecipeRow";

const STORED = "editor.palette";

/**
 * All kinds by group, and recipes: found by a few letters, added by Enter or a click, or dragged onto the canvas. Folded
 * it shows the glyphs alone, and opens over the canvas while a kind is looked for.
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
  const [dragged, setDragged] = useState<Kind | Recipe | null>(null);
  return {
    add: (kind: Kind) => addNodeInView(session, kind, flow),
    addRecipe: (recipe: Recipe) => addRecipe(session, recipe, flow),
    dragged,
    /** Before a drag begins its picture must be on the page. */
    press: setDragged,
    drag: (event: DragEvent, kind: Kind) => startKindDrag(event, kind),
    dragRecipe: (event: DragEvent, recipe: Recipe) => startRecipeDrag(event, recipe),
  };
}

function FoldedPalette({ onOpen }: { onOpen: () => void }) {
  const { kinds, groups } = useEditor().catalog;
  const { add, dragged, press, drag } = useAdding();
  const sections = groups.map((group) => kinds.filter((kind) => kind.group === group.id));
  return (
    <nav aria-label="Kinds" className="flex h-full w-12 flex-col items-center border-r border-line bg-surface">
      <div className="flex flex-col gap-1 py-2">
        <IconButton label="Show the names of kinds" onClick={onOpen}>
          <PanelLeftOpen size={16} aria-hidden />
        </IconButton>
        <RecipesButton />
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
      <Ghost dragged={dragged} />
    </nav>
  );
}

/** Asks for a recipe, which goes to the middle of what is seen. */
function RecipesButton({ size }: { size?: "sm" }) {
  const { view } = useEditor();
  const flow = useFlow();
  return (
    <IconButton
      label="Recipes"
      size={size}
      onClick={(event) => {
        const { left, bottom } = event.currentTarget.getBoundingClientRect();
        const into = flow.flowToScreenPosition(flow.viewCentre());
        view.setState({ adding: { at: { x: left, y: bottom }, from: null, recipes: true, into } });
      }}
    >
      <RecipeMark />
    </IconButton>
  );
}

type Entry = { readonly type: "kind"; readonly kind: Kind } | { readonly type: "recipe"; readonly recipe: Recipe };

const ofKind = (kind: Kind): Entry => ({ type: "kind", kind });
const ofRecipe = (recipe: Recipe): Entry => ({ type: "recipe", recipe });

function OpenPalette({ onFold }: { onFold: () => void }) {
  const session = useEditor();
  const searchBox = useFocusTarget("palette");
  const { add, addRecipe, dragged, press, drag, dragRecipe } = useAdding();
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const [searching, setSearching] = useState(false);
  const { kinds, groups, recipes } = session.catalog;

  const sections = useMemo(() => {
    if (query.trim() !== "") {
      const found = fuzzyFind(query, [
        ...kinds.map((kind) => ({ item: ofKind(kind), texts: [kind.label, kind.id, kind.description] })),
        ...recipes.map((recipe) => ({ item: ofRecipe(recipe), texts: [recipe.label, recipe.id, recipe.description] })),
      ]);
      return [{ id: "found", label: "", entries: found }];
    }
    return [
      ...groups.map((group) => ({ ...group, entries: kinds.filter((kind) => kind.group === group.id).map(ofKind) })),
      { id: "recipes", label: "Recipes", entries: recipes.map(ofRecipe) },
    ].filter(({ entries }) => entries.length > 0);
  }, [kinds, groups, recipes, query]);
  const flat = sections.flatMap((section) => section.entries);
  const shown = Math.min(active, Math.max(0, flat.length - 1));

  const addFound = (entry: Entry): void => {
    if (entry.type === "kind") add(entry.kind);
    else addRecipe(entry.recipe);
    // The next one is looked for among all.
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
        <RecipesButton size="sm" />
        <IconButton label="Fold the kinds" size="sm" onClick={onFold}>
          <PanelLeftClose size={16} aria-hidden />
        </IconButton>
      </div>
      <div className="min-h-0 flex-1 overflow-y-auto px-1.5 pb-3">
        {sections.map((section) => (
          <section key={section.id} aria-label={section.label || "Found kinds"}>
            {section.label && <h2 className="px-2 pt-2.5 pb-1 text-11 font-medium text-muted">{section.label}</h2>}
            <ul>
              {section.entries.map((entry) =>
                entry.type === "kind" ? (
                  <KindRow
                    key={entry.kind.id}
                    kind={entry.kind}
                    active={searching && flat[shown] === entry}
                    onAdd={add}
                    onPress={press}
                    onDrag={drag}
                  />
                ) : (
                  <RecipeRow
                    key={`recipe ${entry.recipe.id}`}
                    recipe={entry.recipe}
                    active={searching && flat[shown] === entry}
                    onAdd={addRecipe}
                    onPress={press}
                    onDrag={dragRecipe}
                  />
                ),
              )}
            </ul>
          </section>
        ))}
        {flat.length === 0 && <p className="px-2 py-3 text-13 text-muted">No kind or recipe matches “{query}”.</p>}
      </div>
      <Ghost dragged={dragged} />
    </nav>
  );
}
