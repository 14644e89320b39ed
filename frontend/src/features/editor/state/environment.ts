/** The chosen environment is remembered per workflow and stands in the URL, so that a link shows the same. */
import { readStored, writeStored } from "@/ui";
import type { EditorSession } from "./session";

const PARAMETER = "environment";

export function chooseEnvironment(session: EditorSession, environmentId: string): void {
  session.view.setState({ environmentId, runId: null });
  writeStored(`editor.environment.${session.workflowId}`, environmentId);
  const url = new URL(window.location.href);
  url.searchParams.set(PARAMETER, environmentId);
  window.history.replaceState(window.history.state, "", url);
}

/** What the URL says, else what was chosen last, else the first. */
export function startingEnvironment(workflowId: string, environmentIds: readonly string[]): string | null {
  const wanted = [
    new URL(window.location.href).searchParams.get(PARAMETER),
    readStored(`editor.environment.${workflowId}`),
  ];
  return wanted.find((id) => id !== null && environmentIds.includes(id)) ?? environmentIds[0] ?? null;
}
