import { CircleAlert, TriangleAlert } from "lucide-react";
import { problemKey, type Problem } from "@/model/checks";
import { KindIcon } from "@/product";
import { showProblem } from "../actions/showing";
import { useFlow } from "../state/flow";
import { useDocument, useEditor } from "../state/session";
import { Nothing } from "./Nothing";

/** Every problem of the graph as a row; a click leads to the field it is about. */
export function Problems() {
  const problems = useDocument((state) => state.problems);
  if (problems.length === 0) return <Nothing>Nothing to fix. This workflow can run.</Nothing>;
  return (
    <ul aria-label="Problems" className="h-full overflow-y-auto py-1">
      {problems.map((problem, index) => (
        <li key={`${problemKey(problem)} ${index}`}>
          <ProblemRow problem={problem} />
        </li>
      ))}
    </ul>
  );
}

function ProblemRow({ problem }: { problem: Problem }) {
  const session = useEditor();
  const flow = useFlow();
  const node = useDocument((state) => state.document.nodes[nodeOf(problem)]);
  const kind = session.catalog.kindById.get(node?.kind ?? "");
  return (
    <button
      type="button"
      onClick={() => showProblem(session, problem, flow)}
      className="flex min-h-8 w-full items-center gap-2.5 px-4 py-1 text-left text-13 hover:bg-hover"
    >
      {problem.severity === "error" ? (
        <CircleAlert size={14} className="shrink-0 text-bad" aria-label="error" />
      ) : (
        <TriangleAlert size={14} className="shrink-0 text-warn" aria-label="warning" />
      )}
      {node && (
        <span className="flex w-44 shrink-0 max-sm:w-28 items-center gap-1.5 text-muted">
          <KindIcon kind={kind?.icon ?? node.kind} size={14} className="shrink-0" />
          <span className="truncate font-mono text-12">{node.name}</span>
        </span>
      )}
      <span className="min-w-0 flex-1 break-words">{problem.detail}</span>
    </button>
  );
}

function nodeOf(problem: Problem): string {
  return problem.node_ids[0] ?? /^nodes\.([^.]+)/.exec(problem.field ?? "")?.[1] ?? "";
}
