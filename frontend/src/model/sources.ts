/** Sources of a drawing that cannot give an image, whatever is built: the team does not have them, or not that build. */
import type { SourceImages } from "@/contract";
import { isNotBuilt, type Problem } from "./checks";
import type { GraphDocument } from "./records";
import { sentence } from "./words";

/** Of those that the drawing still names; that nothing is built of one yet is no problem of the drawing. */
export function sourceProblems(
  document: GraphDocument,
  sources: readonly Pick<SourceImages["nodes"][number], "node_id" | "source" | "problem">[],
): Problem[] {
  return sources.flatMap(({ node_id, source, problem }) => {
    const named = document.nodes[node_id]?.parameters.source;
    if (!problem || isNotBuilt(problem) || (named !== source && !String(named).includes("${"))) return [];
    const field = `nodes.${node_id}.parameters.${problem.code === "source.pin" ? "pin" : "source"}`;
    return [
      { ...problem, detail: sentence(problem.detail), severity: "error", field, node_ids: [node_id], edge_ids: [] },
    ];
  });
}
