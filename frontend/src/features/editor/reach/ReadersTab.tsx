import { useMutation, useQuery } from "@tanstack/react-query";
import { RotateCw } from "lucide-react";
import { useState } from "react";
import { asProblem, fetchReach, restartWorkloads } from "@/api";
import type { KeyReader, Restarted } from "@/contract";
import { ARRIVALS, sayHow, toRestart } from "@/model/reach";
import { plural, sentence } from "@/model/words";
import { ObjectLine } from "@/product";
import { Button, ConfirmDialog, cx, EmptyState, ErrorState, Select, SkeletonRows, TONE_TEXT } from "@/ui";
import { useDocument, useEditor, useView } from "../state/session";

/** Of a ConfigMap or Secret: every container that reads a key, how a change arrives there, and a restart of those. */
export function ReadersTab({ nodeId }: { nodeId: string }) {
  const { workflowId } = useEditor();
  const environmentId = useView((state) => state.environmentId);
  const rev = useDocument((state) => state.save.rev);
  const [key, setKey] = useState("");
  const reach = useQuery({
    queryKey: ["reach", workflowId, nodeId, environmentId, rev],
    queryFn: ({ signal }) => fetchReach(workflowId, nodeId, environmentId ?? "", signal),
    enabled: environmentId !== null,
    staleTime: 10_000,
  });
  if (environmentId === null)
    return (
      <EmptyState title="No environment chosen">Choose an environment above to see who reads it there.</EmptyState>
    );
  if (reach.isPending) return <SkeletonRows rows={4} />;
  if (reach.isError)
    return (
      <ErrorState
        title="The readers could not be loaded"
        reason={sentence(asProblem(reach.error).detail)}
        onRetry={() => void reach.refetch()}
      />
    );
  const { readers, left_out } = reach.data;
  const keys = [...new Set(readers.map((reader) => reader.key))].filter(Boolean).toSorted();
  // Who reads all keys reads this one, too.
  const shown = key === "" ? readers : readers.filter((reader) => reader.key === key || reader.key === "");
  return (
    <div className="flex flex-col gap-3 p-4">
      {readers.length === 0 ? (
        <p className="text-13 text-muted">No container reads it in this namespace.</p>
      ) : (
        <div className="flex flex-wrap items-center justify-between gap-2">
          <Select
            compact
            label="Key"
            className="w-44"
            value={key}
            onChange={setKey}
            options={[{ value: "", label: "All keys" }, ...keys.map((value) => ({ value, label: value }))]}
          />
          <RestartThose readers={shown} />
        </div>
      )}
      <ul aria-label="Readers" className="flex flex-col gap-2 empty:hidden">
        {shown.map((reader, index) => (
          <Reader key={index} reader={reader} isElsewhere={reader.workflow.id !== workflowId} />
        ))}
      </ul>
      {left_out > 0 && (
        <p className="text-12 text-muted">{plural(left_out, "environment")} of this namespace not looked at</p>
      )}
    </div>
  );
}

function Reader({ reader, isElsewhere }: { reader: KeyReader; isElsewhere: boolean }) {
  const arrival = ARRIVALS[reader.arrives];
  return (
    <li className="rounded border border-line px-3 py-2 text-12">
      <p className="flex flex-wrap items-center justify-between gap-x-3">
        <ObjectLine of={reader.ref} note={isElsewhere ? `in ${reader.workflow.name}` : undefined} />
        <span className={cx("shrink-0 font-medium", TONE_TEXT[arrival.tone])}>{arrival.word}</span>
      </p>
      <p className="wrap-anywhere text-muted">
        {reader.key === "" ? "all keys" : <span className="font-mono">{reader.key}</span>} as {sayHow(reader)}
        {reader.container && (
          <>
            {" "}
            in <span className="font-mono">{reader.container}</span>
          </>
        )}
        {reader.optional && " · optional"}
      </p>
      {reader.reason && <p className="text-muted">{sentence(reader.reason)}</p>}
    </li>
  );
}

function RestartThose({ readers }: { readers: readonly KeyReader[] }) {
  const readOnly = useDocument((state) => state.readOnly);
  const [asking, setAsking] = useState(false);
  const wanted = toRestart(readers);
  const refs = [...wanted.values()].flat();
  const restart = useMutation({
    mutationFn: async (): Promise<Restarted[]> => {
      const done: Restarted[] = [];
      for (const [environmentId, some] of wanted) done.push(...(await restartWorkloads(environmentId, some)).results);
      return done;
    },
    onSuccess: (results) => results.every((one) => one.restarted) && setAsking(false),
  });
  if (readOnly || refs.length === 0) return null;
  const refused = restart.data?.filter((one) => !one.restarted) ?? [];
  return (
    <>
      <Button size="sm" icon={<RotateCw size={14} aria-hidden />} onClick={() => setAsking(true)}>
        Restart those…
      </Button>
      {restart.isSuccess && !asking && (
        <p role="status" className="w-full text-12 text-ok">
          {plural(restart.data.length, "workload")} restarted
        </p>
      )}
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        tone="primary"
        title={`Restart ${plural(refs.length, "workload")}?`}
        description="Their pods are replaced one after the other, and read the values anew."
        confirmLabel="Restart"
        busy={restart.isPending}
        error={
          restart.isError ? (
            <ErrorState inline title="Not all were restarted" reason={sentence(asProblem(restart.error).detail)} />
          ) : (
            refused.length > 0 && (
              <ErrorState
                inline
                title={`${plural(refused.length, "workload")} not restarted`}
                reason={refused.map(({ ref, detail }) => `${ref.name}: ${sentence(detail ?? "")}`).join(" ")}
              />
            )
          )
        }
        onConfirm={() => restart.mutate()}
      >
        <ul className="flex flex-col gap-1 text-13">
          {refs.map((ref) => (
            <li key={`${ref.kind}/${ref.namespace}/${ref.name}`}>
              <ObjectLine of={ref} />
            </li>
          ))}
        </ul>
      </ConfirmDialog>
    </>
  );
}
