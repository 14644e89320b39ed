import { useMemo } from "react";
import type { RunWithSteps, Step } from "@/contract";
import { countReady, stepsByWave } from "@/model/stepsByWave";
import { sentence } from "@/model/words";
import { StatusGlyph, stepStatus, whyUnwell } from "@/product";
import { cx } from "@/ui";
import { useEditor, useView } from "../state/session";
import { Nothing } from "./Nothing";

/** The steps of a run: a column for each wave, a row for each object. A click selects the object's node. */
export function Waves({ run }: { run: RunWithSteps }) {
  const waves = useMemo(() => stepsByWave(run.steps), [run.steps]);
  if (waves.length === 0) return <Nothing>Planning the run.</Nothing>;
  return (
    <div className="flex gap-3 px-4 pb-3">
      {waves.map(([wave, members], index) => (
        <section key={wave} aria-label={`Wave ${index + 1}`} className="max-w-72 min-w-44 flex-1">
          <h2 className="flex items-center justify-between pb-1 text-11 text-muted">
            <span>Wave {index + 1}</span>
            <span className="tnum">
              {countReady(members)}/{members.length}
            </span>
          </h2>
          <ul className="overflow-hidden rounded border border-line">
            {members.map((step) => (
              <li key={step.index} className="border-b border-line last:border-b-0">
                <StepRow run={run} step={step} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}

function StepRow({ run, step }: { run: RunWithSteps; step: Step }) {
  const session = useEditor();
  const selected = useView((state) => step.node_id !== null && state.selectedNodes.includes(step.node_id));
  const said = sentence(step.error?.detail ?? whyUnwell(step));
  return (
    <button
      type="button"
      onClick={() => session.view.getState().select(step.node_id === null ? [] : [step.node_id])}
      title={said || undefined}
      className={cx("w-full px-2 py-1 text-left hover:bg-hover", selected && "bg-accent-soft")}
    >
      <span className="flex min-w-0 items-center gap-2">
        <StatusGlyph status={stepStatus(step, run)} word={false} size={12} className="shrink-0" />
        <span className="max-w-3/4 shrink-0 grow truncate font-mono text-12" title={step.ref.name}>
          {step.ref.name}
        </span>
        <span className="min-w-0 truncate text-11 text-muted">
          {step.action === "apply" ? step.ref.kind : `${step.action} ${step.ref.kind}`}
        </span>
      </span>
      {said && (
        <span className={cx("mt-0.5 line-clamp-2 block text-11", step.error ? "text-bad" : "text-muted")}>{said}</span>
      )}
    </button>
  );
}
