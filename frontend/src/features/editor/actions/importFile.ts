/** Workflow files and Kubernetes objects, dropped, pasted or chosen, added to the open workflow as the server reads them. */
import { asProblem, parseContent } from "@/api";
import { fragmentCentre, type Fragment } from "@/model/clipboard";
import { paste } from "@/model/edits";
import { boundsOf, CARD, GRID, snap } from "@/model/place";
import { plural, sentence } from "@/model/words";
import { toast } from "@/ui";
import type { EditorSession } from "../state/session";

const LARGEST_BYTES = 12 * 1024 * 1024;

/** `importText` of a file, with a notice of what was left out or wrong. */
export async function importFile(session: EditorSession, file: File): Promise<void> {
  const said =
    file.size > LARGEST_BYTES
      ? "The file is larger than 12 MB."
      : await importText(session, await file.text(), file.name);
  if (said !== null) toast({ tone: "warn", title: file.name, detail: said });
}

/** Adds the nodes of the text below those of the graph. Gives what was left out, or what is wrong, or null. */
export async function importText(session: EditorSession, text: string, title: string): Promise<string | null> {
  let fragment: Fragment;
  let notes: readonly string[];
  try {
    const parsed = await parseContent(text);
    fragment = spread(parsed);
    notes = parsed.notes.map((note) => sentence(note.detail));
  } catch (error) {
    const problem = asProblem(error);
    return sentence(problem.errors[0]?.detail ?? problem.detail);
  }
  if (fragment.nodes.length === 0) return "There is nothing to add in it.";
  const { document, apply } = session.document.getState();
  const bounds = boundsOf(Object.values(document.nodes).map((node) => node.position));
  const middle = fragmentCentre(fragment, CARD);
  const top = Math.min(...fragment.nodes.map((node) => node.position.y));
  const offset = bounds
    ? snap({ x: bounds.x + bounds.width / 2 - middle.x, y: bounds.y + bounds.height + 3 * GRID - top })
    : { x: 0, y: 0 };
  const { edit, nodeIds } = paste(document, session.catalog, fragment, offset);
  apply({ ...edit, label: `import ${title}` });
  session.view.getState().select(nodeIds);
  const most = notes.slice(0, 5).join(" ");
  return notes.length > 5 ? `${most} And ${plural(notes.length - 5, "more note")}.` : most || null;
}

/** Objects as clusters print them have no positions: their nodes come in rows of four. */
function spread(fragment: Fragment): Fragment {
  if (fragment.nodes.some((node) => node.position.x !== 0 || node.position.y !== 0)) return fragment;
  return {
    ...fragment,
    nodes: fragment.nodes.map((node, index) => ({
      ...node,
      position: { x: (index % 4) * 280, y: Math.floor(index / 4) * 120 },
    })),
  };
}
