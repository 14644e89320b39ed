import { useEffect, useState } from "react";
import type { Workflow } from "@/contract";
import type { Catalog } from "@/model/catalog";
import { toast } from "@/ui";
import { Editor } from "./Editor";
import type { Linked } from "./state/address";
import { openSession, type OpenedGraph } from "./state/openSession";
import { SessionProvider } from "./state/session";
import { ageText } from "./words";

interface OpenEditorProps {
  readonly workflow: Workflow;
  readonly catalog: Catalog;
  readonly graph: OpenedGraph;
  readonly readOnly: boolean;
  readonly linked: Linked;
}

/** Opens a session on what was loaded, and saves for as long as it is open. */
export function OpenEditor({ workflow, catalog, graph, readOnly, linked }: OpenEditorProps) {
  const [session] = useState(() =>
    openSession({
      workflowId: workflow.id,
      graph,
      catalog,
      environmentIds: workflow.environments.map((environment) => environment.id),
      linkedEnvironment: linked.environment,
      readOnly,
    }),
  );
  useEffect(() => {
    return session.autosaver.start();
  }, [session]);
  useEffect(() => {
    if (graph.recovery.type !== "continue" || readOnly) return;
    toast({
      key: "draft",
      title: `Edits from ${ageText(graph.recovery.at)} had not reached the server`,
      detail: "They were kept in this browser and are being saved now.",
      action: { label: "Undo them", onClick: () => session.document.getState().undo() },
    });
  }, [graph, session, readOnly]);
  return (
    <SessionProvider value={session}>
      <Editor workflow={workflow} wantedNode={linked.node} />
    </SessionProvider>
  );
}
