/** Opens a workflow for editing: the graph from the server, with the unsaved edits that this browser kept. */
import { fetchGraph } from "@/api";
import type { Catalog } from "@/model/catalog";
import type { Problem } from "@/model/checks";
import { recoverDraft, type Recovery } from "@/model/draft";
import { diffDocuments, documentFromLists, type GraphDocument } from "@/model/records";
import { asGraphProblem, putGraphOf } from "../server";
import { createAutosaver } from "./autosaver";
import { createDocumentStore } from "./documentStore";
import { browserDrafts } from "./draftStorage";
import { startingEnvironment } from "./environment";
import { createFocus } from "./focus";
import type { EditorSession } from "./session";
import type { LineName } from "./flowElements";
import { createViewStore } from "./viewStore";

export interface OpenedGraph {
  readonly rev: number;
  readonly document: GraphDocument;
  readonly problems: readonly Problem[];
  readonly recovery: Recovery;
}

export async function readGraph(workflowId: string, signal?: AbortSignal): Promise<OpenedGraph> {
  const [graph, draft] = await Promise.all([fetchGraph(workflowId, signal), browserDrafts.read(workflowId)]);
  const document = documentFromLists(graph);
  return {
    rev: graph.rev,
    document,
    problems: graph.problems.map(asGraphProblem),
    recovery: recoverDraft(draft, graph.rev, document),
  };
}

interface SessionStart {
  readonly workflowId: string;
  readonly graph: OpenedGraph;
  readonly catalog: Catalog;
  readonly environmentIds: readonly string[];
  /** The environment in the address, if any. */
  readonly linkedEnvironment: string | null;
  readonly readOnly: boolean;
}

export function openSession({
  workflowId,
  graph,
  catalog,
  environmentIds,
  linkedEnvironment,
  readOnly,
}: SessionStart): EditorSession {
  const document = createDocumentStore({
    rev: graph.rev,
    document: graph.document,
    problems: graph.problems,
    catalog,
    readOnly,
  });
  if (!readOnly) restore(document, graph);
  const view = createViewStore(
    document.getState().document,
    { environmentId: startingEnvironment(workflowId, environmentIds, linkedEnvironment) },
    lineNames(catalog),
  );
  return {
    workflowId,
    catalog,
    document,
    view,
    autosaver: createAutosaver(document, workflowId, putGraphOf(workflowId), browserDrafts),
    focus: createFocus(),
  };
}

/** "web routes traffic to api" */
export function lineNames(catalog: Catalog): LineName {
  return ({ source, target, relation }, nodes) =>
    `${nodes[source]?.name} ${catalog.relationById.get(relation)?.phrase ?? relation} ${nodes[target]?.name}`;
}

function restore(store: ReturnType<typeof createDocumentStore>, { rev, document, recovery }: OpenedGraph): void {
  const state = store.getState();
  if (recovery.type === "continue") {
    state.apply({ label: "go on from the draft", diff: diffDocuments(document, recovery.document) });
  }
  if (recovery.type === "diverged") {
    // As if saving them had just found a newer revision: the same dialog with the same choices.
    store.setState({ base: recovery.base });
    state.apply({ label: "go on from the draft", diff: diffDocuments(document, recovery.document) });
    state.saveEvent({ type: "sent" });
    store.getState().stale({ rev, theirs: document, by: null });
  }
}
