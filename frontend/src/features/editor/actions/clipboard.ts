/** Copying nodes to the clipboard of the browser, and pasting them from it. */
import { copyFragment, fragmentCentre, fragmentFromText, fragmentToText } from "@/model/clipboard";
import { paste } from "@/model/edits";
import { CARD, GRID, snap } from "@/model/place";
import type { Point } from "@/model/records";
import { copyText, toast } from "@/ui";
import type { EditorSession } from "../state/session";

/** The selected nodes as text for the clipboard; null when no node is selected. */
export function copySelection(session: EditorSession): string | null {
  const { selectedNodes } = session.view.getState();
  if (selectedNodes.length === 0) return null;
  return fragmentToText(copyFragment(session.document.getState().document, selectedNodes));
}

/** For menus; the keys go through the browser's own copy event. */
export function copySelectionToClipboard(session: EditorSession): void {
  const text = copySelection(session);
  if (text !== null) void copyText(text);
}

/** Adds the nodes in `text` around `centre` and selects them; false when the text holds no nodes of ours. */
export function pasteText(session: EditorSession, text: string, centre: Point): boolean {
  const fragment = fragmentFromText(text);
  if (!fragment || fragment.nodes.length === 0) return false;
  const { document, apply } = session.document.getState();
  const middle = fragmentCentre(fragment, CARD);
  const taken = new Set(Object.values(document.nodes).map((node) => `${node.position.x} ${node.position.y}`));
  let offset = snap({ x: centre.x - middle.x, y: centre.y - middle.y });
  // Pasted twice at one place: each copy goes one step beside the last.
  while (fragment.nodes.some((node) => taken.has(`${node.position.x + offset.x} ${node.position.y + offset.y}`))) {
    offset = { x: offset.x + 2 * GRID, y: offset.y + 2 * GRID };
  }
  const { edit, nodeIds } = paste(document, session.catalog, fragment, offset);
  apply(edit);
  session.view.getState().select(nodeIds);
  return true;
}

/** `pasteText`, with a message where there is nothing to paste. */
export function pasteOrExplain(session: EditorSession, text: string, centre: Point): void {
  if (pasteText(session, text, centre)) return;
  toast({ key: "paste", title: "The clipboard holds no nodes", detail: "Copy nodes on a canvas first." });
}

/** For menus, where the browser must be asked for the clipboard; some browsers refuse. */
export async function pasteFromClipboard(session: EditorSession, centre: Point): Promise<void> {
  let text: string;
  try {
    text = await navigator.clipboard.readText();
  } catch {
    toast({
      key: "paste",
      title: "This browser does not let the page read the clipboard",
      detail: "Press Ctrl+V on the canvas instead.",
    });
    return;
  }
  pasteOrExplain(session, text, centre);
}
