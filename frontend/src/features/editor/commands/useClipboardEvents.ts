import { useEffect } from "react";
import { copyText } from "@/ui";
import { copySelection, pasteOrExplain } from "../actions/clipboard";
import { deleteSelection } from "../actions/editing";
import type { Flow } from "../state/flow";
import { useEditor } from "../state/session";
import { isOnCanvas } from "./useEditorCommands";

/** Copy, cut and paste of nodes while the focus is on the canvas, through the browser's own events. */
export function useClipboardEvents(flow: Flow): void {
  const session = useEditor();
  useEffect(() => {
    const copy = (event: ClipboardEvent): boolean => {
      if (!isOnCanvas(session, event.target) || isTextSelected()) return false;
      const text = copySelection(session);
      if (text === null) return false;
      event.preventDefault();
      if (event.clipboardData) event.clipboardData.setData("text/plain", text);
      else void copyText(text);
      return true;
    };
    const cut = (event: ClipboardEvent): void => {
      if (copy(event)) deleteSelection(session);
    };
    const paste = (event: ClipboardEvent): void => {
      const text = event.clipboardData?.getData("text/plain") ?? "";
      if (text === "" || !isOnCanvas(session, event.target) || session.document.getState().readOnly) return;
      event.preventDefault();
      void pasteOrExplain(session, text, flow.viewCentre());
    };
    window.addEventListener("copy", copy);
    window.addEventListener("cut", cut);
    window.addEventListener("paste", paste);
    return () => {
      window.removeEventListener("copy", copy);
      window.removeEventListener("cut", cut);
      window.removeEventListener("paste", paste);
    };
  }, [session, flow]);
}

function isTextSelected(): boolean {
  const selection = window.getSelection();
  return selection !== null && !selection.isCollapsed && selection.toString().trim() !== "";
}
