/** An editor without a server and without a page, for tests. */
import { ReactFlowProvider } from "@xyflow/react";
import type { ReactNode } from "react";
import type { Catalog } from "@/model/catalog";
import type { Problem } from "@/model/checks";
import type { EdgeRecord, GraphDocument } from "@/model/records";
import { aGraph, sampleCatalog } from "@/model/testing/samples";
import { TooltipProvider } from "@/ui";
import { createAutosaver, type PutGraph } from "../state/autosaver";
import { createDocumentStore } from "../state/documentStore";
import { createFocus } from "../state/focus";
import { SessionProvider, type EditorSession } from "../state/session";
import { createViewStore, type ViewState } from "../state/viewStore";

interface SessionOptions {
  readonly document?: GraphDocument;
  readonly problems?: readonly Problem[];
  readonly catalog?: Catalog;
  readonly readOnly?: boolean;
  readonly view?: Partial<ViewState>;
  readonly put?: PutGraph;
}

/** The view follows the document, as on the canvas. */
export function aSession(options: SessionOptions = {}): EditorSession {
  const { document: start = aGraph([]), problems = [], catalog = sampleCatalog, readOnly = false } = options;
  const document = createDocumentStore({ rev: 1, document: start, problems, catalog, readOnly });
  const view = createViewStore(start, { environmentId: "e", ...options.view }, lineName);
  document.subscribe((state, before) => state.document !== before.document && view.getState().sync(state.document));
  const put: PutGraph = options.put ?? (async () => ({ type: "unreachable", reason: "No server in this test." }));
  const autosaver = createAutosaver(document, "w", put, {
    read: async () => null,
    write: async () => undefined,
    clear: async () => undefined,
  });
  return { workflowId: "w", catalog, document, view, autosaver, focus: createFocus() };
}

function lineName({ source, target }: EdgeRecord, nodes: GraphDocument["nodes"]): string {
  return `${nodes[source]?.name}--${nodes[target]?.name}`;
}

/** What parts of the editor need around them. */
export function InSession({ session, children }: { session: EditorSession; children: ReactNode }) {
  return (
    <TooltipProvider>
      <ReactFlowProvider>
        <SessionProvider value={session}>{children}</SessionProvider>
      </ReactFlowProvider>
    </TooltipProvider>
  );
}
