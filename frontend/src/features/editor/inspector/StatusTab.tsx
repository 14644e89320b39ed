import { Fragment, type ReactNode } from "react";
import type { NodeStatus } from "@/contract";
import { sayDrift } from "@/model/driftWords";
import { nextRun } from "@/model/nextRun";
import { capital, sentence } from "@/model/words";
import { StatusPill, useLiveRun } from "@/product";
import { Button, EmptyState, Facts, HowLong, RelativeTime } from "@/ui";
import { useNodeDrift } from "../drift/useDrift";
import { useRunLive, useStatusesArrived } from "../live";
import { Failure } from "../run/Failure";
import { useDocument, useEditor, useView } from "../state/session";
import { whyStale } from "../words";
import { readableFacts } from "./evidence";
import { StatusAddresses } from "./StatusAddresses";
import { StatusEvents } from "./StatusEvents";
import { StatusObjects } from "./StatusObjects";

interface StatusTabProps {
  readonly nodeId: string;
  readonly status: NodeStatus | undefined;
}

/** The node in the cluster: its health with the reason, its events, and every object behind it. */
export function StatusTab({ nodeId, status }: StatusTabProps) {
  const environmentId = useView((state) => state.environmentId);
  const last = useRunLive();
  const parameters = useDocument((state) => state.document.nodes[nodeId]?.parameters);
  const failure = last?.state === "failed" && <LastFailure runId={last.id} nodeId={nodeId} />;
  if (!status) {
    return (
      <>
        <div className="px-4 pt-4 empty:hidden">{failure}</div>
        {environmentId ? (
          <NoStatus />
        ) : (
          <EmptyState title="No environment chosen">
            Choose an environment above to see the status of this node there.
          </EmptyState>
        )}
      </>
    );
  }
  const facts = readableFacts(status.facts);
  const zone = textOf(parameters?.time_zone);
  const schedule = parameters?.suspend === true ? "" : textOf(status.facts.schedule);
  const due = schedule === "" ? null : nextRun(schedule, zone, new Date());
  return (
    <div className="flex flex-col gap-5 p-4">
      <Health nodeId={nodeId} status={status} />
      {failure}
      <StatusAddresses nodeId={nodeId} status={status} />
      {facts.length > 0 && (
        <Facts
          rows={[
            ...facts.map(([label, value]): [string, ReactNode] => [
              label,
              <span key={label} className="font-mono text-12 break-words">
                {breakable(value)}
              </span>,
            ]),
            ...(due ? [["Next run", <NextRun key="next" at={due} zone={zone} />] as [string, ReactNode]] : []),
          ]}
        />
      )}
      {status.evidence.length > 0 && <StatusEvents evidence={status.evidence} failed={status.health === "failed"} />}
      <StatusObjects status={status} />
    </div>
  );
}

/** What it means that there is no status: nothing is there, or nothing was heard yet. */
function NoStatus() {
  const { state, why } = useStatusesArrived();
  switch (state) {
    case "live":
      return (
        <EmptyState title="Not in the cluster">
          This node was not applied in this environment yet. Run the workflow to see its status.
        </EmptyState>
      );
    case "waiting":
      return (
        <EmptyState title="Its status has not arrived yet">
          It comes as soon as this page is connected to KubeOrch.
        </EmptyState>
      );
    case "refused":
      return <EmptyState title="Its status is not shown to you">{sentence(why)}</EmptyState>;
  }
}

/** When a schedule is due: here, and by the clock that it goes by. */
function NextRun({ at, zone }: { at: Date; zone: string }) {
  return (
    <span className="text-12">
      <RelativeTime at={at.toISOString()} />
      <span className="text-muted">
        {" · "}
        {at.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" })}
        {zone === "" && ", if the cluster's clock is UTC"}
      </span>
    </span>
  );
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function Health({ nodeId, status }: { nodeId: string; status: NodeStatus }) {
  const { view } = useEditor();
  const drift = useNodeDrift(nodeId);
  return (
    <section aria-label="Health" className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-2">
        <StatusPill status={status.health} stale={status.stale_since !== null} />
        <span className="text-12 text-muted">
          {status.stale_since === null ? (
            <>
              {status.observed_at && (
                <>
                  unchanged <HowLong from={status.observed_at} /> ·{" "}
                </>
              )}
              live
            </>
          ) : (
            <>
              as of <RelativeTime at={status.stale_since} />
            </>
          )}
        </span>
      </div>
      {status.reason && <p className="text-13 break-words">{sentence(status.reason)}</p>}
      {status.stale_since !== null && (
        <p className="text-13 text-warn">{whyStale(status)} This is its last known state.</p>
      )}
      {drift ? (
        <p className="flex flex-wrap items-center gap-x-2 text-13 text-warn">
          {capital(sayDrift(drift))}.
          <Button size="sm" onClick={() => view.setState({ tab: "drift" })}>
            Show what
          </Button>
        </p>
      ) : (
        status.drifted && (
          <p className="flex flex-wrap items-center gap-x-2 text-13 text-muted">
            Somebody else has written to this since it was applied. What was applied is as it was.
            <Button size="sm" tone="ghost" onClick={() => view.setState({ tab: "drift" })}>
              Show
            </Button>
          </p>
        )
      )}
    </section>
  );
}

/** Why the last run failed at this node, if it did. */
function LastFailure({ runId, nodeId }: { runId: string; nodeId: string }) {
  const { run } = useLiveRun(runId);
  return run ? <Failure run={run} nodeId={nodeId} /> : null;
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
