import { Popover } from "radix-ui";
import { useMemo, useState } from "react";
import type { Kind, Recipe } from "@/model/catalog";
import { kindsThatFit } from "@/model/connect";
import { KindIcon } from "@/product";
import { cx, fuzzyFind, SearchInput } from "@/ui";
import { addNodeHere } from "../actions/editing";
import { addRecipe } from "../actions/recipes";
import { intoSight } from "../palette/intoSight";
import { RecipeMark } from "../palette/RecipeMark";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";
import type { Adding } from "../state/viewStore";

/**
 * Asks what to add at a place of the canvas: a kind or a recipe; at the end of a line only kinds that fit, which are joined
 * by it.
 */
export function AddMenu() {
  const adding = useView((state) => state.adding);
  return adding && <Open key={`${adding.at.x} ${adding.at.y}`} {...adding} />;
}

type Offer =
  | { readonly type: "kind"; readonly id: string; readonly kind: Kind }
  | { readonly type: "recipe"; readonly id: string; readonly recipe: Recipe };

function useOffers({ from, recipes: onlyRecipes = false }: Adding, query: string): readonly Offer[] {
  const { catalog, document } = useEditor();
  return useMemo(() => {
    const joined = from !== null;
    const all = joined ? kindsThatFit(catalog, document.getState().document, from) : catalog.kinds;
    const kinds = (onlyRecipes ? [] : all).map((kind) => ({
      item: { type: "kind", id: kind.id, kind } as const,
      texts: [kind.label, kind.id, kind.description],
    }));
    const recipes = (joined ? [] : catalog.recipes).map((recipe) => ({
      item: { type: "recipe", id: `recipe ${recipe.id}`, recipe } as const,
      texts: [recipe.label, recipe.id, recipe.description],
    }));
    return fuzzyFind<Offer>(query, [...kinds, ...recipes]);
  }, [catalog, document, from, onlyRecipes, query]);
}

function Open(adding: Adding) {
  const { at, from, into = at } = adding;
  const session = useEditor();
  const flow = useFlow();
  const source = useDocument((state) => (from === null ? undefined : state.document.nodes[from]));
  const [query, setQuery] = useState("");
  const [active, setActive] = useState(0);
  const offers = useOffers(adding, query);
  const shown = Math.min(active, Math.max(0, offers.length - 1));
  const close = (): void => session.view.setState({ adding: null });
  const choose = (offer: Offer | undefined): void => {
    if (!offer) return;
    close();
    if (offer.type === "kind") addNodeHere(session, offer.kind, flow, into, from);
    else addRecipe(session, offer.recipe, flow, flow.screenToFlowPosition(into, { snapToGrid: false }));
  };
  const firstRecipe = query === "" && !adding.recipes ? offers.findIndex(({ type }) => type === "recipe") : -1;
  return (
    <Popover.Root open onOpenChange={(open) => !open && close()}>
      <Popover.Anchor asChild>
        <span aria-hidden className="fixed size-px" style={{ left: at.x, top: at.y }} />
      </Popover.Anchor>
      <Popover.Portal>
        <Popover.Content
          aria-label={source ? `Add to ${source.name}` : "Add here"}
          align="start"
          sideOffset={4}
          collisionPadding={8}
          onCloseAutoFocus={(event) => {
            event.preventDefault();
            session.focus.give("canvas");
          }}
          onKeyDown={(event) => {
            if (event.key === "ArrowDown") setActive(Math.min(shown + 1, offers.length - 1));
            else if (event.key === "ArrowUp") setActive(Math.max(shown - 1, 0));
            else if (event.key === "Enter") choose(offers[shown]);
            else return;
            event.preventDefault();
          }}
          className="animate-pop z-60 flex max-h-(--radix-popover-content-available-height) w-72 flex-col rounded-card border border-line bg-raised p-1.5 shadow-3"
        >
          <SearchInput
            label={adding.recipes ? "Find a recipe to add" : "Find a kind to add"}
            placeholder={source ? `Joined to ${source.name}` : adding.recipes ? "Add a recipe" : "Add here"}
            value={query}
            onChange={(text) => {
              setQuery(text);
              setActive(0);
            }}
          />
          <ul
            aria-label={adding.recipes ? "Recipes" : source ? "Kinds that fit" : "Kinds and recipes"}
            className="mt-1 max-h-72 min-h-0 overflow-y-auto"
          >
            {offers.map((offer, index) => (
              <li key={offer.id} className={cx(index === firstRecipe && "mt-1 border-t border-line pt-1")}>
                <OfferButton
                  offer={offer}
                  active={index === shown}
                  onChoose={() => choose(offer)}
                  onPoint={() => setActive(index)}
                />
              </li>
            ))}
          </ul>
          {offers.length === 0 && (
            <p className="px-2 py-3 text-13 text-muted">
              {query === "" && source
                ? `Nothing more can be connected to ${source.name}.`
                : `No ${adding.recipes ? "recipe" : source ? "kind" : "kind or recipe"} matches “${query}”.`}
            </p>
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface OfferButtonProps {
  readonly offer: Offer;
  readonly active: boolean;
  readonly onChoose: () => void;
  readonly onPoint: () => void;
}

function OfferButton({ offer, active, onChoose, onPoint }: OfferButtonProps) {
  const { label, description } = offer.type === "kind" ? offer.kind : offer.recipe;
  return (
    <button
      ref={active ? intoSight : undefined}
      type="button"
      tabIndex={-1}
      aria-current={active}
      title={description}
      onClick={onChoose}
      onPointerMove={onPoint}
      className={cx("flex h-8 w-full items-center gap-2 rounded px-2 text-left text-13", active && "bg-hover")}
    >
      {offer.type === "kind" ? (
        <span className="kind-mark border-0! bg-transparent!" data-group={offer.kind.group}>
          <KindIcon kind={offer.kind.icon} className="shrink-0" />
        </span>
      ) : (
        <RecipeMark />
      )}
      <span className="min-w-0 flex-1 truncate">{label}</span>
    </button>
  );
}
