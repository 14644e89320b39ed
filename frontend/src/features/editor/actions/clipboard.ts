/** Copying nodes to the clipboard of the browser, and pasting them from it. */
import { copyFragment, fragmentCentre, fragmentFromText, fragmentToText } from "@/model/clipboard";
import { paste } from "@/model/edits";
import { CARD, freeOffset } from "@/model/place";
import type { Point } from "@/model/records";
import { copyText, toast } from "@/ui";
import type { EditorSession } from "../state/session";
import { importText } from "./importFile";

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
  const offset = freeOffset(
    document,
    fragment.nodes.map((node) => node.position),
    { x: centre.x - middle.x, y: centre.y - middle.y },
  );
  const { edit, nodeIds } = paste(document, session.catalog, fragment, offset);
  apply(edit);
  session.view.getState().select(nodeIds);
  return true;
}

/** `pasteText`; text that holds no nodes of ours may be Kubernetes objects, which the server reads. */
export async function pasteOrExplain(session: EditorSession, text: string, centre: Point): Promise<void> {
  if (pasteText(session, text, centre)) return;
  const said = /^\s*[\w"'{[-]/.test(text)
    ? await importText(session, text, "the clipboard")
    : "Copy nodes on a canvas, or the YAML of Kubernetes objects.";
  if (said !== null) toast({ key: "paste", title: "From the clipboard", detail: said });
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
  await pasteOrExplain(session, text, centre);
}
