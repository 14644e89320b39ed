import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { Gauge } from "lucide-react";
import { fetchUsage, type UsageRange } from "@/api";
import type { Usage } from "@/contract";
import { RESOURCE_WORDS, sayAmount } from "@/model/amounts";
import { sparkPath } from "@/model/sparkline";
import { sentence } from "@/model/words";
import { explain, UsageBar, useClusters, type ResourceTabProps } from "@/product";
import { Card, EmptyState, ErrorState, RelativeTime, Segmented, SkeletonRows, useUrlState } from "@/ui";

/** metrics-server measures every 15 seconds. */
const MEASURED_MS = 15_000;

/** What an object uses, requests and may use, now and before. */
export default function UsageTab({ clusterId, namespace, name, resource }: ResourceTabProps) {
  const [url, setUrl] = useUrlState(["range"]);
  const range: UsageRange = url.range === "fortnight" ? "fortnight" : "day";
  const about = { kind: resource.kind.kind, namespace, name, range };
  const usage = useQuery({
    queryKey: ["usage", clusterId, about],
    queryFn: ({ signal }) => fetchUsage(clusterId, about, signal),
    refetchInterval: MEASURED_MS,
    placeholderData: keepPreviousData,
    retry: false,
  });
  const simulated = useClusters().clusters?.find(({ id }) => id === clusterId)?.is_sandbox ?? false;
  if (usage.isPending) return <SkeletonRows rows={4} />;
  if (!usage.data)
    return (
      <ErrorState
        title="What it uses could not be asked"
        {...explain(usage.error)}
        onRetry={() => void usage.refetch()}
      />
    );
  const { source, why, resources, parts, at, measured_parts: measured, all_parts: all } = usage.data;
  const partsName = resource.kind.kind === "Pod" ? "containers" : "pods";
  return (
    <div className="flex max-w-4xl flex-col gap-5 p-5">
      {!source && (
        <EmptyState title="What it uses is not known" icon={<Gauge size={20} strokeWidth={1.5} aria-hidden />}>
          {simulated ? (
            "The sandbox simulates its pods, so there is nothing to measure. What they request is below."
          ) : (
            <span className="wrap-anywhere">{sentence(why ?? "")}</span>
          )}
        </EmptyState>
      )}
      <Card title="Now">
        <Bars resources={resources} />
        {source && measured < all && (
          <p className="mt-3 text-12 text-warn">
            Of {all} {partsName}, {measured === 0 ? "none is" : `only ${measured} ${measured === 1 ? "is" : "are"}`}{" "}
            measured in full. What the others use is not in these figures; what they request is.
          </p>
        )}
        {source && (
          <p className="mt-3 text-12 text-muted">
            Measured by {source === "prometheus" ? "Prometheus" : source}, <RelativeTime at={at} />
          </p>
        )}
      </Card>
      {source && (
        <History
          usage={usage.data}
          pods={partsName === "pods" ? Math.max(1, all) : 1}
          range={range}
          onRange={(next) => setUrl({ range: next === "day" ? null : next })}
        />
      )}
      {parts.length > 0 && (
        <Card title={resource.kind.kind === "Pod" ? "Containers" : "Pods"}>
          <ul className="flex flex-col gap-4">
            {parts.map((part) => (
              <li key={part.name} className="min-w-0">
                <p className="mb-1.5 truncate font-mono text-12">{part.name}</p>
                <Bars resources={part.resources} />
              </li>
            ))}
          </ul>
        </Card>
      )}
    </div>
  );
}

function Bars({ resources }: { resources: Usage["resources"] }) {
  return (
    <div className="grid gap-3 sm:grid-cols-2 sm:gap-5">
      {resources.map(({ name, used, requested, limit, allocatable }) => (
        <UsageBar key={name} resource={name} used={used} requested={requested} limit={limit} whole={allocatable} />
      ))}
    </div>
  );
}

const [WIDTH, HEIGHT] = [400, 48];

interface HistoryProps {
  usage: Usage;
  /** Of a workload, as many as it has now; else 1. */
  pods: number;
  range: UsageRange;
  onRange: (range: UsageRange) => void;
}

function History({ usage, pods, range, onRange }: HistoryProps) {
  const { history, step_s, history_source: source, history_why: why } = usage;
  const counts = history.flatMap(({ objects }) => (objects === null ? [] : [objects]));
  const fewest = Math.min(...counts);
  return (
    <Card title="Before" description={source === "prometheus" ? "Told by Prometheus." : undefined}>
      <div className="flex flex-col gap-3">
        <Segmented
          label="Range"
          value={range}
          onChange={(next) => onRange(next === "fortnight" ? "fortnight" : "day")}
          options={[
            { value: "day", label: "24 hours" },
            { value: "fortnight", label: "14 days" },
          ]}
        />
        {counts.length > 1 && fewest < pods && (
          <p className="text-12 text-muted">
            Added up over those of its {pods} pods of now that were measured then: {fewest} at the fewest.
          </p>
        )}
        {why && <p className="text-12 wrap-anywhere text-warn">Not told by Prometheus: {why}.</p>}
        {history.length < 2 && source === "prometheus" ? (
          <p className="text-13 text-muted">Prometheus has no figures of it in this time.</p>
        ) : history.length < 2 ? (
          <p className="text-13 text-muted">
            Points are kept {step_s === 60 ? "every minute" : "every ten minutes"} while somebody looks at the figures
            of this cluster, and for half an hour after that. There are none to draw yet.
          </p>
        ) : (
          <div className="grid gap-3 sm:grid-cols-2 sm:gap-5">
            {(["cpu", "memory"] as const).map((name) => {
              const points = history.map((row) => ({ at: row.at, value: row[name] }));
              const most = Math.max(...points.map(({ value }) => value));
              return (
                <figure key={name} className="min-w-0">
                  <figcaption className="mb-1 flex justify-between text-12">
                    <span className="font-medium">{RESOURCE_WORDS[name]}</span>
                    <span className="text-muted">up to {sayAmount(name, most)}</span>
                  </figcaption>
                  <svg
                    role="img"
                    aria-label={`${RESOURCE_WORDS[name]}, up to ${sayAmount(name, most)}`}
                    viewBox={`0 -2 ${WIDTH} ${HEIGHT + 4}`}
                    preserveAspectRatio="none"
                    className="h-14 w-full rounded border border-line bg-sunken"
                  >
                    <path
                      d={sparkPath(points, step_s, WIDTH, HEIGHT)}
                      fill="none"
                      className="stroke-accent"
                      strokeWidth={1.5}
                      vectorEffect="non-scaling-stroke"
                    />
                  </svg>
                </figure>
              );
            })}
          </div>
        )}
      </div>
    </Card>
  );
}
