import type { Cluster, ClusterPhase } from "@/contract";
import { clusterError } from "@/model/clusters";
import { sayStage, sayWait } from "@/model/sandbox";
import { ProgressBar, Skeleton, useNow } from "@/ui";
import { useClusters } from "./queries/clusters";

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
  const wait = sayWait(cluster, useNow(state !== "ready" && state !== "failed"));
  if (state === "ready") return null;
  if (state === "failed") {
    const start = progress?.phase === "failed" ? progress : null; // else it had started, and answers no more
    const reason = start?.message || clusterError(cluster);
    const cure = start?.detail && start.detail !== reason ? start.detail : null;
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
      {wait && <p className="tnum text-12 text-muted">{wait}</p>}
      {progress.detail && <p className="text-12 break-words text-muted">{progress.detail}</p>}
    </div>
  );
}

/** On pages whose work waits for the sandbox: what it does, for how long, and what is possible meanwhile. */
export function SandboxNotice() {
  const sandbox = useClusters().clusters?.find((cluster) => cluster.is_sandbox);
  const isWaiting = sandbox !== undefined && sandbox.state !== "ready" && sandbox.state !== "failed";
  const now = useNow(isWaiting);
  if (!isWaiting) return null;
  const wait = sayWait(sandbox, now);
  return (
    <p role="status" className="border-b border-line bg-busy-soft px-5 py-2 text-12">
      <span className="font-medium">{sayStage(sandbox)}</span>
      {wait && <span className="tnum text-muted"> · {wait}</span>}
      <span className="text-muted"> · You can draw meanwhile; Run unlocks by itself.</span>
    </p>
  );
}
