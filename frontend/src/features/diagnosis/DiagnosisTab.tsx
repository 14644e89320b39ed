import { useQuery } from "@tanstack/react-query";
import { fetchDiagnosis } from "@/api";
import { explain, Findings, type ResourceTabProps } from "@/product";
import { ErrorState, SkeletonRows } from "@/ui";
import { FixOfObject } from "./FixOfObject";
import { OLD_AFTER_MS } from "./freshness";

/** Why one object is not as it should be. */
export default function DiagnosisTab({ clusterId, namespace, name, resource }: ResourceTabProps) {
  const { group, kind } = resource.kind;
  const about = { kind: group ? `${group}/${kind}` : kind, namespace, name };
  const diagnosis = useQuery({
    queryKey: ["diagnosis", clusterId, about],
    queryFn: ({ signal }) => fetchDiagnosis(clusterId, about, signal),
    staleTime: OLD_AFTER_MS,
    refetchInterval: OLD_AFTER_MS,
    retry: false,
  });
  if (diagnosis.isPending) return <SkeletonRows rows={4} />;
  if (!diagnosis.data)
    return (
      <ErrorState
        title="It could not be looked at"
        {...explain(diagnosis.error)}
        onRetry={() => void diagnosis.refetch()}
      />
    );
  return (
    <Findings
      page
      diagnosis={diagnosis.data}
      of={`${kind} ${name}`}
      fix={(finding) => finding.fix && <FixOfObject fix={finding.fix} />}
    />
  );
}
