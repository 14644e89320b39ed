import { ChevronDown, CircleAlert, CircleCheck, CircleDashed, Stethoscope, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import type { Run } from "@/contract";
import { isToFill, type Problem } from "@/model/checks";
import { isRunning } from "@/model/runs";
import { plural } from "@/model/words";
import { STATUS, stateOf, StatusGlyph } from "@/product";
import { cx, IconButton, ProgressBar, ResizeHandle, useResizable } from "@/ui";
import { WrongNow } from "../diagnosis/WrongNow";
import { useDocument, useEditor, useView } from "../state/session";
import type { DrawerTab } from "../state/viewStore";
import { Nothing } from "./Nothing";
import { Problems } from "./Problems";
import { RunProgress } from "./RunProgress";
import { useShownRun } from "./shownRun";

/** Below the canvas: the problems and the progress of the run. When closed, one line sums them up. */
export function Drawer() {
  const session = useEditor();
  const tab = useView((state) => state.drawer);
  const environmentId = useView((state) => state.environmentId);
  const covered = useView((state) => state.covered);
  const { id: shownRun, run, newer } = useShownRun();
  const problems = useDocument((state) => state.problems);
  const { width: height, handleProps } = useResizable({
    name: "editor.drawer",
    side: "bottom",
    min: 140,
    max: 560,
    initial: 260,
  });
  const calm = useView((state) => state.calm);
  const [errors, warnings, toFill] = countProblems(problems, calm);
  const open = (next: DrawerTab) => () => session.view.setState({ drawer: tab === next ? null : next });
  const progress =
    run && isRunning(run.state) && run.counts.total > 0
      ? (run.counts.done + run.counts.unchanged + run.counts.failed + run.counts.skipped) / run.counts.total
      : null;
  return (
    <section
      aria-label="Problems and runs"
      className="relative shrink-0 border-t border-line bg-surface"
      // However low the window is, some of the canvas stays.
      style={{ height: tab ? height : undefined, maxHeight: "60%", paddingRight: covered }}
    >
      {tab && <ResizeHandle side="bottom" {...handleProps} />}
      <div className="flex h-8 items-center gap-1 px-2" role="toolbar" aria-label="Drawer">
        <DrawerButton active={tab === "problems"} onClick={open("problems")}>
          {errors > 0 ? (
            <CircleAlert size={14} className="text-bad" aria-hidden />
          ) : warnings > 0 ? (
            <TriangleAlert size={14} className="text-warn" aria-hidden />
          ) : toFill > 0 ? (
            <CircleDashed size={14} className="text-muted" aria-hidden />
          ) : (
            <CircleCheck size={14} className="text-ok" aria-hidden />
          )}
          {sayProblems(errors, warnings, toFill)}
        </DrawerButton>
        {shownRun && (
          <DrawerButton active={tab === "run"} onClick={open("run")}>
            {run ? (
              <>
                <StatusGlyph status={stateOf(run)} word={false} size={12} />
                <span>Run #{run.number}</span>
                <span className="text-muted">{saidOf(run)}</span>
              </>
            ) : (
              "Run"
            )}
          </DrawerButton>
        )}
        {environmentId && (
          <DrawerButton active={tab === "wrong"} onClick={open("wrong")}>
            <Stethoscope size={14} aria-hidden />
            What is wrong
          </DrawerButton>
        )}
        {progress !== null && <ProgressBar value={progress} label="Objects applied" className="w-32!" />}
        <span className="flex-1" />
        {tab && (
          <IconButton label="Close drawer" size="sm" onClick={() => session.view.setState({ drawer: null })}>
            <ChevronDown size={16} aria-hidden />
          </IconButton>
        )}
      </div>
      {tab && (
        <div className="h-[calc(100%-32px)] overflow-hidden border-t border-line">
          {tab === "problems" ? (
            <Problems />
          ) : tab === "wrong" ? (
            <WrongNow />
          ) : shownRun ? (
            <RunProgress key={shownRun} runId={shownRun} newer={newer} />
          ) : (
            <Nothing>This environment has no runs yet.</Nothing>
          )}
        </div>
      )}
    </section>
  );
}

/** How it is, or ended; an automatic rollback that succeeded is no success of what was started. */
function saidOf(run: Run): string {
  const from = run.triggered_by === "rollback" && run.state === "succeeded" ? run.rolled_back_from : null;
  return from ? `rolled back #${from.number}` : STATUS[stateOf(run)].word;
}

/** Errors, warnings, and what new nodes still need, which is not an error yet. */
function countProblems(problems: readonly Problem[], calm: ReadonlySet<string>): [number, number, number] {
  const isCalm = (problem: Problem): boolean => isToFill(problem) && problem.node_ids.every((id) => calm.has(id));
  const errors = problems.filter((problem) => problem.severity === "error");
  const toFill = errors.filter(isCalm).length;
  return [errors.length - toFill, problems.length - errors.length, toFill];
}

function sayProblems(errors: number, warnings: number, toFill: number): string {
  const said = [
    errors > 0 && plural(errors, "error"),
    warnings > 0 && plural(warnings, "warning"),
    toFill > 0 && `${toFill} to fill in`,
  ].filter((part) => part !== false);
  return said.length === 0 ? "No problems" : said.join(", ");
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
