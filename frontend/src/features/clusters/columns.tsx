import { Box } from "lucide-react";
import type { Cluster } from "@/contract";
import { clusterError, progressWord } from "@/model/clusters";
import { StatusGlyph } from "@/product";
import { RelativeTime, Tag, type LocalColumn } from "@/ui";

export const COLUMNS: readonly LocalColumn<Cluster>[] = [
  {
    id: "name",
    by: (cluster) => `${cluster.is_sandbox ? 0 : 1} ${cluster.name}`,
    header: "Name",
    width: "minmax(200px, 2fr)",
    cell: (cluster) => (
      <span className="flex min-w-0 items-center gap-2">
        <Box size={16} strokeWidth={1.5} className="shrink-0 text-muted" aria-hidden />
        <span className="min-w-0 truncate font-mono text-12 font-medium">{cluster.name}</span>
        {cluster.is_sandbox && <Tag>this machine</Tag>}
        {cluster.shared && !cluster.is_sandbox && <Tag>shared</Tag>}
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
    id: "server",
    by: ({ server }) => server,
    header: "Server",
    from: 820,
    width: "minmax(180px, 2fr)",
    cell: (cluster) => <span className="truncate font-mono text-12 text-muted">{cluster.server || "–"}</span>,
  },
  {
    id: "team",
    by: ({ team }) => team?.name ?? "",
    header: "Team",
    from: 980,
    width: "140px",
    cell: (cluster) => <span className="truncate text-muted">{cluster.team?.name ?? "everyone"}</span>,
  },
  {
    id: "checked",
    by: ({ last_checked_at }) => (last_checked_at ? Date.parse(last_checked_at) : 0),
    header: "Checked",
    from: 700,
    width: "120px",
    cell: (cluster) => <RelativeTime at={cluster.last_checked_at} className="text-12 text-muted" />,
  },
];
