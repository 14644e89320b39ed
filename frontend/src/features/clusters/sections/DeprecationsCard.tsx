import { CircleCheck, TriangleAlert } from "lucide-react";
import type { Cluster, Deprecations } from "@/contract";
import { plural } from "@/model/words";
import { explain } from "@/product";
import { Card, ErrorState, Skeleton, Tag } from "@/ui";
import { useDeprecations } from "../queries";

/** Deprecated APIs that are in use, what goes with the next minor version first, and who says so. */
export function DeprecationsCard({ cluster }: { cluster: Cluster }) {
  const { data, error, refetch } = useDeprecations(cluster.id);
  return (
    <Card
      title="Deprecated APIs in use"
      description={
        data?.next_version
          ? `What Kubernetes ${data.next_version} no longer serves comes first.`
          : "What a later version of Kubernetes no longer serves."
      }
    >
      {data ? (
        <Notices found={data} />
      ) : error ? (
        <ErrorState inline title="They could not be asked for" {...explain(error)} onRetry={() => void refetch()} />
      ) : (
        <Skeleton className="h-12" />
      )}
    </Card>
  );
}

function Notices({ found }: { found: Deprecations }) {
  const { results, why_not_metrics: why, asked, kinds, next_version: next } = found;
  return (
    <div className="flex flex-col gap-3">
      {results.length === 0 && (
        <p className="flex items-center gap-2 text-13">
          <CircleCheck size={16} className="shrink-0 text-ok" aria-hidden />
          {why ? "None that your workflows use." : "None that anybody asks for."}
        </p>
      )}
      {results.length > 0 && (
        <ul aria-label="Deprecated APIs" className="flex flex-col gap-2">
          {results.map((one) => (
            <li key={`${one.api_version} ${one.resource}`} className="flex min-w-0 items-start gap-2 text-13">
              <TriangleAlert
                size={16}
                aria-label={one.gone_next ? "Error" : "Warning"}
                className={one.gone_next ? "mt-0.5 shrink-0 text-bad" : "mt-0.5 shrink-0 text-warn"}
              />
              <div className="min-w-0">
                <p className="flex flex-wrap items-center gap-x-2 gap-y-1">
                  <span className="font-mono text-12 break-all">
                    {one.api_version} {one.resource}
                  </span>
                  {one.gone_next && <Tag tone="bad">not in {next}</Tag>}
                  {one.drawn && <Tag>in your workflows</Tag>}
                </p>
                <p className="text-12 wrap-anywhere text-muted">
                  {one.said ||
                    (one.removed_in
                      ? `Removed in Kubernetes ${one.removed_in}.`
                      : "No version that leaves it out is known yet.")}
                </p>
              </div>
            </li>
          ))}
        </ul>
      )}
      <p className="text-12 wrap-anywhere text-muted">
        {why
          ? `Told by warnings of the API server alone: ${why}. `
          : "Told by the API server’s metrics, for all clients since it was started (controllers, kubectl, KubeOrch itself; which one, they do not say), and by its warnings. "}
        {asked < kinds
          ? `It was asked about ${asked} of the ${plural(kinds, "kind")} that your workflows have here.`
          : kinds > 0
            ? `It was asked about the ${plural(kinds, "kind")} that your workflows have here.`
            : "Your workflows have nothing here."}
      </p>
    </div>
  );
}
