import type { ReactNode } from "react";
import type { Plan, PlanMoved, PlanObject } from "@/contract";
import { planBands, refKey, sayPlan, stanceCounts, stanceOf, type PlanStance } from "@/model/planWords";
import { plural, sentence } from "@/model/words";
import { RelativeTime, SegmentBar } from "@/ui";
import { ObjectLine } from "../ObjectLine";
import { Lacking } from "./Lacking";
import { PreviewRow } from "./PreviewRow";

const GOES: ReadonlySet<PlanStance> = new Set(["delete", "data", "recreate"]);

/** A plan in words: what goes, what changes, what stays behind. */
export function Preview({ plan, moved = plan.moved }: { plan: Plan; moved?: readonly PlanMoved[] }) {
  const { acting, held, bookkeeping, untouched } = planBands(plan.objects);
  const goes = (object: PlanObject): boolean => GOES.has(stanceOf(object));
  const quiet = [...bookkeeping, ...untouched];
  return (
    <div className="flex flex-col gap-4">
      <Moved moved={moved} />
      <div className="flex flex-col gap-1.5">
        <p role="status" className="text-13 font-medium">
          {sayPlan(plan.objects)}
        </p>
        <SegmentBar label="Objects" total={plan.objects.length} parts={stanceCounts(plan.objects)} />
        <p className="text-12 text-muted">
          {plan.to_run && `Applies again what run #${plan.to_run.number}, v${plan.to_run.version}, applied · `}
          {plural(plan.objects.length, "object")} tried in the cluster, nothing changed ·{" "}
          <RelativeTime at={plan.created_at} />
        </p>
      </div>
      <Lacking plan={plan} className="rounded border border-warn/40" />
      <Objects title="What goes" objects={acting.filter(goes)} />
      <Objects title="What changes" objects={acting.filter((object) => !goes(object))} />
      {held.length > 0 && (
        <Block title="What stays behind">
          {held.map(({ ref, reason }) => (
            <li key={refKey(ref)} className="px-3 py-1.5">
              <ObjectLine of={ref} note={reason && sentence(reason)} />
            </li>
          ))}
        </Block>
      )}
      {plan.to_run && <StaysAsItIs objects={quiet} />}
      {plan.undo.cannot.length > 0 && (
        <Block title="What cannot be undone">
          {plan.undo.cannot.map(({ ref, reason }) => (
            <li key={`${refKey(ref)} ${reason}`} className="px-3 py-1.5">
              <ObjectLine of={ref} note={sentence(reason)} bad />
            </li>
          ))}
        </Block>
      )}
      {quiet.length > 0 && (
        <details className="text-13">
          <summary className="w-fit rounded-sm text-12 text-muted hover:text-text">
            {plural(quiet.length, "object")} unchanged
          </summary>
          <ul className="mt-2 flex max-h-56 flex-col gap-1 overflow-y-auto">
            {quiet.map(({ ref }) => (
              <li key={refKey(ref)}>
                <ObjectLine of={ref} />
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

/** What going back does not bring back, such as values of Secrets, which no run keeps. */
function StaysAsItIs({ objects }: { objects: readonly PlanObject[] }) {
  const explained = objects.filter(({ reason }) => reason);
  if (explained.length === 0) return null;
  return (
    <Block title="What does not go back">
      {explained.map(({ ref, reason }) => (
        <li key={refKey(ref)} className="px-3 py-1.5">
          <ObjectLine of={ref} note={sentence(reason)} />
        </li>
      ))}
    </Block>
  );
}

function Objects({ title, objects }: { title: string; objects: readonly PlanObject[] }) {
  if (objects.length === 0) return null;
  return (
    <Block title={title}>
      {objects.map((object) => (
        <PreviewRow key={refKey(object.ref)} object={object} />
      ))}
    </Block>
  );
}

export function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-1 text-12 font-medium text-muted">{title}</h3>
      <ul aria-label={title} className="rounded border border-line bg-surface text-13">
        {children}
      </ul>
    </section>
  );
}

/** What happened since the plan was made, so that it is no longer true. */
function Moved({ moved }: { moved: readonly PlanMoved[] }) {
  if (moved.length === 0) return null;
  return (
    <section role="alert" className="rounded border border-warn/40 bg-warn-soft px-3 py-2 text-13">
      <h3 className="font-medium">This plan is no longer true</h3>
      <ul className="mt-1 flex flex-col gap-1">
        {moved.map((one, index) => (
          <li key={index}>{one.ref ? <ObjectLine of={one.ref} note={whatMoved(one)} /> : sentence(one.what)}</li>
        ))}
      </ul>
    </section>
  );
}

const whatMoved = ({ what, manager }: PlanMoved): string => (manager ? `${what} (by ${manager})` : what);
