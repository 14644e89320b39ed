/** A workflow file from disk, added to the open workflow. */
import { parse } from "yaml";
import { fragmentCentre, fragmentFromLists, type Fragment } from "@/model/clipboard";
import { paste } from "@/model/edits";
import { boundsOf, CARD, GRID, snap } from "@/model/place";
import type { Json } from "@/model/records";
import type { EditorSession } from "../state/session";

const LARGEST_BYTES = 12 * 1024 * 1024;

/** Adds the nodes of the file below those of the graph. Returns what went wrong as a sentence, or null. */
export async function importFile(session: EditorSession, file: File): Promise<string | null> {
  if (file.size > LARGEST_BYTES) return "The file is larger than 12 MB.";
  let data: Json;
  try {
    data = parse(await file.text(), { maxAliasCount: 50 }) as Json;
  } catch (error) {
    return `The file is not YAML: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`;
  }
  const fragment = fragmentFromLists(data);
  if (!fragment || fragment.nodes.length === 0)
    return "Not a KubeOrch workflow file: it has no list “nodes” with the id, kind and name of each.";
  const unknown = [
    ...new Set(fragment.nodes.filter((node) => !session.catalog.kindById.has(node.kind)).map((node) => node.kind)),
  ];
  const { document, apply } = session.document.getState();
  const bounds = boundsOf(Object.values(document.nodes).map((node) => node.position));
  const placed = spread(fragment);
  const middle = fragmentCentre(placed, CARD);
  const top = Math.min(...placed.nodes.map((node) => node.position.y));
  const offset = bounds
    ? snap({ x: bounds.x + bounds.width / 2 - middle.x, y: bounds.y + bounds.height + 3 * GRID - top })
    : { x: 0, y: 0 };
  const { edit, nodeIds } = paste(document, session.catalog, placed, offset);
  apply({ ...edit, label: `import ${file.name}` });
  session.view.getState().select(nodeIds);
  return unknown.length > 0 ? `Left out, because this server does not have these kinds: ${unknown.join(", ")}.` : null;
}

/** Files written by hand have no positions: their nodes come in rows of four. */
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
