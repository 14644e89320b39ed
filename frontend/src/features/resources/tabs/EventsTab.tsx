import { MessageSquare } from "lucide-react";
import type { ObjectEvent } from "@/contract";
import { explain, type ResourceTabProps } from "@/product";
import { EmptyState, ErrorState, LocalTable, RelativeTime, SkeletonRows, Tag, useMedia, type LocalColumn } from "@/ui";
import { useResourceEvents } from "../queries";

const COLUMNS: readonly LocalColumn<ObjectEvent>[] = [
  {
    id: "last",
    header: "Last seen",
    width: "110px",
    by: ({ last }) => Date.parse(last) || 0,
    cell: ({ last }) => <RelativeTime at={last || null} className="text-12 text-muted" />,
  },
  {
    id: "reason",
    header: "Reason",
    width: "minmax(130px, 190px)",
    by: ({ reason }) => reason,
    cell: (event) => <Reason event={event} />,
  },
  {
    id: "message",
    header: "Message",
    width: "minmax(220px, 4fr)",
    cell: ({ message, about }) => (
      <span className="min-w-0 truncate text-12" title={[about, message].filter(Boolean).join(": ")}>
        {message}
      </span>
    ),
  },
  {
    id: "count",
    header: "Times",
    width: "72px",
    align: "right",
    from: 620,
    by: ({ count }) => count,
    cell: ({ count }) => <span className="tnum text-12 text-muted">{count}</span>,
  },
  {
    id: "source",
    header: "From",
    width: "minmax(120px, 1fr)",
    from: 820,
    cell: ({ source }) => <span className="min-w-0 truncate text-12 text-muted">{source}</span>,
  },
];

/** Where there is little room, what was told is the most of it: it has lines of its own. */
const NARROW: readonly LocalColumn<ObjectEvent>[] = [
  {
    id: "last",
    header: "Last seen",
    width: "minmax(0, 1fr)",
    by: ({ last }) => Date.parse(last) || 0,
    cell: (event) => (
      <span className="flex min-w-0 flex-1 flex-col gap-0.5 text-12">
        <span className="flex min-w-0 items-baseline gap-2">
          <Reason event={event} />
          {event.count > 1 && <span className="tnum shrink-0 text-muted">{event.count} times</span>}
          <RelativeTime at={event.last || null} className="ml-auto shrink-0 text-muted" />
        </span>
        <span className="line-clamp-2 break-words" title={[event.about, event.message].filter(Boolean).join(": ")}>
          {event.message}
        </span>
      </span>
    ),
  },
];
const NARROW_ROW = 76;

function Reason({ event: { type, reason } }: { event: ObjectEvent }) {
  return type === "Warning" ? (
    <Tag tone="warn">{reason}</Tag>
  ) : (
    <span className="min-w-0 truncate text-12 font-medium">{reason}</span>
  );
}

/** What the cluster has told about the object. */
export default function EventsTab({ clusterId, kind, namespace, name }: ResourceTabProps) {
  const { data, error, isPending, refetch } = useResourceEvents({ clusterId, kind, namespace, name });
  const isNarrow = useMedia("(max-width: 639px)");
  if (isPending) return <SkeletonRows rows={6} />;
  if (!data)
    return <ErrorState title="Events could not be loaded" {...explain(error)} onRetry={() => void refetch()} />;
  if (data.results.length === 0)
    return (
      <EmptyState icon={<MessageSquare size={20} strokeWidth={1.5} aria-hidden />} title="No events">
        Kubernetes keeps what it tells about an object for an hour.
      </EmptyState>
    );
  return (
    <LocalTable
      name="events"
      label="Events"
      noun={["event", "events"]}
      className="max-h-full"
      rows={data.results}
      columns={isNarrow ? NARROW : COLUMNS}
      rowHeight={isNarrow ? NARROW_ROW : undefined}
      rowKey={(row) => `${row.reason} ${row.first} ${row.last} ${row.message}`}
      defaultSort="-last"
      texts={({ reason, message, source, type }) => [reason, message, source, type]}
      isCut={data.cut}
      footnote={<span>kept for an hour by Kubernetes</span>}
    />
  );
}
