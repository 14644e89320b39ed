import { Box } from "lucide-react";
import type { Cluster } from "@/contract";
import { clusterError, cpuText, memoryText, progressWord } from "@/model/clusters";
import { StatusGlyph } from "@/product";
import { RelativeTime, Tag, type LocalColumn } from "@/ui";

export const COLUMNS: readonly LocalColumn<Cluster>[] = [
  {
    id: "name",
    by: ({ name }) => name,
    header: "Name",
    width: "minmax(200px, 2fr)",
    cell: (cluster) => (
      <span className="flex min-w-0 items-center gap-2">
        <Box size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 truncate font-mono text-12 font-medium">{cluster.name}</span>
        {cluster.is_sandbox && <Tag>this machine</Tag>}
        {cluster.is_default && <Tag>default</Tag>}
        {(cluster.shared || cluster.shared_with.length > 0) && !cluster.is_sandbox && <Tag>shared</Tag>}
      </span>
    ),
  },
  {
    id: "state",
    by: ({ state }) => state,
    header: "State",
    width: "minmax(150px, 1fr)",
    cell: (cluster) => (
      <StatusGlyph
        status={cluster.state}
        word={cluster.is_sandbox ? progressWord(cluster) : true}
        reason={clusterError(cluster) ?? undefined}
      />
    ),
  },
  {
    id: "version",
    by: ({ version }) => version ?? "",
    header: "Kubernetes",
    from: 620,
    width: "120px",
    cell: (cluster) => <span className="font-mono text-12 text-muted">{cluster.version || "–"}</span>,
  },
  {
    id: "nodes",
    by: ({ size }) => size?.nodes ?? -1,
    header: "Nodes",
    from: 700,
    width: "80px",
    cell: ({ size }) =>
      size ? (
        <span className={size.ready < size.nodes ? "tnum text-warn" : "tnum text-muted"}>
          {size.ready < size.nodes ? `${size.ready}/${size.nodes}` : size.nodes}
        </span>
      ) : (
        <span className="text-faint">–</span>
      ),
  },
  {
    id: "capacity",
    by: ({ size }) => size?.cpu_millicores ?? -1,
    header: "Capacity",
    from: 860,
    width: "150px",
    cell: ({ size }) =>
      size ? (
        <span className="tnum truncate text-muted">
          {cpuText(size.cpu_millicores)} · {memoryText(size.memory_bytes)}
        </span>
      ) : (
        <span className="text-faint">–</span>
      ),
  },
  {
    id: "latency",
    by: ({ latency_ms }) => latency_ms ?? Number.MAX_SAFE_INTEGER,
    header: "Latency",
    from: 980,
    width: "90px",
    cell: ({ latency_ms }) => <span className="tnum text-muted">{latency_ms === null ? "–" : `${latency_ms} ms`}</span>,
  },
  {
    id: "server",
    by: ({ server }) => server,
    header: "Server",
    from: 1180,
    width: "minmax(180px, 2fr)",
    cell: (cluster) => <span className="truncate font-mono text-12 text-muted">{cluster.server || "–"}</span>,
  },
  {
    id: "team",
    by: ({ team }) => team?.name ?? "",
    header: "Team",
    from: 1080,
    width: "140px",
    cell: (cluster) => <span className="truncate text-muted">{cluster.team?.name ?? "everyone"}</span>,
  },
  {
    id: "seen",
    by: ({ last_seen_at }) => (last_seen_at ? Date.parse(last_seen_at) : 0),
    header: "Last seen",
    from: 620,
    width: "110px",
    cell: (cluster) => <RelativeTime at={cluster.last_seen_at} className="text-12 text-muted" />,
  },
];
