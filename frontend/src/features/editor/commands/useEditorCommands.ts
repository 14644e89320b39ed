import { useMemo, useSyncExternalStore } from "react";
import { isEnabled, labelOf, useCommands, type Command } from "@/ui";
import { useFlow } from "../state/flow";
import { useEditor, type EditorSession } from "../state/session";
import type { EditorCommand, KeyArea } from "./command";
import { editorCommands, type EditorCommands } from "./editorCommands";
import { focusedElement } from "./openFocused";

/** The rows of the editor, for a component that shows some of them. */
export function useEditorCommands(): EditorCommands {
  const session = useEditor();
  const flow = useFlow();
  return useMemo(() => editorCommands(session, flow), [session, flow]);
}

/** Offers all of them to the keys, the palette and the list of shortcuts. Once in the editor. */
export function useOfferedCommands(): void {
  const session = useEditor();
  const commands = useEditorCommands();
  const areas = useMemo(() => {
    const all: EditorCommand[] = Object.values(commands);
    const inArea = (area: KeyArea) => all.filter((command) => command.area === area);
    return { editor: inArea("editor"), canvas: inArea("canvas"), card: inArea("card") };
  }, [commands]);
  const onCanvas = useMemo(() => (event: KeyboardEvent) => isOnCanvas(session, event.target), [session]);
  // The list of shortcuts begins with what is offered last.
  useCommands(areas.card, onCardOrLine);
  useCommands(areas.canvas, onCanvas);
  useCommands(areas.editor);
}

/** The focus is on the canvas, or nowhere in particular; not in a field that lies over it. */
export function isOnCanvas(session: EditorSession, target: EventTarget | null): boolean {
  if (target instanceof Element && target.closest("input, textarea, [contenteditable]")) return false;
  return target === document.body || session.focus.contains("canvas", target);
}

function onCardOrLine(event: KeyboardEvent): boolean {
  return focusedElement(event.target) !== null;
}

/** What a command is called and whether it can be done, as the document and the view are now. */
export function useCommandState(command: Command): { readonly label: string; readonly enabled: boolean } {
  const { document, view } = useEditor();
  const subscribe = useMemo(
    () => (changed: () => void) => {
      const ends = [document.subscribe(changed), view.subscribe(changed)];
      return () => ends.forEach((end) => end());
    },
    [document, view],
  );
  const label = useSyncExternalStore(subscribe, () => labelOf(command));
  const enabled = useSyncExternalStore(subscribe, () => isEnabled(command));
  return { label, enabled };
}
