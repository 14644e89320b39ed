/** Adding a recipe: its nodes, joined, as one step of undo. */
import type { Recipe } from "@/model/catalog";
import { fragmentCentre } from "@/model/clipboard";
import { paste } from "@/model/edits";
import { CARD, freeOffset } from "@/model/place";
import { recipeFragment } from "@/model/recipes";
import type { Point } from "@/model/records";
import { fitAll } from "../canvas/fit";
import { viewportShowing } from "../canvas/geometry";
import type { Flow } from "../state/flow";
import type { EditorSession } from "../state/session";
import { moveTo } from "./showing";

/** Adds the recipe at the free place nearest to `centre`, a point of the graph, selects it and has all of it in view. */
export function addRecipe(session: EditorSession, recipe: Recipe, flow: Flow, centre: Point = flow.viewCentre()): void {
  const { document, apply } = session.document.getState();
  const isFirst = Object.keys(document.nodes).length === 0;
  const fragment = recipeFragment(document, session.catalog, recipe);
  const middle = fragmentCentre(fragment, CARD);
  const places = fragment.nodes.map((node) => node.position);
  const offset = freeOffset(document, places, { x: centre.x - middle.x, y: centre.y - middle.y });
  const { edit, nodeIds } = paste(document, session.catalog, fragment, offset);
  apply({ ...edit, label: `add ${recipe.label}` });
  if (!isFirst) session.view.getState().select(nodeIds);
  // In the next frame the inspector is open.
  requestAnimationFrame(() => {
    if (isFirst) return fitAll(session, flow);
    const { nodes } = session.document.getState().document;
    const drawn = nodeIds.flatMap((id) => nodes[id]?.position ?? []);
    const isSeen = drawn.every((place) => viewportShowing(place, flow.getViewport(), flow.screen()) === null);
    if (!isSeen) moveTo(drawn, flow);
  });
}
