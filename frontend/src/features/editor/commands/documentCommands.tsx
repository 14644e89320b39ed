import { Redo2, Save, Undo2 } from "lucide-react";
import { findKind } from "../actions/showing";
import type { EditorSession } from "../state/session";
import { ICON, row, type EditorCommand } from "./command";

/** The document as a whole: its history, its saving, and what is added to it. */
export function documentCommands(session: EditorSession) {
  const { document, autosaver } = session;
  const editable = (): boolean => !document.getState().readOnly;
  return {
    undo: {
      ...row("edit.undo", "editor", "mod+z", <Undo2 {...ICON} />),
      label: () => withStep("Undo", document.getState().history.past.at(-1)?.label),
      enabled: () => editable() && document.getState().history.past.length > 0,
      perform: () => void document.getState().undo(),
    },
    redo: {
      ...row("edit.redo", "editor", ["shift+mod+z", "mod+y"], <Redo2 {...ICON} />),
      label: () => withStep("Redo", document.getState().history.future.at(-1)?.label),
      enabled: () => editable() && document.getState().history.future.length > 0,
      perform: () => void document.getState().redo(),
    },
    save: {
      ...row("workflow.save", "editor", "mod+s", <Save {...ICON} />),
      label: "Save now",
      whileTyping: true,
      enabled: editable,
      // If it fails, the title bar shows the reason.
      perform: () => void autosaver.flush().catch(() => undefined),
    },
    findKind: {
      ...row("kind.find", "editor", "/"),
      label: "Find a kind and add it",
      hidden: true,
      enabled: editable,
      perform: () => findKind(session),
    },
  } satisfies Record<string, EditorCommand>;
}

function withStep(verb: string, step: string | undefined): string {
  return step === undefined ? verb : `${verb} ${step}`;
}
