import { Box } from "lucide-react";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import type { Space } from "@/contract";
import { explain, KindIcon, resourcePath, type SectionProps } from "@/product";
import {
  cx,
  EmptyState,
  ErrorState,
  LocalTable,
  RelativeTime,
  SkeletonRows,
  Tag,
  type LocalColumn,
  LinkButton,
  useMedia,
} from "@/ui";
import { useSpaces } from "./queries";

const QUOTAS_SHOWN = 3;
const NEARLY_FULL = 0.9;
const NARROW_ROW = 52;

/** The namespaces of a cluster, with how much of their quotas is used. */
export default function NamespacesSection({ cluster }: SectionProps) {
  const navigate = useNavigate();
  const { data, error, isPending, refetch } = useSpaces(cluster.id);
  const isNarrow = useMedia("(max-width: 639px)");
  const columns = useMemo(() => columnsFor(cluster.id, isNarrow), [cluster.id, isNarrow]);
  if (isPending) return <SkeletonRows rows={8} />;
  if (!data)
    return <ErrorState title="Namespaces could not be loaded" {...explain(error)} onRetry={() => void refetch()} />;
  if (data.results.length === 0)
    return (
      <EmptyState icon={<Box size={20} strokeWidth={1.5} aria-hidden />} title="No namespaces that you see">
        Of a cluster that several teams use, you see the namespaces of your team&apos;s environments.
      </EmptyState>
    );
  const notes = [
    data.total !== null && `${data.results.length} of ${data.total} namespaces visible to you`,
    !data.listed && "the credentials may not list namespaces: these are those of environments, shares and the account",
    !data.quotas_known && "quotas may not be listed with these credentials",
    data.quotas_cut && "there are more quotas than were read",
  ];
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-surface">
      <LocalTable
        name="namespaces"
        label="Namespaces"
        noun={["namespace", "namespaces"]}
        className="max-h-full"
        rows={data.results}
        columns={columns}
        rowHeight={isNarrow ? NARROW_ROW : undefined}
        rowKey={({ name }) => name}
        defaultSort="name"
        texts={({ name, phase, labels }) => [
          name,
          phase,
          ...Object.entries(labels).map(([key, value]) => `${key}=${value}`),
        ]}
        isCut={data.cut}
        onOpen={({ name }) =>
          void navigate(resourcePath({ clusterId: cluster.id, kind: "Namespace", namespace: "", name }))
        }
        footnote={<span>{notes.filter(Boolean).join(" · ")}</span>}
      />
    </div>
  );
}

const columnsFor = (clusterId: string, isNarrow: boolean): readonly LocalColumn<Space>[] => [
  {
    id: "name",
    header: "Name",
    width: "minmax(160px, 2fr)",
    by: ({ name }) => name,
    cell: ({ name, deleting, quotas }) => (
      <span className="flex min-w-0 items-center gap-2">
        <KindIcon kind="Namespace" className="text-muted" />
        <span className="flex min-w-0 flex-col">
          <span className="flex min-w-0 items-center gap-2">
            <span className="min-w-0 truncate font-mono text-12 font-medium">{name}</span>
            {deleting && <Tag tone="warn">being deleted</Tag>}
          </span>
          {/* Where there is no room for their column. */}
          {isNarrow && quotas.length > 0 && <Quotas quotas={quotas} most={1} />}
        </span>
      </span>
    ),
  },
  {
    id: "quotas",
    header: "Quotas used",
    from: 620,
    width: "minmax(220px, 3fr)",
    by: ({ quotas }) => -Math.max(0, ...quotas.map(({ share }) => share ?? 0)),
    cell: ({ quotas }) => <Quotas quotas={quotas} />,
  },
  {
    id: "look",
    header: "",
    width: "112px",
    cell: ({ name }) => (
      <LinkButton size="sm" tone="ghost" to={`/clusters/${clusterId}/resources?namespace=${name}`}>
        Resources
      </LinkButton>
    ),
  },
  {
    id: "age",
    header: "Age",
    from: 460,
    width: "100px",
    by: ({ created_at: at }) => (at ? Date.parse(at) : 0),
    cell: ({ created_at: at }) => <RelativeTime at={at} className="text-12 text-muted" />,
  },
];

/** The fullest ones first. */
function Quotas({ quotas, most = QUOTAS_SHOWN }: { quotas: Space["quotas"]; most?: number }) {
  if (quotas.length === 0) return <span className="text-12 text-faint">none</span>;
  const fullest = quotas.toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0));
  return (
    <span className="flex min-w-0 items-center gap-3 text-12">
      {fullest.slice(0, most).map(({ quota, resource, used, hard, share }) => (
        <span
          key={`${quota} ${resource}`}
          title={`${quota}: ${resource}`}
          className={cx("tnum min-w-0 truncate", share !== null && share >= NEARLY_FULL ? "text-warn" : "text-muted")}
        >
          {resource} {used}/{hard}
        </span>
      ))}
      {quotas.length > most && <span className="text-faint">+{quotas.length - most}</span>}
    </span>
  );
}
