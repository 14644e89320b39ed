/** A session that shows a marked graph on the canvas: nothing in it is edited, checked or saved. */
import type { MarkedGraph } from "@/model/markedGraph";
import { createAutosaver } from "../state/autosaver";
import { createDocumentStore } from "../state/documentStore";
import { createFocus } from "../state/focus";
import { lineNames } from "../state/openSession";
import type { EditorSession } from "../state/session";
import { createViewStore } from "../state/viewStore";

const NO_DRAFTS = { read: async () => null, write: async () => undefined, clear: async () => undefined };

export function openLens(
  { workflowId, catalog }: Pick<EditorSession, "workflowId" | "catalog">,
  { document: graph, cards, lines }: MarkedGraph,
  environmentId: string | null,
): EditorSession {
  const document = createDocumentStore({
    rev: 0,
    document: graph,
    problems: [],
    catalog,
    readOnly: true,
    checked: false,
  });
  const view = createViewStore(
    graph,
    { environmentId, lens: true, cardMarks: cards, lineMarks: lines },
    lineNames(catalog),
  );
  const autosaver = createAutosaver(
    document,
    workflowId,
    async () => ({ type: "refused", reason: "This graph is only shown.", problems: [] }),
    NO_DRAFTS,
  );
  return { workflowId, catalog, document, view, autosaver, focus: createFocus() };
}
