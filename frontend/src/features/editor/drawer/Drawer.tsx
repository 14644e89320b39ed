import { ChevronDown, CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { isRunning, cx, IconButton, KindIcon, ResizeHandle, StatusGlyph, useResizable, ProgressBar } from "@/ui";
import type { ReactNode } from "react";
import { sentence } from "@/api";
import { problemKey } from "@/model/checks";
import { showProblem } from "../actions";
import { useRunLive } from "../live";
import { useFlow } from "../state/flow";
import { useDocument, useEditor, useView } from "../state/session";
import type { DrawerTab } from "../state/viewStore";
import { plural } from "../words";
import { RunProgress } from "./RunProgress";

/** Below the canvas: what is wrong, and how the run goes. Closed it is one line that still says so. */
export function Drawer() {
  const session = useEditor();
  const tab = useView((state) => state.drawer);
  const runId = useView((state) => state.runId);
  const live = useRunLive();
  const problems = useDocument((state) => state.problems);
  const { width: height, handleProps } = useResizable({
    name: "editor.drawer",
    side: "bottom",
    min: 140,
    max: 560,
    initial: 260,
  });
  const errors = problems.filter((problem) => problem.severity === "error").length;
  const run = live ?? null;
  const open = (next: DrawerTab) => () => session.view.setState({ drawer: tab === next ? null : next });
  const shownRun = run && isRunning(run.state) ? run.id : (runId ?? run?.id ?? null);
  const progress =
    run && isRunning(run.state) && run.counts.total > 0
      ? (run.counts.done + run.counts.unchanged + run.counts.failed + run.counts.skipped) / run.counts.total
      : null;
  return (
    <section
      aria-label="Problems and runs"
      className="relative shrink-0 border-t border-line bg-surface"
      style={tab ? { height } : undefined}
    >
      {tab && <ResizeHandle side="bottom" {...handleProps} />}
      <div className="flex h-8 items-center gap-1 px-2" role="toolbar" aria-label="Drawer">
        <DrawerButton active={tab === "problems"} onClick={open("problems")}>
          {errors > 0 ? (
            <CircleAlert size={14} className="text-bad" aria-hidden />
          ) : problems.length > 0 ? (
            <TriangleAlert size={14} className="text-warn" aria-hidden />
          ) : (
            <CircleCheck size={14} className="text-ok" aria-hidden />
          )}
          {problems.length === 0 ? "No problems" : plural(problems.length, "problem")}
        </DrawerButton>
        {shownRun && (
          <DrawerButton active={tab === "run"} onClick={open("run")}>
            {run ? (
              <>
                <StatusGlyph status={run.state} word={false} size={12} />
                <span>Run #{run.number}</span>
                <span className="text-muted">
                  {run.state === "succeeded" ? "succeeded" : run.state.replace("_", " ")}
                </span>
              </>
            ) : (
              "Run"
            )}
          </DrawerButton>
        )}
        {progress !== null && <ProgressBar value={progress} label="Objects applied" className="w-32!" />}
        <span className="flex-1" />
        {tab && (
          <IconButton label="Close the drawer" size="sm" onClick={() => session.view.setState({ drawer: null })}>
            <ChevronDown size={16} aria-hidden />
          </IconButton>
        )}
      </div>
      {tab && (
        <div className="h-[calc(100%-32px)] overflow-hidden border-t border-line">
          {tab === "problems" ? (
            <Problems />
          ) : shownRun ? (
            <RunProgress key={shownRun} runId={shownRun} />
          ) : (
            <Nothing>Nothing has run in this environment yet.</Nothing>
          )}
        </div>
      )}
    </section>
  );
}

function DrawerButton({ active, onClick, children }: { active: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={active}
      onClick={onClick}
      className={cx(
        "flex h-6 items-center gap-1.5 rounded px-2 text-12 whitespace-nowrap hover:bg-hover",
        active && "bg-active font-medium",
      )}
    >
      {children}
    </button>
  );
}

function Problems() {
  const session = useEditor();
  const flow = useFlow();
  const problems = useDocument((state) => state.problems);
  const nodes = useDocument((state) => state.document.nodes);
  if (problems.length === 0) return <Nothing>The graph can be run as it is drawn.</Nothing>;
  return (
    <ul aria-label="Problems" className="h-full overflow-y-auto py-1">
      {problems.map((problem, index) => {
        const node = nodes[problem.node_ids[0] ?? /^nodes\.([^.]+)/.exec(problem.field ?? "")?.[1] ?? ""];
        const kind = session.catalog.kindById.get(node?.kind ?? "");
        return (
          <li key={`${problemKey(problem)} ${index}`}>
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
                <span className="flex w-44 shrink-0 items-center gap-1.5 text-muted">
                  <KindIcon kind={kind?.icon ?? node.kind} size={14} className="shrink-0" />
                  <span className="truncate font-mono text-12">{node.name}</span>
                </span>
              )}
              <span className="min-w-0 flex-1 break-words">{sentence(problem.detail)}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}

export function Nothing({ children }: { children: ReactNode }) {
  return <p className="flex h-full items-center justify-center text-13 text-muted">{children}</p>;
}
