import type { EditorSession } from "../state/session";

const CARD_OR_LINE = ".react-flow__node, .react-flow__edge";

/** The card or line of the canvas that has the focus; xyflow makes them focusable and names them. */
export function focusedElement(target: EventTarget | null): { type: "node" | "edge"; id: string } | null {
  const element = target instanceof Element ? target.closest(CARD_OR_LINE) : null;
  const id = element?.getAttribute("data-id");
  if (!element || !id) return null;
  return { type: element.classList.contains("react-flow__edge") ? "edge" : "node", id };
}

/** Selects the focused card or line; if it is selected already, moves the focus on into its form. */
export function openFocused(session: EditorSession, target: EventTarget | null): void {
  const focused = focusedElement(target);
  if (!focused) return;
  const { select, selectedNodes, selectedEdges } = session.view.getState();
  const isSelected = (focused.type === "node" ? selectedNodes : selectedEdges).includes(focused.id);
  if (focused.type === "node") select([focused.id]);
  else select([], [focused.id]);
  // In the next frame the inspector is open.
  if (isSelected) requestAnimationFrame(() => session.focus.give("inspector"));
}
