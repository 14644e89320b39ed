import { Fragment, type ReactNode } from "react";
import type { Evidence, NodeStatus } from "@/contract";
import { sentence } from "@/model/words";
import { StatusGlyph, StatusPill, useLiveRun } from "@/product";
import { CopyButton, EmptyState, Facts, RelativeTime, Tag } from "@/ui";
import { useRunLive } from "../live";
import { RunFailure } from "../run/RunFailure";
import { useView } from "../state/session";

/** How the cluster says this node fares: the word, the reason, what was seen, and every object behind it. */
export function StatusTab({ nodeId, status }: { nodeId: string; status: NodeStatus | undefined }) {
  const environmentId = useView((state) => state.environmentId);
  const last = useRunLive();
  const refusal = last?.state === "failed" && <LastRun runId={last.id} nodeId={nodeId} />;
  if (!status) {
    return (
      <>
        <div className="px-4 pt-4 empty:hidden">{refusal}</div>
        <EmptyState title={environmentId ? "Not in the cluster" : "No environment chosen"}>
          {environmentId
            ? "Nothing of this node has been applied in this environment. Run the workflow to see it here."
            : "Choose an environment above to see how this node fares there."}
        </EmptyState>
      </>
    );
  }
  const facts = Object.entries(status.facts).filter(([, value]) =>
    ["string", "number", "boolean"].includes(typeof value),
  );
  return (
    <div className="flex flex-col gap-5 p-4">
      <section aria-label="Health" className="flex flex-col gap-2">
        <div className="flex items-center justify-between gap-2">
          <StatusPill status={status.health} stale={status.stale_since !== null} />
          <span className="text-12 text-muted">
            {status.stale_since ? "as of " : "seen "}
            <RelativeTime at={status.stale_since ?? status.observed_at} />
          </span>
        </div>
        {status.reason && <p className="text-13 break-words">{sentence(status.reason)}</p>}
        {status.stale_since && (
          <p className="text-13 text-warn">The cluster has not been heard since; this is what was last known.</p>
        )}
        {status.drifted && (
          <p className="text-13 text-warn">
            Somebody changed this outside KubeOrch. The next run puts back what is drawn, or names the fields that
            somebody else now holds.
          </p>
        )}
      </section>
      {refusal}
      {facts.length > 0 && (
        <Facts
          rows={facts.map(
            ([name, value]) =>
              [
                words(name),
                <span key={name} className="font-mono text-12 break-words">
                  {breakable(String(value))}
                </span>,
              ] as const,
          )}
        />
      )}
      {status.evidence.length > 0 && (
        <section aria-label="What was seen" className="flex flex-col gap-2">
          <h3 className="text-12 font-medium">What was seen</h3>
          <ul className="flex flex-col gap-2">
            {alike(status.evidence).map(({ entry, names }, index) => (
              <li key={index} className="rounded border border-line bg-sunken px-3 py-2">
                <p className="flex flex-wrap items-center gap-x-2 text-12">
                  <Tag tone={status.health === "failed" ? "bad" : "warn"}>{entry.reason}</Tag>
                  <span className="min-w-0 truncate font-mono text-muted" title={names.join(", ")}>
                    {names.length > 1 ? `${names.length} × ${entry.ref.kind}` : `${entry.ref.kind} ${entry.ref.name}`}
                  </span>
                  <span className="ml-auto text-muted">
                    {(entry.count ?? 0) > 1 && `${entry.count} times · `}
                    {entry.at && <RelativeTime at={entry.at} />}
                  </span>
                </p>
                {entry.message && (
                  <p className="mt-1 font-mono text-12 break-words whitespace-pre-wrap">{entry.message}</p>
                )}
                {names.length > 1 && (
                  <p className="mt-1 font-mono text-11 break-words text-muted">{names.join(", ")}</p>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      <section aria-label="Objects" className="flex flex-col gap-2">
        <h3 className="text-12 font-medium">Objects</h3>
        <ul className="divide-y divide-line rounded border border-line">
          {status.objects.map((object) => (
            <li key={object.uid ?? `${object.ref.kind}/${object.ref.name}`} className="px-3 py-2">
              <p className="flex min-w-0 items-center gap-2">
                <StatusGlyph status={object.health} word={false} stale={status.stale_since !== null} />
                <span className="shrink-0 text-12 text-muted">{object.ref.kind}</span>
                <span className="min-w-0 truncate font-mono text-12" title={object.ref.name}>
                  {object.ref.name}
                </span>
                <span className="ml-auto">
                  <CopyButton text={object.ref.name} label={`Copy the name ${object.ref.name}`} />
                </span>
              </p>
              {object.reason && object.reason !== status.reason && (
                <p className="mt-0.5 text-12 break-words text-muted">{sentence(object.reason)}</p>
              )}
              {object.resource_version && (
                <p className="tnum text-11 text-faint">resourceVersion {object.resource_version}</p>
              )}
            </li>
          ))}
        </ul>
      </section>
    </div>
  );
}

/** Why the last run stopped at this node, where it did. */
function LastRun({ runId, nodeId }: { runId: string; nodeId: string }) {
  const { run } = useLiveRun(runId);
  return run ? <RunFailure run={run} nodeId={nodeId} /> : null;
}

/** Pods of one workload mostly fail alike: said once, with the names of all. */
function alike(evidence: readonly Evidence[]): { entry: Evidence; names: string[] }[] {
  const groups = new Map<string, { entry: Evidence; names: string[] }>();
  for (const entry of evidence) {
    const key = JSON.stringify([entry.ref.kind, entry.reason, entry.message]);
    const known = groups.get(key);
    if (known) known.names.push(entry.ref.name);
    else groups.set(key, { entry, names: [entry.ref.name] });
  }
  return [...groups.values()];
}

/** Images and addresses may wrap after their separators, not within a word. */
function breakable(text: string): ReactNode {
  return text.split(/(?<=[/:@])/).map((part, index) => (
    <Fragment key={index}>
      {part}
      <wbr />
    </Fragment>
  ));
}

function words(name: string): string {
  const text = name.replace(/_/g, " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
