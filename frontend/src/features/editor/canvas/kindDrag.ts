/** Dragging a kind from the palette onto the canvas. */
import type { DragEvent } from "react";
import type { Catalog, Kind } from "@/model/catalog";

const KIND_MIME = "application/x-kubeorch-kind";

export function startKindDrag(event: DragEvent, kind: Kind): void {
  event.dataTransfer.setData(KIND_MIME, kind.id);
  event.dataTransfer.effectAllowed = "copy";
}

/** Lets a kind be dropped here; anything else that is dragged stays forbidden. */
export function allowKindDrop(event: DragEvent): void {
  if (!event.dataTransfer.types.includes(KIND_MIME)) return;
  event.preventDefault();
  event.dataTransfer.dropEffect = "copy";
}

export function droppedKind(event: DragEvent, catalog: Catalog): Kind | undefined {
  return catalog.kindById.get(event.dataTransfer.getData(KIND_MIME));
}
