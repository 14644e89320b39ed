import { useInfiniteQuery } from "@tanstack/react-query";
import { fetchClusterLog } from "@/api";
import type { Cluster, ClusterLogEntry } from "@/contract";
import { sentence } from "@/model/words";
import { clustersKey, explain } from "@/product";
import { PagedTable, RelativeTime, type Column } from "@/ui";

/** What was done to the connection of a cluster, and when it ceased to answer; newest first. */
export function ConnectionLog({ cluster }: { cluster: Cluster }) {
  const query = useInfiniteQuery({
    queryKey: [...clustersKey, cluster.id, "log", cluster.rev],
    queryFn: ({ pageParam, signal }) => fetchClusterLog(cluster.id, pageParam, signal),
    initialPageParam: "",
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before) => before,
  });
  return (
    <PagedTable
      label="Log of the connection"
      noun="event"
      pages={query}
      failure={query.error && explain(query.error)}
      rows={query.data?.pages.flatMap((page) => page.results) ?? []}
      columns={COLUMNS}
      rowKey={(entry) => entry.id}
      className="max-h-90"
      empty={<p className="p-4 text-13 text-muted">Nothing was done to it in the last weeks.</p>}
    />
  );
}

const ACTIONS: Readonly<Record<ClusterLogEntry["action"], string>> = {
  connected: "Connected",
  edited: "Edited",
  credentials: "Credentials replaced",
  tested: "Tested",
  answers: "Answers again",
  fails: "Stopped answering",
  shared: "Shared",
  unshared: "Share ended",
};

const COLUMNS: readonly Column<ClusterLogEntry>[] = [
  {
    id: "at",
    header: "When",
    width: "130px",
    cell: (entry) => <RelativeTime at={entry.at} className="text-12 text-muted" />,
  },
  {
    id: "action",
    header: "What",
    width: "170px",
    cell: (entry) => (
      <span className={entry.ok ? undefined : "text-bad"}>
        {ACTIONS[entry.action]}
        {!entry.ok && entry.action === "tested" && ": failed"}
      </span>
    ),
  },
  {
    id: "detail",
    header: "Details",
    width: "minmax(160px, 1fr)",
    from: 560,
    cell: (entry) => <span className="truncate text-muted">{sentence(entry.detail)}</span>,
  },
  {
    id: "by",
    header: "By",
    width: "160px",
    from: 760,
    cell: (entry) => <span className="truncate text-muted">{entry.by || "KubeOrch"}</span>,
  },
];
