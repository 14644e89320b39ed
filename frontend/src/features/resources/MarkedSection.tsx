import { Star } from "lucide-react";
import { useNavigate } from "react-router";
import type { Mark } from "@/contract";
import { explain, KindIcon, resourcePath, type SectionProps } from "@/product";
import {
  EmptyState,
  ErrorState,
  LinkButton,
  LocalTable,
  RelativeTime,
  SkeletonRows,
  Tag,
  type LocalColumn,
} from "@/ui";
import { FavouriteStar } from "./FavouriteStar";
import { useMarks } from "./marks";

/** One's own favourites and notes in a cluster. */
export default function MarkedSection({ cluster }: SectionProps) {
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useMarks(cluster.id);
  if (isPending) return <SkeletonRows rows={8} />;
  if (!data)
    return <ErrorState title="Your notes could not be loaded" {...explain(error)} onRetry={() => void refetch()} />;
  if (data.results.length === 0)
    return (
      <EmptyState
        icon={<Star size={20} strokeWidth={1.5} aria-hidden />}
        title="Nothing is marked yet"
        action={<LinkButton to={`/clusters/${cluster.id}/resources`}>Resources</LinkButton>}
      >
        Your favourites, and objects that you have noted something of, are listed here. Only you see them.
      </EmptyState>
    );
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-surface">
      <LocalTable
        name="marked"
        label="Marked by you"
        noun={["object", "objects"]}
        className="max-h-full"
        rows={data.results}
        columns={COLUMNS}
        rowKey={({ kind, namespace, name }) => `${kind}/${namespace}/${name}`}
        defaultSort="name"
        texts={({ kind, namespace, name, note, labels }) => [kind, namespace, name, note, ...labels]}
        isCut={data.next !== null}
        onOpen={({ kind, namespace, name }) =>
          void navigate(resourcePath({ clusterId: cluster.id, kind, namespace, name }))
        }
      />
    </div>
  );
}

const COLUMNS: readonly LocalColumn<Mark>[] = [
  {
    id: "name",
    header: "Name",
    width: "minmax(180px, 2fr)",
    by: ({ favourite, name }) => `${favourite ? 0 : 1} ${name}`,
    cell: ({ kind, name, favourite }) => (
      <span className="flex min-w-0 items-center gap-2">
        <KindIcon kind={kind.split(".")[0] ?? ""} className="text-muted" />
        <span className="min-w-0 truncate font-mono text-12 font-medium" title={`${kind} ${name}`}>
          {name}
        </span>
        {favourite && <FavouriteStar />}
      </span>
    ),
  },
  {
    id: "kind",
    header: "Kind",
    from: 620,
    width: "minmax(110px, 1fr)",
    by: ({ kind }) => kind,
    cell: ({ kind }) => <span className="min-w-0 truncate text-12 text-muted">{kind.split(".")[0]}</span>,
  },
  {
    id: "namespace",
    header: "Namespace",
    from: 720,
    width: "minmax(110px, 1fr)",
    by: ({ namespace }) => namespace,
    cell: ({ namespace }) => <span className="min-w-0 truncate font-mono text-12 text-muted">{namespace || "–"}</span>,
  },
  {
    id: "labels",
    header: "Your labels",
    from: 900,
    width: "minmax(120px, 1fr)",
    by: ({ labels }) => labels.join(),
    cell: ({ labels }) => (
      <span className="flex min-w-0 gap-1 overflow-hidden">
        {labels.map((label) => (
          <Tag key={label}>{label}</Tag>
        ))}
      </span>
    ),
  },
  {
    id: "note",
    header: "Note",
    from: 350,
    width: "minmax(140px, 2fr)",
    by: ({ note }) => note,
    cell: ({ note }) => (
      <span className="min-w-0 truncate text-12 text-muted" title={note}>
        {note}
      </span>
    ),
  },
  {
    id: "noted",
    header: "Noted",
    from: 820,
    width: "100px",
    by: ({ updated_at: at }) => (at ? -Date.parse(at) : 0),
    cell: ({ updated_at: at }) => <RelativeTime at={at} className="text-12 text-muted" />,
  },
];
