import { Ban, History, RotateCw, Undo2, Workflow as WorkflowIcon } from "lucide-react";
import { useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { asProblem } from "@/api";
import type { RunWithSteps } from "@/contract";
import { isRunning, isSuperseded } from "@/model/runs";
import { KIND_WORD } from "@/model/runWords";
import {
  RunTime,
  startedBy,
  stateOf,
  StatusPill,
  useCancelRun,
  useDeletionsQuestion,
  useRetryRun,
  useWorkflow,
} from "@/product";
import { Button, ErrorState, LinkButton, PageHeader, RelativeTime, useCommands } from "@/ui";
import { ReturnDialog } from "./ReturnDialog";
import { isReturnable, isUndoable } from "./returnable";
import { useMayRun } from "./useMayRun";

/** The title of a run, and its actions. */
export function RunHeader({ run }: { run: RunWithSteps }) {
  const cancel = useCancelRun();
  const { ask, dialog } = useDeletionsQuestion(run.environment.name, "Retry");
  const retry = useRetryRun(ask);
  const mayRun = useMayRun(run);
  const navigate = useNavigate();
  const workflow = useWorkflow(run.workflow.id).data;
  const environment = workflow?.environments.find((each) => each.id === run.environment.id);
  const mayReturn = mayRun && isReturnable(run, environment);
  const mayUndo = mayRun && isUndoable(run, environment);
  const [returning, setReturning] = useState<"to" | "before" | null>(null);
  const running = isRunning(run.state);
  const asked = run.cancel_requested || cancel.isPending;
  const failed = cancel.error ?? retry.error;
  // After a run that overtook this one, the server starts only new ones.
  const mayRetry = mayRun && !isSuperseded(run) && (run.state === "failed" || run.state === "canceled");
  const { mutate: cancelRun } = cancel;
  const { mutate: retryRun } = retry;
  useCommands(
    useMemo(
      () => [
        ...(mayRun && running && !asked
          ? [
              {
                name: "run.cancel",
                group: "On this page",
                label: `Cancel run #${run.number}`,
                icon: <Ban size={16} strokeWidth={1.5} aria-hidden />,
                perform: () => cancelRun(run.id),
              },
            ]
          : []),
        ...(mayRetry
          ? [
              {
                name: "run.retry",
                group: "On this page",
                label: `Retry run #${run.number}`,
                icon: <RotateCw size={16} strokeWidth={1.5} aria-hidden />,
                perform: () => retryRun(run.id),
              },
            ]
          : []),
      ],
      [mayRun, running, asked, mayRetry, run.id, run.number, cancelRun, retryRun],
    ),
  );
  return (
    <>
      <PageHeader
        title={
          <>
            {run.kind !== "apply" && `${KIND_WORD[run.kind]}: `}
            {run.workflow.name} <span className="tnum font-normal text-muted">#{run.number}</span>
          </>
        }
        status={<StatusPill status={stateOf(run)} />}
        subtitle={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <span>
              in <span className="font-medium text-text">{run.environment.name}</span>
            </span>
            <span className="tnum">version {run.version}</span>
            {run.to_run && (
              <span>
                returns to{" "}
                <Link to={`/runs/${run.to_run.id}`} className="rounded-sm text-accent-text hover:underline">
                  run #{run.to_run.number}
                </Link>
              </span>
            )}
            {run.approval && (
              <span>
                approved by <span className="font-medium text-text">{run.approval.by.name}</span>{" "}
                <RelativeTime at={run.approval.at} />
              </span>
            )}
            {run.options.take_over && <span>takes over fields of other managers</span>}
            <span>
              <RelativeTime at={run.created_at} />
              {startedBy(run) && ` by ${startedBy(run)}`}
            </span>
            <span>
              {run.started_at === null ? (
                "not started"
              ) : (
                <>
                  {running ? "running " : "took "}
                  <RunTime run={run} />
                </>
              )}
            </span>
          </span>
        }
        actions={
          <>
            <LinkButton to={`/workflows/${run.workflow.id}`} icon={<WorkflowIcon size={14} aria-hidden />}>
              Open workflow
            </LinkButton>
            {mayRun && running && (
              <Button icon={<Ban size={14} aria-hidden />} busy={asked} onClick={() => cancel.mutate(run.id)}>
                {asked ? "Canceling" : "Cancel"}
              </Button>
            )}
            {mayReturn && (
              <Button icon={<History size={14} aria-hidden />} onClick={() => setReturning("to")}>
                Return to this run…
              </Button>
            )}
            {mayUndo && (
              <Button icon={<Undo2 size={14} aria-hidden />} onClick={() => setReturning("before")}>
                Undo this run…
              </Button>
            )}
            {mayRetry && (
              <Button
                tone="primary"
                icon={<RotateCw size={14} aria-hidden />}
                busy={retry.isPending}
                onClick={() => retry.mutate(run.id)}
              >
                Retry
              </Button>
            )}
          </>
        }
      />
      {failed && (
        <ErrorState
          inline
          className="mx-5 mb-3"
          title={cancel.error ? "Not canceled" : "Not retried"}
          reason={asProblem(failed).besides([])}
          details={asProblem(failed).describe()}
        />
      )}
      {dialog}
      {returning && (
        <ReturnDialog
          workflowId={run.workflow.id}
          environment={run.environment}
          run={run}
          act={returning === "to" ? "return" : "undo"}
          onClose={() => setReturning(null)}
          onStarted={(next) => {
            setReturning(null);
            void navigate(`/runs/${next.id}`);
          }}
        />
      )}
    </>
  );
}
