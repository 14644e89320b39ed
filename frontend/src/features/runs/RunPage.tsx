import { Ban, RotateCw, Workflow as WorkflowIcon } from "lucide-react";
import { useMemo } from "react";
import { Link, useNavigate, useParams } from "react-router";
import { asProblem } from "@/api";
import type { LogLine, RunWithSteps, Step } from "@/contract";
import { covers } from "@/model/roles";
import { FIELD_CONFLICT, heldFields, isRunning } from "@/model/runs";
import { ACTION_WORD, KIND_WORD, sayRun } from "@/model/runWords";
import { sentence } from "@/model/words";
import {
  explain,
  KindIcon,
  RunTime,
  StatusGlyph,
  StatusPill,
  TakeOver,
  useCancelRun,
  useLiveRun,
  useRetryRun,
  useRunLog,
  useSession,
  useTakeOver,
  useUnwell,
} from "@/product";
import {
  Button,
  cx,
  Elapsed,
  ErrorState,
  Facts,
  LinkButton,
  LogView,
  PageHeader,
  RelativeTime,
  ResizeHandle,
  SegmentBar,
  SidePanel,
  Skeleton,
  useCommands,
  useCrumbs,
  useResizable,
  useUrlState,
} from "@/ui";
import { partsOf } from "./RunsPage";

export default function RunPage() {
  const { runId = "" } = useParams();
  const { run, logs, error, refetch, isPending } = useLiveRun(runId);
  const [url, setUrl] = useUrlState(["step"]);
  useCrumbs({ label: "Runs", to: "/runs" }, { label: run ? `${run.workflow.name} #${run.number}` : "Run" });
  const steps = run?.steps;
  const chosen = steps?.find((step) => String(step.index) === url.step);

  if (isPending) return <Loading />;
  if (!run)
    return (
      <ErrorState
        page
        className="flex-1"
        title="This run could not be loaded"
        {...explain(error)}
        onRetry={() => void refetch()}
        action={<LinkButton to="/runs">All runs</LinkButton>}
      />
    );
  return (
    <div className="flex min-h-0 flex-1">
      <div className="flex min-w-0 flex-1 flex-col overflow-y-auto">
        <Header run={run} />
        <Summary run={run} />
        <Waves
          run={run}
          chosen={chosen ?? null}
          onChoose={(step) => setUrl({ step: step ? String(step.index) : null })}
        />
        <Logs run={run} live={logs} />
      </div>
      {chosen && <StepPanel run={run} step={chosen} onClose={() => setUrl({ step: null })} />}
    </div>
  );
}

function Loading() {
  return (
    <div role="status" aria-label="Loading the run" className="flex flex-col gap-5 p-5">
      <Skeleton className="h-6 w-72" />
      <Skeleton className="h-2 w-full" />
      <div className="flex gap-4">
        {[4, 6, 3].map((rows, index) => (
          <div key={index} className="flex w-80 flex-col gap-2">
            <Skeleton className="h-4 w-24" />
            {Array.from({ length: rows }, (_, row) => (
              <Skeleton key={row} className="h-11" />
            ))}
          </div>
        ))}
      </div>
    </div>
  );
}

function useMayRun(): boolean {
  return useSession().data?.user?.teams.some((team) => covers(team.role, "editor")) ?? false;
}

function Header({ run }: { run: RunWithSteps }) {
  const cancel = useCancelRun();
  const retry = useRetryRun();
  const mayRun = useMayRun();
  const running = isRunning(run.state);
  const asked = run.cancel_requested || cancel.isPending;
  const failed = cancel.error ?? retry.error;
  const mayRetry = mayRun && (run.state === "failed" || run.state === "canceled");
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
        status={<StatusPill status={run.state} />}
        subtitle={
          <span className="flex flex-wrap items-center gap-x-3 gap-y-0.5">
            <span>
              in <span className="font-medium text-text">{run.environment.name}</span>
            </span>
            <span className="tnum">version {run.version}</span>
            {run.options.take_over && <span>takes over fields of others</span>}
            <span>
              <RelativeTime at={run.created_at} />
              {run.created_by?.name && ` by ${run.created_by.name}`}
            </span>
            <span>
              {run.started_at === null ? (
                "not begun"
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
    </>
  );
}

function Summary({ run }: { run: RunWithSteps }) {
  const { counts } = run;
  return (
    <div className="shrink-0 border-b border-line px-5 pb-4">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1 pb-2 text-13">
        <p role="status">{sayRun(run, run.steps)}</p>
        <p className="tnum flex gap-3 text-12 text-muted">
          <span>{counts.total} objects</span>
          {partsOf(run).map(
            (part) =>
              part.count > 0 && (
                <span key={part.word} className={part.tone === "bad" ? "text-bad" : undefined}>
                  {part.count} {part.word}
                </span>
              ),
          )}
        </p>
      </div>
      <SegmentBar label="Objects" total={counts.total} parts={partsOf(run).filter((part) => part.word !== "skipped")} />
      {run.state === "verifying" && <WaitingFor environmentId={run.environment.id} />}
      <RunFailure run={run} />
    </div>
  );
}

const SHOWN_WAITING = 4;

/** Verifying waits for these; each with the cluster's reason. */
function WaitingFor({ environmentId }: { environmentId: string }) {
  const unwell = useUnwell(environmentId);
  if (unwell.length === 0) return null;
  return (
    <ul aria-label="Waiting for" className="mt-3 flex flex-col gap-1">
      {unwell.slice(0, SHOWN_WAITING).map((status) => (
        <li key={status.node_id} className="flex min-w-0 items-center gap-2 text-13">
          <StatusGlyph status={status.health} word={false} />
          <span className="max-w-60 shrink-0 truncate">
            <span className="text-muted">{status.objects[0]?.ref.kind} </span>
            <span className="font-mono text-12">{status.objects[0]?.ref.name ?? status.node_id}</span>
          </span>
          <span className="min-w-0 truncate text-muted" title={status.reason}>
            {status.reason || status.health}
          </span>
        </li>
      ))}
      {unwell.length > SHOWN_WAITING && (
        <li className="pl-6 text-12 text-muted">and {unwell.length - SHOWN_WAITING} more</li>
      )}
    </ul>
  );
}

/** Why it failed; where fields of others stopped it, with the way on. */
function RunFailure({ run }: { run: RunWithSteps }) {
  const navigate = useNavigate();
  const takeOver = useTakeOver(run);
  const mayRun = useMayRun();
  const held = mayRun ? heldFields(run, run.steps) : [];
  const { error } = run;
  const step = run.steps.find((each) => each.node_id === error?.node_id && each.error);
  return (
    <>
      {error && (held.length === 0 || error.code !== FIELD_CONFLICT) && (
        <ErrorState
          inline
          className="mt-3"
          title={step ? `${step.ref.kind} ${step.ref.name} was refused` : "What stopped it"}
          reason={sentence(error.detail)}
          details={error.code}
        />
      )}
      {held.length > 0 && (
        <TakeOver
          className="mt-3"
          held={held}
          busy={takeOver.isPending}
          error={takeOver.error && sentence(asProblem(takeOver.error).detail)}
          onTakeOver={() => takeOver.mutate({}, { onSuccess: (next) => void navigate(`/runs/${next.id}`) })}
        />
      )}
    </>
  );
}

function Waves({
  run,
  chosen,
  onChoose,
}: {
  run: RunWithSteps;
  chosen: Step | null;
  onChoose: (step: Step | null) => void;
}) {
  const waves = useMemo(() => {
    const byWave = new Map<number, Step[]>();
    for (const step of run.steps) {
      const wave = byWave.get(step.wave);
      if (wave) wave.push(step);
      else byWave.set(step.wave, [step]);
    }
    return [...byWave].sort(([a], [b]) => a - b);
  }, [run.steps]);
  if (waves.length === 0)
    return (
      <div className="flex min-h-0 flex-1 items-center justify-center text-13 text-muted">
        {isRunning(run.state) ? "The objects appear here once the plan is made." : "This run had no objects."}
      </div>
    );
  return (
    // A scrollable region must be reachable by keyboard.
    <div
      role="region"
      aria-label="Objects by wave"
      tabIndex={0}
      className="flex min-h-40 flex-1 gap-4 overflow-auto p-5 focus-visible:outline-offset-[-2px]"
    >
      {waves.map(([wave, steps], index) => {
        const settled = steps.filter((step) => step.state !== "pending" && step.state !== "running").length;
        return (
          <section key={wave} aria-label={`Wave ${index + 1}`} className="flex h-fit max-w-80 min-w-52 flex-1 flex-col">
            <h2 className="flex items-baseline justify-between pb-2 text-12 font-medium text-muted">
              <span>Wave {index + 1}</span>
              <span className="tnum font-normal">
                {settled}/{steps.length}
              </span>
            </h2>
            <ul className="flex flex-col overflow-hidden rounded-card border border-line bg-surface">
              {steps.map((step) => (
                <StepRow
                  key={step.index}
                  step={step}
                  active={chosen?.index === step.index}
                  onChoose={() => onChoose(chosen?.index === step.index ? null : step)}
                />
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function StepRow({ step, active, onChoose }: { step: Step; active: boolean; onChoose: () => void }) {
  return (
    <li className="border-b border-line [contain-intrinsic-size:auto_44px] [content-visibility:auto] last:border-b-0">
      <button
        type="button"
        aria-pressed={active}
        onClick={onChoose}
        className={cx(
          "flex w-full flex-col gap-0.5 px-3 py-2 text-left focus-visible:outline-offset-[-2px]",
          active ? "bg-accent-soft" : "hover:bg-hover",
        )}
      >
        <span className="flex w-full items-center gap-2">
          <KindIcon kind={step.ref.kind} className="text-muted" />
          <span className="min-w-0 flex-1">
            <span className="block truncate font-mono text-12">{step.ref.name}</span>
            <span className="block truncate text-11 text-muted">
              {step.ref.kind}
              {step.action !== "apply" && (
                <span className={step.action === "delete" ? "text-bad" : "text-warn"}>
                  {" "}
                  · {ACTION_WORD[step.action]}
                </span>
              )}
            </span>
          </span>
          <span className="flex shrink-0 flex-col items-end text-11 text-muted">
            <StatusGlyph
              status={step.state}
              size={12}
              word={step.state === "done" && step.action === "delete" ? "deleted" : true}
            />
            {step.started_at && step.state !== "pending" && (
              <Elapsed
                from={step.started_at}
                to={step.state === "running" ? null : (step.finished_at ?? step.started_at)}
              />
            )}
          </span>
        </span>
        {step.error && (
          <span className="line-clamp-2 pl-6 text-12 break-words text-bad">{sentence(step.error.detail)}</span>
        )}
      </button>
    </li>
  );
}

function StepPanel({ run, step, onClose }: { run: RunWithSteps; step: Step; onClose: () => void }) {
  return (
    <SidePanel
      name="run-step"
      title={step.ref.name}
      subtitle={step.ref.kind}
      onClose={onClose}
      min={320}
      max={560}
      initial={400}
    >
      <div className="flex flex-col gap-4 p-4">
        <StatusGlyph status={step.state} />
        {step.error && (
          <ErrorState inline title="Refused" reason={sentence(step.error.detail)} details={step.error.code} />
        )}
        <Facts
          rows={[
            [
              "Object",
              <span
                key="ref"
                className="font-mono text-12 break-all"
              >{`${step.ref.api_version} ${step.ref.kind}`}</span>,
            ],
            [
              "Name",
              <span key="name" className="font-mono text-12 break-all">
                {step.ref.name}
              </span>,
            ],
            Boolean(step.ref.namespace) && [
              "Namespace",
              <span key="ns" className="font-mono text-12">
                {step.ref.namespace}
              </span>,
            ],
            ["Does", ACTION_WORD[step.action]],
            ["Wave", step.wave + 1],
            ["Started", <RelativeTime key="started" at={step.started_at} />],
            [
              "Took",
              <Elapsed
                key="took"
                from={step.started_at}
                to={step.state === "running" ? null : (step.finished_at ?? step.started_at)}
              />,
            ],
          ]}
        />
        {step.node_id && (
          <Link
            to={`/workflows/${run.workflow.id}?node=${encodeURIComponent(step.node_id)}`}
            className="w-fit rounded-sm text-13 font-medium text-accent-text hover:underline"
          >
            Show on the canvas
          </Link>
        )}
      </div>
    </SidePanel>
  );
}

function Logs({ run, live }: { run: RunWithSteps; live: readonly LogLine[] }) {
  const { width: height, handleProps } = useResizable({
    name: "run-logs",
    side: "bottom",
    min: 96,
    max: 640,
    initial: 220,
  });
  const log = useRunLog(run, live);
  return (
    <div className="relative shrink-0 border-t border-line" style={{ height }}>
      <ResizeHandle side="bottom" {...handleProps} />
      <LogView label="Log of the run" {...log} className="h-full" />
    </div>
  );
}
