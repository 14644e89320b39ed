import { RotateCw } from "lucide-react";
import { asProblem } from "@/api";
import { plural, sentence } from "@/model/words";
import { AddedNote, ObjectLine, ProtectedNote, useLeftOf, useProtected } from "@/product";
import { Button, EmptyState, ErrorState, SkeletonRows } from "@/ui";
import { DiffChoice, useDiffMode } from "../changes/DiffChoice";
import { useDocument, useEditor, useView } from "../state/session";
import { DriftObject } from "./DriftObject";
import { LeftToOthers } from "./LeftToOthers";
import { useDecideHere, useDriftOf, useNodeDrift } from "./useDrift";

/** What others changed of this node's objects since they were applied, field by field, and what to do about it. */
export function DriftTab({ nodeId }: { nodeId: string }) {
  const environmentId = useView((state) => state.environmentId);
  if (environmentId === null)
    return (
      <EmptyState title="No environment chosen">Choose an environment above to see what was changed there.</EmptyState>
    );
  return <DriftIn key={environmentId} environmentId={environmentId} nodeId={nodeId} />;
}

function DriftIn({ environmentId, nodeId }: { environmentId: string; nodeId: string }) {
  const seen = useNodeDrift(nodeId);
  const drift = useDriftOf(environmentId, nodeId, seen);
  const decide = useDecideHere(environmentId);
  const left = useLeftOf(environmentId, nodeId);
  const readOnly = useDocument((state) => state.readOnly);
  const [mode, chooseMode] = useDiffMode();
  const place = { workflowId: useEditor().workflowId, environmentId };
  const guarded = useProtected(place);
  if (drift.isPending) return <SkeletonRows rows={4} />;
  if (drift.isError)
    return (
      <ErrorState
        title="What was changed could not be loaded"
        reason={sentence(asProblem(drift.error).detail)}
        onRetry={() => void drift.refetch()}
      />
    );
  const { results, left_out, next } = drift.data;
  const shown = results.filter(
    (object) => object.fields.length > 0 || object.state === "unknown" || object.state === "missing",
  );
  const others = results.filter((object) => !shown.includes(object) && object.added.count > 0);
  const hasDiffs = shown.some((object) => object.fields.length > 0);
  return (
    <div className="flex flex-col gap-4 p-4">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <DiffChoice mode={mode} onChange={chooseMode} />
        <Button size="sm" icon={<RotateCw size={14} aria-hidden />} busy={drift.isFetching} onClick={drift.askNow}>
          Ask the cluster
        </Button>
      </div>
      {guarded !== null && !readOnly && shown.length > 0 && <ProtectedNote name={guarded} {...place} />}
      {decide.isError && (
        <ErrorState inline title="Nothing was changed" reason={sentence(asProblem(decide.error).detail)} />
      )}
      {shown.length === 0 && (
        <p className="text-13 text-muted">
          {left.length > 0
            ? "Everything else is as it was applied."
            : others.length > 0
              ? "Everything that was applied is as it was."
              : "Everything is as it was applied. Nobody else changed it."}
        </p>
      )}
      {hasDiffs && (
        <p className="text-12 text-muted">
          <span className="font-mono font-bold text-bad">−</span> as it was applied ·{" "}
          <span className="font-mono font-bold text-ok">+</span> as it is in the cluster
        </p>
      )}
      {shown.map((object) => (
        <DriftObject
          key={`${object.ref.kind}/${object.ref.namespace}/${object.ref.name}`}
          object={object}
          mode={mode}
          guarded={guarded !== null}
          decide={readOnly ? null : decide}
        />
      ))}
      <LeftToOthers environmentId={environmentId} left={left} readOnly={readOnly} />
      {others.map((object) => (
        <section key={`${object.ref.kind}/${object.ref.name}`} className="flex flex-col gap-1 text-13">
          <ObjectLine of={object.ref} />
          <AddedNote added={object.added} />
        </section>
      ))}
      {left_out > 0 && <p className="text-12 text-muted">{plural(left_out, "object")} not looked at</p>}
      {next !== null && (
        <p className="text-12 text-muted">More objects of this node have drifted; only 100 are shown.</p>
      )}
    </div>
  );
}
