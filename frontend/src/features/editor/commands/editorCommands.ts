/**
 * Everything a person can do in the editor, once. The keys, the menus, the toolbar, the command palette and the list
 * of shortcuts all read these rows.
 */
import type { Flow } from "../state/flow";
import type { EditorSession } from "../state/session";
import { documentCommands } from "./documentCommands";
import { selectionCommands } from "./selectionCommands";
import { viewCommands } from "./viewCommands";

export type EditorCommands = ReturnType<typeof editorCommands>;

export function editorCommands(session: EditorSession, flow: Flow) {
  return {
    ...documentCommands(session),
    ...selectionCommands(session, flow),
    ...viewCommands(session, flow),
  };
}
