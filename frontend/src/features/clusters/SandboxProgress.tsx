import type { Cluster, ClusterPhase } from "@/contract";
import { clusterError } from "@/model/clusters";
import { ProgressBar, Skeleton } from "@/ui";

const PHASE: Record<ClusterPhase, string> = {
  finding: "Looking for the control plane binaries",
  downloading: "Downloading",
  building: "Building",
  starting: "Starting",
  ready: "Ready",
  failed: "Failed",
};

/** The progress of the sandbox, and what to do when it cannot start. */
export function SandboxProgress({ cluster }: { cluster: Cluster }) {
  const { progress, state } = cluster;
  if (state === "ready") return null;
  if (state === "failed") {
    const reason = progress?.message || clusterError(cluster);
    const cure = progress?.detail && progress.detail !== reason ? progress.detail : null;
    return (
      <div className="text-13">
        <p className="font-medium text-bad">{reason ?? "The sandbox could not start"}</p>
        {cure && <p className="mt-0.5 break-words whitespace-pre-wrap text-muted">{cure}</p>}
      </div>
    );
  }
  if (!progress) return <Skeleton className="h-4 w-48" />;
  const counted = Boolean(progress.step && progress.steps);
  return (
    <div className="flex flex-col gap-1.5" role="status">
      <p className="flex items-baseline justify-between gap-3 text-13">
        <span className="min-w-0 truncate">{progress.message || PHASE[progress.phase]}</span>
        {counted && (
          <span className="tnum shrink-0 text-12 text-muted">
            {progress.step} of {progress.steps}
          </span>
        )}
      </p>
      <ProgressBar
        label={PHASE[progress.phase]}
        value={counted ? ((progress.step ?? 1) - 0.5) / (progress.steps ?? 1) : undefined}
      />
      {progress.detail && <p className="truncate font-mono text-11 text-muted">{progress.detail}</p>}
    </div>
  );
}
