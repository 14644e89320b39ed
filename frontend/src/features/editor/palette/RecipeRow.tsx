import type { DragEvent } from "react";
import type { Recipe } from "@/model/catalog";
import { cx, Tooltip } from "@/ui";
import { RecipeMark } from "./RecipeMark";
import { intoSight } from "./intoSight";

interface RecipeRowProps {
  readonly recipe: Recipe;
  /** Enter in the search box would add it. */
  readonly active: boolean;
  readonly onAdd: (recipe: Recipe) => void;
  readonly onPress: (recipe: Recipe) => void;
  readonly onDrag: (event: DragEvent, recipe: Recipe) => void;
}

/** A recipe to add by a click or to drag onto the canvas. */
export function RecipeRow({ recipe, active, onAdd, onPress, onDrag }: RecipeRowProps) {
  return (
    <li>
      <Tooltip text={recipe.description} side="right">
        <button
          ref={active ? intoSight : undefined}
          type="button"
          draggable
          tabIndex={-1}
          onPointerDown={() => onPress(recipe)}
          onDragStart={(event) => onDrag(event, recipe)}
          onClick={() => onAdd(recipe)}
          className={cx(
            "flex min-h-8 w-full cursor-grab items-start gap-2 rounded px-2 py-1.5 text-left text-13 leading-5 hover:bg-hover active:cursor-grabbing",
            active && "bg-hover",
          )}
        >
          <RecipeMark className="mt-0.5" />
          <span className="min-w-0 flex-1">{recipe.label}</span>
        </button>
      </Tooltip>
    </li>
  );
}
