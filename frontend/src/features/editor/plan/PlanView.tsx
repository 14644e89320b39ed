import { Info } from "lucide-react";
import { useCallback, useState, type ReactNode } from "react";
import { asProblem } from "@/api";
import type { Plan, Workflow } from "@/contract";
import { sidesText } from "@/model/compareSides";
import { refKey, sayChoices, type PlanStance } from "@/model/planWords";
import { sentence } from "@/model/words";
import { cureFor, Lacking, TakenImages } from "@/product";
import { Button, ErrorState, RelativeTime, SkeletonRows } from "@/ui";
import { Lens } from "../lens/Lens";
import { LensBar } from "../lens/LensBar";
import type { LensAddress } from "../state/lensAddress";
import { useEditor, useView } from "../state/session";
import { Approval } from "./Approval";
import { Chosen } from "./Chosen";
import { ConflictChoices } from "./ConflictChoices";
import { EditedSince } from "./EditedSince";
import { PlanList } from "./PlanList";
import { PlanSummary } from "./PlanSummary";
import { PullWarnings } from "./PullWarnings";
import { RunPlan } from "./RunPlan";
import { StillTrue } from "./StillTrue";
import { TakeOverObjects } from "./TakeOverObjects";
import { useFollowPlan, useNoticeDeletion, usePlan, usePlanGraph, type Planning } from "./usePlan";
import { WholeObject } from "./WholeObject";

interface PlanViewProps {
  readonly workflow: Workflow;
  readonly planning: Planning;
  readonly lens: LensAddress;
}

/** A plan on the canvas, by link: what a run would do, whether that is still true, and the button that does it. */
export function PlanView({ workflow, planning, lens }: PlanViewProps) {
  const { view } = useEditor();
  const asked = useView((state) => state.planAsked);
  const { making } = planning;
  const close = useCallback(() => {
    view.setState({ planAsked: false });
    lens.close();
  }, [view, lens]);
  if (asked)
    return (
      <Frame title="Plan" onClose={close}>
        {making.isError ? (
          <ErrorState
            title="The plan could not be made"
            reason={sentence(asProblem(making.error).detail)}
            cure={cureFor(asProblem(making.error))}
            onRetry={() => making.variables && making.mutate(making.variables)}
            action={<Button onClick={close}>Back to the editor</Button>}
          />
        ) : (
          <Waiting>Each object is tried in the cluster by a dry run. Nothing is changed.</Waiting>
        )}
      </Frame>
    );
  return lens.plan && <LinkedPlan key={lens.plan} planId={lens.plan} {...{ workflow, planning, lens, close }} />;
}

interface LinkedProps {
  readonly workflow: Workflow;
  readonly planning: Planning;
  readonly lens: LensAddress;
  readonly close: () => void;
}

function LinkedPlan({ planId, close, ...rest }: LinkedProps & { planId: string }) {
  const query = usePlan(planId);
  useNoticeDeletion(rest.workflow.id, query.error);
  if (query.data) return <ShownPlan plan={query.data} query={query} close={close} {...rest} />;
  const isGone = query.isError && asProblem(query.error).status === 404;
  return (
    <Frame title="Plan" onClose={close}>
      {query.isError ? (
        <ErrorState
          title={isGone ? "This plan does not exist any more" : "The plan could not be loaded"}
          reason={isGone ? "Plans are kept for 7 days." : sentence(asProblem(query.error).detail)}
          onRetry={isGone ? undefined : () => void query.refetch()}
          action={<Button onClick={close}>Back to the editor</Button>}
        />
      ) : (
        <Waiting>The cluster is asked whether the plan is still true.</Waiting>
      )}
    </Frame>
  );
}

interface ShownProps extends LinkedProps {
  readonly plan: Plan;
  readonly query: ReturnType<typeof usePlan>;
}

function ShownPlan({ plan, query, workflow, planning, lens, close }: ShownProps) {
  const [stances, chooseStances] = useState<ReadonlySet<PlanStance>>(new Set());
  const { marked, error, retry } = usePlanGraph(workflow, plan);
  useFollowPlan(plan, query.refetch);
  const whole = lens.object === null ? undefined : plan.objects.find(({ ref }) => refKey(ref) === lens.object);
  return (
    <Frame
      title={
        <>
          Plan of {plan.version === null ? "the saved graph" : `v${plan.version}`} in {plan.environment.name}
        </>
      }
      subtitle={
        <>
          by {plan.by.name} <RelativeTime at={plan.created_at} />
          {plan.options.take_over && " · takes over fields of others"}
          {plan.options.adopt && " · takes over objects that are there"}
          {plan.options.delete_volumes && " · deletes volumes"}
          {plan.choices.length > 0 && ` · ${sayChoices(plan.choices)}`}
        </>
      }
      onClose={close}
      actions={<RunPlan plan={plan} onStarted={close} onMoved={() => void query.refetch()} />}
    >
      <div className="flex shrink-0 flex-wrap items-center justify-between gap-x-4 gap-y-1.5 border-b border-line bg-surface px-3 py-1.5">
        <PlanSummary plan={plan} chosen={stances} onChoose={chooseStances} />
        <StillTrue
          plan={plan}
          error={query.isError ? query.error : null}
          checkedAt={query.dataUpdatedAt}
          busy={planning.making.isPending}
          onAgain={() => planning.again(plan)}
        />
      </div>
      <TakenImages of={plan} className="border-b border-line bg-surface px-3 py-1.5" />
      <PullWarnings plan={plan} />
      <Lacking plan={plan} className="max-h-40 shrink-0 overflow-y-auto border-b border-line" />
      {planning.before !== null && (
        <div className="flex shrink-0 items-center gap-2 border-b border-line bg-busy-soft px-3 py-1.5 text-12">
          <Info size={14} className="shrink-0 text-busy" aria-hidden />
          <span className="min-w-0 flex-1">This plan takes the place of the one before.</span>
          <Button
            size="sm"
            onClick={() =>
              lens.open({
                compare: sidesText({ type: "plan", id: planning.before ?? "" }, { type: "plan", id: plan.id }),
              })
            }
          >
            Compare the two plans
          </Button>
        </div>
      )}
      <TakeOverObjects plan={plan} planning={planning} />
      <ConflictChoices plan={plan} planning={planning} />
      <Chosen plan={plan} />
      <Approval plan={plan} workflow={workflow} />
      {whole && <WholeObject key={lens.object} plan={plan} object={whole} onClose={() => lens.openObject(null)} />}
      <EditedSince plan={plan} planning={planning} />
      {marked ? (
        <Lens key={plan.id} marked={marked} environmentId={plan.environment.id}>
          <PlanList plan={plan} stances={stances} />
        </Lens>
      ) : error ? (
        <ErrorState
          title={`The graph of v${plan.version} could not be loaded`}
          reason={sentence(asProblem(error).detail)}
          onRetry={() => void retry()}
        />
      ) : (
        <SkeletonRows rows={6} />
      )}
    </Frame>
  );
}

interface FrameProps {
  readonly title: ReactNode;
  readonly subtitle?: ReactNode;
  readonly actions?: ReactNode;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

function Frame({ title, subtitle, actions, onClose, children }: FrameProps) {
  return (
    <section aria-label="Plan of a run" className="flex h-full min-h-0 flex-col bg-bg">
      <LensBar title={title} subtitle={subtitle} onClose={onClose}>
        {actions}
      </LensBar>
      {children}
    </section>
  );
}

function Waiting({ children }: { children: ReactNode }) {
  return (
    <div aria-busy>
      <p className="px-4 py-3 text-13 text-muted">{children}</p>
      <SkeletonRows rows={6} />
    </div>
  );
}
