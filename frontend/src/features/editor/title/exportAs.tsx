/** A workflow as files for other tools. What is not built yet has no image to write: building it is offered. */
import { Download } from "lucide-react";
import {
  asProblem,
  exportFiles,
  fetchImages,
  fetchSourceNamed,
  startBuild,
  type ApiProblem,
  type ExportForm,
} from "@/api";
import { isBuilding } from "@/model/buildWords";
import { sentence } from "@/model/words";
import { saveFile, toast, type Command } from "@/ui";
import type { EditorSession } from "../state/session";

const exporting = new WeakSet<EditorSession>();

/** For other tools, with the values of the environment that is chosen. */
export function exportAs(session: EditorSession, teamId: string, form: ExportForm, words: string): Command {
  return {
    name: `workflow.export.${form}`,
    label: `Export as ${words}`,
    group: "Workflow",
    keywords: "yaml zip download file kubectl docker",
    icon: <Download size={16} aria-hidden />,
    perform: () =>
      void download(
        session,
        async () => {
          const { name, content } = await exportFiles(session.workflowId, form, session.view.getState().environmentId);
          saveFile(name, content);
        },
        (problem) => offerBuilds(session, teamId, problem),
      ),
  };
}

/** Saves first, so that the file has the latest edits. One export at a time. */
export async function download(
  session: EditorSession,
  write: () => Promise<void>,
  cure: (problem: ApiProblem) => Cure | null = () => null,
): Promise<void> {
  if (exporting.has(session)) return;
  exporting.add(session);
  try {
    await session.autosaver.flush().catch(() => undefined);
    await write();
  } catch (error) {
    const problem = asProblem(error);
    toast({
      tone: "bad",
      key: EXPORT,
      title: "The workflow could not be exported",
      detail: sentence(problem.detail),
      ...cure(problem),
    });
  } finally {
    exporting.delete(session);
  }
}

type Cure = Partial<Parameters<typeof toast>[0]>;

const EXPORT = "export";
const NOT_BUILT = "source.not_built";

/** Where nothing but images is missing: which sources have none, and that they can be built. */
function offerBuilds(session: EditorSession, teamId: string, { errors }: ApiProblem): Cure | null {
  const open = errors.filter(({ code }) => code === NOT_BUILT);
  if (open.length === 0 || open.length < errors.length) return null;
  const details = [...new Set(open.map(({ detail }) => sentence(detail)))];
  return {
    title: details.length === 1 ? "An image is missing" : `${details.length} images are missing`,
    detail: `${details.join(" ")} A Compose file can be exported as it is: it says how they are built.`,
    action: {
      label: details.length === 1 ? "Build it" : "Build them",
      onClick: () => void buildMissing(session, teamId),
    },
  };
}

/** Starts a build of each source that has no image and is not being built. */
async function buildMissing(session: EditorSession, teamId: string): Promise<void> {
  try {
    const { nodes } = await fetchImages(session.workflowId, session.view.getState().environmentId);
    const names = new Set(nodes.filter(({ problem }) => problem?.code === NOT_BUILT).map(({ source }) => source));
    const found = await Promise.all([...names].map((name) => fetchSourceNamed(teamId, name)));
    const idle = found
      .flatMap(({ results }) => results)
      .filter(({ last_build }) => !last_build || !isBuilding(last_build));
    await Promise.all(idle.map(({ id }) => startBuild(id, {})));
    toast({
      key: EXPORT,
      title: names.size === 0 ? "All images are built" : `Building ${[...names].join(", ")}`,
      detail:
        names.size === 0 ? "Export again." : `Export again once ${names.size === 1 ? "it is" : "they are"} built.`,
    });
  } catch (error) {
    toast({ tone: "bad", key: EXPORT, title: "Not built", detail: sentence(asProblem(error).detail) });
  }
}
