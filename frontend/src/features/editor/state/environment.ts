/** The environment that is shown: the one a link names, else the one chosen last for this workflow, else the first. */
import { readStored, writeStored } from "@/ui";
import type { EditorSession } from "./session";

const stored = (workflowId: string): string => `editor.environment.${workflowId}`;

export function chooseEnvironment(session: EditorSession, environmentId: string): void {
  session.view.setState({ environmentId, runId: null, chosenRun: null });
  writeStored(stored(session.workflowId), environmentId);
}

export function startingEnvironment(
  workflowId: string,
  environmentIds: readonly string[],
  linked: string | null,
): string | null {
  const wanted = [linked, readStored(stored(workflowId))];
  return wanted.find((id) => id !== null && environmentIds.includes(id)) ?? environmentIds[0] ?? null;
}
