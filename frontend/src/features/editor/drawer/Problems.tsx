import { CircleAlert, TriangleAlert } from "lucide-react";
import { Link } from "react-router";
import { isNotBuilt, problemKey, type Problem } from "@/model/checks";
import { KindIcon } from "@/product";
import { showProblem } from "../actions/showing";
import { useSourceImage } from "../images/useImages";
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
        <li key={`${problemKey(problem)} ${index}`} className="flex items-center hover:bg-hover">
          <ProblemRow problem={problem} />
          {isNotBuilt(problem) && <LastBuild nodeId={nodeOf(problem)} />}
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
      className="flex min-h-8 min-w-0 flex-1 items-center gap-2.5 px-4 py-1 text-left text-13 focus-visible:outline-offset-[-2px]"
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

/** The way to the log of the build that a source lacks. */
function LastBuild({ nodeId }: { nodeId: string }) {
  const last = useSourceImage(nodeId)?.last_build;
  if (!last) return null;
  return (
    <Link
      to={`/builds/${last.build_id}`}
      className="mr-4 shrink-0 rounded-sm text-12 whitespace-nowrap text-accent-text hover:underline"
    >
      Open build #{last.number}
    </Link>
  );
}

function nodeOf(problem: Problem): string {
  return problem.node_ids[0] ?? /^nodes\.([^.]+)/.exec(problem.field ?? "")?.[1] ?? "";
}
