import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { Link } from "react-router";
import { fetchDiagnosis } from "@/api";
import type { Finding } from "@/contract";
import { explain, Findings, kindId, ObjectLine, resourcePath, type SectionProps } from "@/product";
import { ErrorState, SearchInput, Segmented, SkeletonRows, useUrlState } from "@/ui";
import { FixOfObject } from "./FixOfObject";
import { OLD_AFTER_MS } from "./freshness";

/** Everything that is wrong in a cluster, as far as one sees it. */
export default function WrongSection({ cluster }: SectionProps) {
  const [url, setUrl] = useUrlState(["q", "severity"]);
  const diagnosis = useQuery({
    queryKey: ["diagnosis", cluster.id],
    queryFn: ({ signal }) => fetchDiagnosis(cluster.id, {}, signal),
    staleTime: OLD_AFTER_MS,
    refetchInterval: OLD_AFTER_MS,
    retry: false,
  });
  const { q = "", severity = "" } = url;
  const found = diagnosis.data;
  const shown = useMemo(
    () => found && { ...found, findings: found.findings.filter((one) => fits(one, q, severity)) },
    [found, q, severity],
  );
  if (diagnosis.isPending) return <SkeletonRows rows={8} />;
  if (!shown || !found)
    return (
      <ErrorState
        title="The cluster could not be looked at"
        {...explain(diagnosis.error)}
        onRetry={() => void diagnosis.refetch()}
      />
    );
  const errors = found.findings.filter((one) => one.severity === "error").length;
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      {found.findings.length > 0 && (
        <div className="flex flex-wrap items-center gap-3 border-b border-line px-5 py-3">
          <SearchInput
            label="Find a cause"
            placeholder="Cause, name, namespace"
            className="w-full sm:w-72"
            value={q}
            onChange={(next) => setUrl({ q: next || null })}
          />
          <Segmented
            label="Severity"
            value={severity}
            onChange={(next) => setUrl({ severity: next || null })}
            options={[
              { value: "", label: `All ${found.findings.length}` },
              { value: "error", label: `Errors ${errors}` },
              { value: "warning", label: `Warnings ${found.findings.length - errors}` },
            ]}
          />
        </div>
      )}
      <Findings
        page
        diagnosis={shown}
        of={found.findings.length > 0 ? "what fits the filters" : `the cluster ${cluster.name}`}
        subject={({ ref }) => (
          <Link
            className="inline-flex hover:underline"
            to={`${resourcePath({ clusterId: cluster.id, kind: kindId(ref.api_version, ref.kind), namespace: ref.namespace, name: ref.name })}?tab=diagnosis`}
          >
            <ObjectLine of={ref} note={ref.namespace && `in ${ref.namespace}`} />
          </Link>
        )}
        fix={(finding) => finding.fix && <FixOfObject fix={finding.fix} />}
      />
    </div>
  );
}

function fits({ ref, sentence, severity }: Finding, q: string, wanted: string): boolean {
  if (wanted && severity !== wanted) return false;
  const text = `${ref.kind} ${ref.namespace} ${ref.name} ${sentence}`.toLowerCase();
  return q
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
