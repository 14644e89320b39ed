import { Undo2 } from "lucide-react";
import type { Run } from "@/contract";
import { isRunning } from "@/model/runs";
import { sentence } from "@/model/words";
import { useLiveRun, useSession, useWorkflow } from "@/product";
import { cx } from "@/ui";
import { useEditor } from "../state/session";

/** Of a rollback that nobody started: which run failed and why, what became of it, and that its version is held back. */
export function RolledBack({ run, className }: { run: Run; className?: string }) {
  const { view, workflowId } = useEditor();
  const from = run.triggered_by === "rollback" ? run.rolled_back_from : null;
  const failed = useLiveRun(from?.id ?? "").run;
  const me = useSession().data?.user?.id;
  const environments = useWorkflow(workflowId).data?.environments;
  if (!from) return null;
  const held = environments
    ?.find(({ id }) => id === run.environment.id)
    ?.quarantined.some(({ version }) => version === from.version);
  const show = () => view.setState((state) => ({ chosenRun: { id: from.id, instead: state.runId }, drawer: "run" }));
  const whose = failed?.created_by?.id === me && failed?.triggered_by === "person" ? "Your run" : "Run";
  return (
    <section
      role="status"
      aria-label="Automatic rollback"
      className={cx("flex gap-2.5 rounded border border-warn/30 bg-warn-soft px-3 py-2 text-13", className)}
    >
      <Undo2 size={16} className="mt-0.5 shrink-0 text-warn" aria-hidden />
      <div className="min-w-0">
        <p className="font-medium break-words">
          {whose}{" "}
          <button type="button" className="rounded-sm text-accent-text hover:underline" onClick={show}>
            #{from.number}
          </button>{" "}
          with v{from.version} failed. {whatBecame(run)}
        </p>
        {failed?.error && <p className="break-words text-muted">{sentence(failed.error.detail)}</p>}
        {held && (
          <p className="text-muted">
            v{from.version} is quarantined: schedules, webhooks and self-heal do not run it until it is released, or a
            run of it succeeds.
          </p>
        )}
      </div>
    </section>
  );
}

function whatBecame(rollback: Run): string {
  const version = rollback.to_run ? ` v${rollback.to_run.version}` : " what was there before";
  const name = `run #${rollback.number}`;
  if (isRunning(rollback.state)) return `The automatic ${name} is putting${version} back.`;
  if (rollback.state === "succeeded") return `The automatic ${name} put${version} back.`;
  return `The automatic ${name} was to put${version} back, and ${rollback.state === "failed" ? "failed too" : `was ${rollback.state}`}.`;
}
