import { Box } from "lucide-react";
import { Link } from "react-router";
import type { ClusterState } from "@/contract";
import { clusterError, progressWord } from "@/model/clusters";
import { sentence } from "@/model/words";
import { SandboxProgress, StatusGlyph, useClusters } from "@/product";
import { cx, Popover } from "@/ui";

const WORST: readonly ClusterState[] = ["failed", "connecting", "pending", "ready"];

/** The clusters at a glance: the worst state on the button, each of them in the panel. */
export function ClusterHealth() {
  const { clusters } = useClusters();
  if (!clusters) return null;
  const worst = [...clusters].sort((a, b) => WORST.indexOf(a.state) - WORST.indexOf(b.state))[0];
  const said = !worst
    ? "No clusters"
    : worst.state === "ready"
      ? clusters.length === 1
        ? worst.name
        : `${clusters.length} clusters`
      : `${worst.name} · ${progressWord(worst)}`;
  return (
    <Popover
      label="Clusters"
      align="end"
      width={340}
      trigger={
        <button
          type="button"
          className="flex h-7.5 max-w-56 shrink-0 items-center gap-1.5 rounded px-2 text-12 text-muted hover:bg-hover hover:text-text data-[state=open]:bg-hover"
        >
          {worst ? <StatusGlyph status={worst.state} word={false} size={12} /> : <Box size={14} aria-hidden />}
          <span className="min-w-0 truncate max-sm:sr-only">{said}</span>
        </button>
      }
    >
      <div className="flex items-center justify-between border-b border-line px-4 py-2.5">
        <h2 className="text-13 font-semibold">Clusters</h2>
        <Link to="/clusters" className="rounded-sm text-12 text-accent-text hover:underline">
          All clusters
        </Link>
      </div>
      <ul className="max-h-96 overflow-y-auto">
        {clusters.length === 0 && <li className="px-4 py-3 text-13 text-muted">No clusters connected.</li>}
        {clusters.map((cluster) => (
          <li key={cluster.id} className={cx("flex flex-col gap-2 border-b border-line px-4 py-2.5 last:border-b-0")}>
            <div className="flex items-center justify-between gap-3">
              <Link
                to={`/clusters?cluster=${cluster.id}`}
                className="min-w-0 truncate rounded-sm font-mono text-12 hover:underline"
              >
                {cluster.name}
              </Link>
              <StatusGlyph status={cluster.state} className="text-12 text-muted" />
            </div>
            {cluster.is_sandbox ? (
              <SandboxProgress cluster={cluster} />
            ) : (
              cluster.state === "failed" && (
                <p className="text-12 break-words text-bad">{sentence(clusterError(cluster) ?? "")}</p>
              )
            )}
          </li>
        ))}
      </ul>
    </Popover>
  );
}
