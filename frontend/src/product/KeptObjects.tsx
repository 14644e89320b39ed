import type { RunWithSteps } from "@/contract";
import { cx } from "@/ui";
import { ObjectLine } from "./ObjectLine";

const SHOWN = 5;

/** What is no longer in the workflow and still in the cluster, so that nobody believes it is gone. */
export function KeptObjects({ run, className }: { run: Pick<RunWithSteps, "kept" | "counts">; className?: string }) {
  if (run.kept.length === 0) return null;
  const more = Math.max(run.counts.kept, run.kept.length) - SHOWN;
  return (
    <div className={cx("text-13", className)}>
      <h2 className="text-12 font-medium text-muted">Kept in the cluster</h2>
      <ul aria-label="Kept in the cluster" className="mt-1 flex flex-col gap-0.5">
        {run.kept.slice(0, SHOWN).map(({ ref, reason }) => (
          <li key={`${ref.kind}/${ref.namespace}/${ref.name}`}>
            <ObjectLine of={ref} note={reason} />
          </li>
        ))}
        {more > 0 && <li className="text-12 text-muted">and {more} more</li>}
      </ul>
    </div>
  );
}
