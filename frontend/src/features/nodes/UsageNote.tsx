import type { UseQueryResult } from "@tanstack/react-query";
import { asProblem } from "@/api";
import type { NodesUsage } from "@/contract";
import { sentence } from "@/model/words";
import { RelativeTime } from "@/ui";

/** Who has measured what the nodes use, and when; or why nobody has. */
export function UsageNote({
  usage: { data, error },
  simulated,
}: {
  usage: UseQueryResult<NodesUsage>;
  /** Nothing runs on them. */
  simulated: boolean;
}) {
  if (simulated && !data?.source) return <span>These nodes are simulated, so they use nothing.</span>;
  if (error)
    return <span className="wrap-anywhere">What is used is not known: {sentence(asProblem(error).detail)}</span>;
  if (!data) return null;
  if (!data.source) return <span className="wrap-anywhere">{sentence(data.why ?? "")}</span>;
  return (
    <span>
      Use measured by {data.source === "prometheus" ? "Prometheus" : data.source}, <RelativeTime at={data.at} />.
    </span>
  );
}
