/** Dragging a kind from the palette onto the canvas. */
import type { DragEvent } from "react";
import type { Catalog, Kind } from "@/model/catalog";

const KIND_MIME = "application/x-kubeorch-kind";

export const GHOST_ID = "dragged-kind";

/** Drags a kind; what is seen of it is the card in the element of GHOST_ID. */
export function startKindDrag(event: DragEvent, kind: Kind): void {
  const ghost = document.getElementById(GHOST_ID);
  if (ghost) {
    const { width, height } = ghost.getBoundingClientRect();
    event.dataTransfer.setDragImage(ghost, width / 2, height / 2);
  }
  event.dataTransfer.setData(KIND_MIME, kind.id);
  event.dataTransfer.effectAllowed = "copy";
}

/** Lets a kind or a file be dropped here; anything else that is dragged stays forbidden. */
export function allowKindDrop(event: DragEvent): void {
  if (!event.dataTransfer.types.includes(KIND_MIME) && !event.dataTransfer.types.includes("Files")) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
}

export function droppedKind(event: DragEvent, catalog: Catalog): Kind | undefined {
  return catalog.kindById.get(event.dataTransfer.getData(KIND_MIME));
}
