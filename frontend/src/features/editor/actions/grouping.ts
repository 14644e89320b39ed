/** Groups: what is selected gets a frame, or loses it. */
import { commonTitle, freeTitle, group } from "@/model/groups";
import type { EditorSession } from "../state/session";

/** Puts what is selected into a frame of its own, whose title is named in the inspector then. */
export function groupSelection(session: EditorSession): void {
  const { document, apply, seal } = session.document.getState();
  const { selectedNodes } = session.view.getState();
  // The whole of a group already: there is nothing to do.
  const title = commonTitle(document, selectedNodes);
  if (title && membersOf(session, new Set([title])).length === selectedNodes.length) return;
  seal();
  apply(group(document, selectedNodes, freeTitle(document)));
  session.document.getState().seal();
}

/** Takes what is selected out of its frames; one that is empty then is gone. */
export function ungroupSelection(session: EditorSession): void {
  const { document, apply, seal } = session.document.getState();
  seal();
  apply(group(document, groupedIn(session), ""));
  session.document.getState().seal();
}

/** Selects all that stands in the frames of what is selected. */
export function selectGroups(session: EditorSession): void {
  const { nodes } = session.document.getState().document;
  const titles = new Set(groupedIn(session).map((id) => nodes[id]?.group));
  session.view.getState().select(membersOf(session, titles));
}

/** The selected nodes that stand in a frame. */
export function groupedIn(session: EditorSession): string[] {
  const { nodes } = session.document.getState().document;
  return session.view.getState().selectedNodes.filter((id) => nodes[id]?.group);
}

function membersOf(session: EditorSession, titles: ReadonlySet<string | undefined>): string[] {
  const { nodes } = session.document.getState().document;
  return Object.values(nodes).flatMap((node) => (node.group && titles.has(node.group) ? [node.id] : []));
}
