import type { ReactNode } from "react";
import { Link } from "react-router";
import type { Run } from "@/contract";
import { isRunning } from "@/model/runs";
import { sentence } from "@/model/words";
import { StatusGlyph, useLiveRun, type AnyStatus } from "@/product";
import { RelativeTime } from "@/ui";

/** How a run and its rollback hang together: what failed, why, and what took it back. Nothing for other runs. */
export function RunStory({ run, className }: { run: Run; className?: string }) {
  const isRollback = run.kind === "rollback";
  const otherId = (isRollback ? run.rolled_back_from?.id : run.rolled_back_by?.id) ?? "";
  const other = useLiveRun(otherId).run;
  const failed = isRollback ? other : run;
  const rollback = isRollback ? run : other;
  if (!rollback) return null;
  return (
    <section aria-label="Rollback" className={className}>
      <ol className="flex flex-col gap-1.5 rounded border border-line bg-sunken px-3 py-2.5 text-13">
        {failed && (
          <Event status={failed.state} run={failed} here={run.id === failed.id}>
            with v{failed.version}
            {/* The run's own page says why it failed right below. */}
            {failed.error && run.id !== failed.id ? `: ${sentence(failed.error.detail)}` : ""}
          </Event>
        )}
        <Event status={rollback.state} run={rollback} here={run.id === rollback.id}>
          {said(rollback, run.id === rollback.id)}
        </Event>
      </ol>
    </section>
  );
}

function said(rollback: Run, here: boolean): string {
  const to = rollback.to_run ? ` to run #${rollback.to_run.number}, v${rollback.to_run.version}` : "";
  const how = rollback.triggered_by === "rollback" ? ", started by itself" : "";
  if (isRunning(rollback.state)) return `is returning${to}${how}`;
  if (rollback.state === "succeeded") return `returned${to}${how}`;
  const why = rollback.error && !here ? `: ${sentence(rollback.error.detail)}` : "";
  return `was to return${to}${how}${why}`;
}

function Event({ status, run, here, children }: { status: AnyStatus; run: Run; here: boolean; children: ReactNode }) {
  return (
    <li className="flex min-w-0 items-baseline gap-x-2 max-sm:flex-wrap">
      <StatusGlyph status={status} size={12} className="w-26 shrink-0 text-12" />
      <span className="min-w-0 break-words max-sm:order-last max-sm:w-full">
        {here ? (
          <span className="font-medium">Run #{run.number}</span>
        ) : (
          <Link to={`/runs/${run.id}`} className="rounded-sm font-medium text-accent-text hover:underline">
            Run #{run.number}
          </Link>
        )}{" "}
        {children}
      </span>
      <RelativeTime at={run.finished_at ?? run.created_at} className="ml-auto shrink-0 text-12 text-muted" />
    </li>
  );
}
