import { useEffect, type RefObject } from "react";
import { GRID } from "@/model/place";
import { copyText, motionMs, toast } from "@/ui";
import { copySelection, deleteSelection, duplicateSelection, layoutAll, nudgeSelection, pasteText } from "../actions";
import { fitAll } from "./fit";
import type { Flow } from "../state/flow";
import { useEditor } from "../state/session";

const ARROWS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-GRID, 0],
  ArrowRight: [GRID, 0],
  ArrowUp: [0, -GRID],
  ArrowDown: [0, GRID],
};

/**
 * Keys of the canvas. They count while the focus is on the canvas or nowhere in particular; fields keep their own undo,
 * copy and arrows. Undo and redo of the graph work everywhere but inside text.
 */
export function useCanvasKeys(pane: RefObject<HTMLDivElement | null>, flow: Flow): void {
  const session = useEditor();
  useEffect(() => {
    const view = session.view;
    const document_ = session.document;
    const inCanvas = (target: EventTarget | null): boolean =>
      target === document.body || (target instanceof Node && pane.current !== null && pane.current.contains(target));

    const key = (event: KeyboardEvent): void => {
      if (event.defaultPrevented || isText(event.target) || openDialog()) return;
      const mod = event.ctrlKey || event.metaKey;
      const letter = event.key.toLowerCase();
      if (mod && !event.altKey && (letter === "z" || letter === "y")) {
        event.preventDefault();
        if (letter === "y" || event.shiftKey) document_.getState().redo();
        else document_.getState().undo();
        return;
      }
      if (mod && letter === "s") {
        event.preventDefault();
        void session.autosaver.flush().catch(() => undefined);
        return;
      }
      if (!inCanvas(event.target)) return;
      const act = actionFor(event, mod, letter);
      if (!act) return;
      event.preventDefault();
      act();
    };

    const actionFor = (event: KeyboardEvent, mod: boolean, letter: string): (() => void) | null => {
      const { selectedNodes, selectedEdges, nodes, edges, select, linking } = view.getState();
      const some = selectedNodes.length + selectedEdges.length > 0;
      const arrow = ARROWS[event.key];
      if (arrow && selectedNodes.length > 0 && !mod) {
        const far = event.shiftKey ? 5 : 1;
        return () => nudgeSelection(session, arrow[0] * far, arrow[1] * far);
      }
      if (mod) {
        switch (letter) {
          case "a":
            return () =>
              select(
                nodes.map((node) => node.id),
                edges.map((edge) => edge.id),
              );
          case "d":
            return selectedNodes.length > 0 ? () => duplicateSelection(session) : null;
          case "=":
          case "+":
            return () => void flow.zoomIn({ duration: motionMs(120) });
          case "-":
            return () => void flow.zoomOut({ duration: motionMs(120) });
          case "0":
            return () => void flow.zoomTo(1, { duration: motionMs(120) });
          default:
            return null;
        }
      }
      switch (event.key) {
        case "Backspace":
        case "Delete":
          return some ? () => deleteSelection(session) : null;
        case "Escape":
          return some || linking ? () => select([]) : null;
        case "Enter":
        case " ":
          return () => focusChosen(event, select);
        case "c":
          return selectedNodes.length === 1 && !document_.getState().readOnly
            ? () => view.setState({ connectFrom: selectedNodes[0] ?? null })
            : null;
        case "f":
          return () => fitAll(flow);
        case "l":
          return document_.getState().readOnly ? null : () => void layoutAll(session, flow);
        case "o":
          return () => view.setState({ outline: !view.getState().outline });
        default:
          return null;
      }
    };

    const copy =
      (cut: boolean) =>
      (event: ClipboardEvent): void => {
        if (isText(event.target) || !inCanvas(event.target) || openDialog() || hasTextSelection()) return;
        const text = copySelection(session);
        if (text === null) return;
        event.preventDefault();
        if (event.clipboardData) event.clipboardData.setData("text/plain", text);
        else void copyText(text);
        if (cut) deleteSelection(session);
      };

    const paste = (event: ClipboardEvent): void => {
      if (isText(event.target) || !inCanvas(event.target) || openDialog()) return;
      const text = event.clipboardData?.getData("text/plain") ?? "";
      const box = pane.current?.getBoundingClientRect();
      if (text === "" || !box) return;
      event.preventDefault();
      const done = pasteText(
        session,
        text,
        flow.screenToFlowPosition({ x: box.left + box.width / 2, y: box.top + box.height / 2 }),
      );
      if (!done)
        toast({ key: "paste", title: "The clipboard holds no nodes", detail: "Copy nodes on a canvas first." });
    };
    const onCopy = copy(false);
    const onCut = copy(true);

    window.addEventListener("keydown", key);
    window.addEventListener("copy", onCopy);
    window.addEventListener("cut", onCut);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("keydown", key);
      window.removeEventListener("copy", onCopy);
      window.removeEventListener("cut", onCut);
      window.removeEventListener("paste", paste);
    };
  }, [session, flow, pane]);
}

/** Enter on a focused card or line selects it, and on one that is selected goes on into its form. */
function focusChosen(
  event: KeyboardEvent,
  select: (nodes: readonly string[], edges?: readonly string[]) => void,
): void {
  const element = event.target instanceof Element ? event.target.closest("[data-id]") : null;
  const id = element?.getAttribute("data-id");
  if (!element || !id) return;
  const again = element.classList.contains("selected");
  if (element.classList.contains("react-flow__edge")) select([], [id]);
  else select([id]);
  if (again)
    requestAnimationFrame(() =>
      document.querySelector<HTMLElement>("[data-inspector] input, [data-inspector] button")?.focus(),
    );
}

function isText(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, .monaco-editor, [role=combobox]") !== null)
  );
}

function openDialog(): boolean {
  return document.querySelector("[role=dialog][data-state=open]:not([data-inert-ok])") !== null;
}

function hasTextSelection(): boolean {
  const selection = window.getSelection();
  return selection !== null && !selection.isCollapsed && selection.toString().trim() !== "";
}
