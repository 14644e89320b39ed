import { Link } from "react-router";
import type { ResourceAddress } from "@/api";
import { explain } from "@/product";
import { Card, ErrorState, RelativeTime, SkeletonRows, Tag } from "@/ui";
import { useWhyNotGone } from "./queries";

/** Why an object that was deleted is still there. */
export function WhyNotGone({ address }: { address: ResourceAddress }) {
  const { data, error, isPending, refetch } = useWhyNotGone(address);
  if (isPending) return <SkeletonRows rows={3} />;
  if (!data)
    return (
      <ErrorState inline title="Why it is not gone is not known" {...explain(error)} onRetry={() => void refetch()} />
    );
  return (
    <Card
      title="Why it is not gone"
      description={
        <>
          Deleted <RelativeTime at={data.deleting_since} />. It goes once every finalizer is taken away.
        </>
      }
    >
      <div className="flex flex-col gap-3 text-13">
        {data.finalizers.length === 0 && (
          <p className="text-muted">
            No finalizer holds it{data.grace_s > 0 && `; it has ${data.grace_s} s to end by itself`}.
          </p>
        )}
        {data.finalizers.map((one) => (
          <div key={one.name} className="flex flex-col gap-0.5">
            <span className="flex flex-wrap items-center gap-2">
              <span className="font-mono text-12 break-all">{one.name}</span>
              {one.alive === false && <Tag tone="bad">what removes it is not running</Tag>}
            </span>
            <span className="text-12 text-muted">
              {[one.waits_for, one.removed_by && one.known && `taken away by ${one.removed_by}`, one.evidence]
                .filter(Boolean)
                .join("; ")}
              .
              {one.alive === false &&
                " Start it again: what it has to clean up stays behind if the finalizer is taken off."}
            </span>
          </div>
        ))}
        {data.users.length > 0 && (
          <p>
            Pods that use it: <span className="font-mono text-12">{data.users.join(", ")}</span>
          </p>
        )}
        {data.conditions.map((one) => (
          <p key={one.type} className="text-12 text-muted">
            {one.message}
          </p>
        ))}
        {data.remaining.length > 0 && (
          <ul aria-label="What is left" className="flex flex-col divide-y divide-line rounded border border-line">
            {data.remaining.map((one) => (
              <li key={one.kind} className="flex flex-wrap items-center gap-x-3 gap-y-1 px-3 py-2 text-12">
                <Link
                  className="text-accent-text hover:underline"
                  to={`/clusters/${address.clusterId}/resources?kind=${one.kind}&namespace=${address.name}`}
                >
                  {one.count} {one.kind.split(".")[0]}
                </Link>
                <span className="min-w-0 truncate font-mono text-muted">{one.names.join(", ")}</span>
                {one.finalizers.map((name) => (
                  <Tag key={name} mono>
                    {name}
                  </Tag>
                ))}
              </li>
            ))}
          </ul>
        )}
        {data.not_looked.length > 0 && (
          <p className="text-12 text-muted">Could not be looked at: {data.not_looked.join(", ")}.</p>
        )}
      </div>
    </Card>
  );
}
