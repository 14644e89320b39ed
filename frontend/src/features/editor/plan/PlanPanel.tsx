import { ListChecks, Play, RotateCw } from "lucide-react";
import { asProblem, type ApiProblem } from "@/api";
import type { Plan, PlanMoved } from "@/contract";
import { planGroups, planHindrance, planParts, sayPlan } from "@/model/planWords";
import { plural, sentence } from "@/model/words";
import { ObjectLine } from "@/product";
import { Button, ErrorState, RelativeTime, SegmentBar, SidePanel, SkeletonRows, Tooltip } from "@/ui";
import { useEditor } from "../state/session";
import { PlanRow } from "./PlanRow";
import type { Planning } from "./usePlan";

/** What a run would do, object by object, and the button that does exactly that. */
export function PlanPanel({ making, running, plan: onPlan }: Planning) {
  const { view } = useEditor();
  const { data: plan, error, isPending } = making;
  const moved = movedOf(running.error) ?? plan?.moved ?? [];
  const hindrance = plan && planHindrance({ ...plan, still_true: plan.still_true && moved.length === 0 });
  return (
    <SidePanel
      name="editor.plan"
      title="Plan"
      subtitle={plan && `v${plan.version} in ${plan.environment.name}`}
      min={360}
      initial={460}
      onClose={() => view.setState({ planOpen: false })}
      actions={
        plan && (
          <Button size="sm" icon={<RotateCw size={14} aria-hidden />} busy={isPending} onClick={onPlan}>
            Plan again
          </Button>
        )
      }
    >
      {isPending && <SkeletonRows rows={6} />}
      {error && (
        <ErrorState
          inline
          className="m-4"
          title="The plan could not be made"
          reason={sentence(asProblem(error).detail)}
          onRetry={onPlan}
        />
      )}
      {plan && !isPending && (
        <div className="flex min-h-0 flex-1 flex-col">
          <div className="flex flex-col gap-2 border-b border-line px-4 py-3">
            <p role="status" className="text-13">
              {sayPlan(plan.counts)}
            </p>
            <SegmentBar label="Objects" total={plan.objects.length} parts={planParts(plan.counts)} />
            <p className="text-12 text-muted">
              {plural(plan.objects.length, "object")} tried in the cluster, nothing changed ·{" "}
              <RelativeTime at={plan.created_at} />
            </p>
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto">
            <Moved moved={moved} />
            <Objects plan={plan} />
          </div>
          <footer className="flex flex-col gap-2 border-t border-line px-4 py-3">
            {running.error && moved.length === 0 && (
              <ErrorState inline title="The run was not started" reason={sentence(asProblem(running.error).detail)} />
            )}
            <Tooltip text={hindrance ?? `Does exactly this in ${plan.environment.name}`}>
              <Button
                tone={plan.counts.delete + plan.counts.recreate > 0 ? "danger" : "primary"}
                icon={<Play size={14} aria-hidden />}
                busy={running.isPending}
                aria-disabled={hindrance !== null || undefined}
                className={hindrance === null ? undefined : "opacity-55"}
                onClick={() => hindrance === null && running.mutate(plan)}
              >
                Run this plan
              </Button>
            </Tooltip>
          </footer>
        </div>
      )}
    </SidePanel>
  );
}

/** What happened since the plan was made, so that it is no longer true. */
function Moved({ moved }: { moved: readonly PlanMoved[] }) {
  if (moved.length === 0) return null;
  return (
    <section
      aria-label="Changed since"
      role="alert"
      className="m-4 rounded border border-warn/40 bg-warn-soft px-3 py-2 text-13"
    >
      <h3 className="font-medium">This plan is no longer true</h3>
      <ul className="mt-1 flex flex-col gap-1">
        {moved.map((one, index) => (
          <li key={index}>{one.ref ? <ObjectLine of={one.ref} note={whatMoved(one)} /> : sentence(one.what)}</li>
        ))}
      </ul>
    </section>
  );
}

function whatMoved({ what, manager }: PlanMoved): string {
  return manager ? `${what} (by ${manager})` : what;
}

function Objects({ plan }: { plan: Plan }) {
  const { acting, staying } = planGroups(plan.objects);
  return (
    <>
      {acting.length > 0 && (
        <ul aria-label="What changes">
          {acting.map((object) => (
            <PlanRow key={keyOf(object)} object={object} />
          ))}
        </ul>
      )}
      {staying.length > 0 && (
        <details className="px-4 py-3 text-13">
          <summary className="cursor-pointer text-12 text-muted">
            {plural(staying.length, "object")} unchanged or kept
          </summary>
          <ul className="mt-2 flex flex-col gap-1">
            {staying.map((object) => (
              <li key={keyOf(object)}>
                <ObjectLine of={object.ref} note={object.reason} />
              </li>
            ))}
          </ul>
        </details>
      )}
      {plan.objects.length === 0 && (
        <p className="flex items-center gap-2 px-4 py-6 text-13 text-muted">
          <ListChecks size={16} aria-hidden /> A run would do nothing.
        </p>
      )}
    </>
  );
}

const keyOf = ({ ref }: Plan["objects"][number]): string =>
  `${ref.api_version}/${ref.kind}/${ref.namespace}/${ref.name}`;

/** What the server names when it refuses to run a plan that is no longer true. */
function movedOf(error: unknown): readonly PlanMoved[] | null {
  const problem: ApiProblem | null = error ? asProblem(error) : null;
  return problem?.code === "plan.moved" ? ((problem.extra.moved as PlanMoved[] | undefined) ?? []) : null;
}
