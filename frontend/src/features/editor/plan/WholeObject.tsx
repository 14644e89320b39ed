import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { asProblem, fetchPlanObject } from "@/api";
import type { Plan, PlannedWhole, PlanObject } from "@/contract";
import { refKey } from "@/model/planWords";
import { sentence } from "@/model/words";
import { Checkbox, CopyButton, Dialog, ErrorState, SkeletonRows } from "@/ui";
import { DiffChoice, useDiffMode } from "../changes/DiffChoice";
import { FieldDiff } from "../changes/FieldDiff";
import { planKey } from "./usePlan";

interface WholeObjectProps {
  readonly plan: Plan;
  readonly object: PlanObject;
  readonly onClose: () => void;
}

/** One object of a plan as YAML, as it is in the cluster and as it would be stored. */
export function WholeObject({ plan, object, onClose }: WholeObjectProps) {
  const { ref } = object;
  const [mode, chooseMode] = useDiffMode();
  const [allLines, setAllLines] = useState(true);
  const { data, error, refetch } = useQuery({
    queryKey: [...planKey(plan.id), "object", refKey(ref)],
    queryFn: ({ signal }) => fetchPlanObject(plan.id, ref, signal),
    staleTime: Infinity,
  });
  return (
    <Dialog
      open
      onOpenChange={(open) => !open && onClose()}
      size="xl"
      title={
        <>
          {ref.kind} <span className="font-mono">{ref.name}</span>
        </>
      }
      description="The whole object as YAML. Values of Secrets are hidden, and managedFields is left out."
    >
      {error ? (
        <ErrorState
          inline
          title="The object could not be read"
          reason={sentence(asProblem(error).detail)}
          onRetry={() => void refetch()}
        />
      ) : !data ? (
        <SkeletonRows rows={8} />
      ) : data.before === null && data.after === null ? (
        <p className="text-13 text-muted">
          {data.kept
            ? "Neither side of it is known before the run."
            : "The plan changes nothing of it, or has too many objects to keep each of them whole."}
        </p>
      ) : (
        <>
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-12">
            <span className="mr-auto text-muted">{sideText(object, data)}</span>
            {data.after !== null && <CopyButton text={data.after} label="Copy the YAML after" />}
            <Checkbox checked={allLines} onChange={setAllLines} label="All lines" />
            <DiffChoice mode={mode} onChange={chooseMode} />
          </div>
          <FieldDiff path="" before={data.before} after={data.after} mode={mode} allLines={allLines} />
        </>
      )}
    </Dialog>
  );
}

function sideText({ proof }: PlanObject, { before, after }: PlannedWhole): string {
  if (before === null)
    return proof === "proven"
      ? "It is not in the cluster yet; as it would be stored"
      : "It is not in the cluster yet; as it is applied, without what the API server fills in";
  if (after === null) return "It is in the cluster, and what follows is not known or nothing";
  return "In the cluster, and as it would be stored";
}
