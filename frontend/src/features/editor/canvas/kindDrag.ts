/** Dragging a kind or a recipe from the palette onto the canvas. */
import type { DragEvent } from "react";
import type { Catalog, Kind, Recipe } from "@/model/catalog";

const KIND_MIME = "application/x-kubeorch-kind";
const RECIPE_MIME = "application/x-kubeorch-recipe";

export const GHOST_ID = "dragged-kind";

/** Drags a kind; what is seen of it is the card in the element of GHOST_ID. */
export function startKindDrag(event: DragEvent, kind: Kind): void {
  startDrag(event, KIND_MIME, kind.id);
}

/** As `startKindDrag`, of a recipe. */
export function startRecipeDrag(event: DragEvent, recipe: Recipe): void {
  startDrag(event, RECIPE_MIME, recipe.id);
}

function startDrag(event: DragEvent, type: string, id: string): void {
  const ghost = document.getElementById(GHOST_ID);
  if (ghost) {
    const { width, height } = ghost.getBoundingClientRect();
    event.dataTransfer.setDragImage(ghost, width / 2, height / 2);
  }
  event.dataTransfer.setData(type, id);
  event.dataTransfer.effectAllowed = "copy";
}

/** Lets a kind, a recipe or a file be dropped here; anything else that is dragged stays forbidden. */
export function allowKindDrop(event: DragEvent): void {
  if (![KIND_MIME, RECIPE_MIME, "Files"].some((type) => event.dataTransfer.types.includes(type))) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
}

export function droppedKind(event: DragEvent, catalog: Catalog): Kind | undefined {
  return catalog.kindById.get(event.dataTransfer.getData(KIND_MIME));
}

export function droppedRecipe(event: DragEvent, catalog: Catalog): Recipe | undefined {
  const id = event.dataTransfer.getData(RECIPE_MIME);
  return catalog.recipes.find((recipe) => recipe.id === id);
}
