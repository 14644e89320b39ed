import { Pencil, Share2, ShieldCheck, Users, UserX } from "lucide-react";
import type { Share } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { sentence } from "@/model/words";
import { explain, useSession, type SectionProps } from "@/product";
import {
  Button,
  cx,
  EmptyState,
  ErrorState,
  IconButton,
  ListHeader,
  LocalTable,
  RelativeTime,
  SkeletonRows,
  Tag,
  Tooltip,
  useUrlState,
  type LocalColumn,
} from "@/ui";
import { EndShareDialog } from "../EndShareDialog";
import { ShareClusterDialog } from "../ShareClusterDialog";
import { ShareDialog } from "../ShareDialog";
import { useShares } from "../queries";

/** With whom a cluster is shared, by which role and where; its own team begins and ends that. */
export default function AccessSection({ cluster }: SectionProps) {
  const user = useSession().data?.user;
  const isOwner = !cluster.is_sandbox && covers(roleIn(user, cluster.team?.id), "admin");
  if (cluster.is_sandbox)
    return (
      <EmptyState icon={<Users size={20} strokeWidth={1.5} aria-hidden />} title="Every team has the sandbox">
        Each team sees the namespaces of its own environments; administrators of this server see all of it.
      </EmptyState>
    );
  if (!isOwner)
    return (
      <EmptyState
        icon={<Users size={20} strokeWidth={1.5} aria-hidden />}
        title={`This cluster belongs to ${cluster.team?.name ?? "another team"}`}
      >
        Administrators of that team decide with whom it is shared. You see the namespaces that are shared with you.
      </EmptyState>
    );
  return <OwnersView cluster={cluster} />;
}

function OwnersView({ cluster }: SectionProps) {
  const [url, setUrl] = useUrlState(["share", "edit", "end", "everyone"]);
  const user = useSession().data?.user;
  const shares = useShares(cluster.id);
  const rows = shares.data?.results;
  const edited = rows?.find((share) => share.id === url.edit);
  const ending = rows?.find((share) => share.id === url.end);
  const share = (
    <Button tone="primary" icon={<Share2 size={14} aria-hidden />} onClick={() => setUrl({ share: "1" })}>
      Share cluster
    </Button>
  );
  return (
    <div className="flex min-h-0 flex-1 flex-col bg-surface">
      <ListHeader
        actions={
          <>
            {(cluster.shared || user?.is_admin) && (
              <Button onClick={() => setUrl({ everyone: "1" })}>
                {cluster.shared ? "Stop sharing with every team" : "Share with every team"}
              </Button>
            )}
            {rows?.length !== 0 && share}
          </>
        }
      >
        <p className="flex items-center gap-1.5 text-13 text-muted">
          <ShieldCheck
            size={14}
            className={cx("shrink-0", cluster.impersonates ? "text-ok" : "text-faint")}
            aria-hidden
          />
          {cluster.impersonates
            ? "The API server itself holds people to what is shared with them."
            : "The credentials of this cluster may not impersonate: KubeOrch alone holds people to what is shared with them."}
        </p>
      </ListHeader>
      {shares.isPending ? (
        <SkeletonRows rows={3} />
      ) : !rows ? (
        <ErrorState
          title="Shares could not be loaded"
          {...explain(shares.error)}
          onRetry={() => void shares.refetch()}
        />
      ) : rows.length === 0 ? (
        <EmptyState
          icon={<Users size={20} strokeWidth={1.5} aria-hidden />}
          title={cluster.shared ? "Shared with every team" : "Only your team has this cluster"}
          action={share}
        >
          Share it with another team or a person, by a role, in the namespaces you name.
        </EmptyState>
      ) : (
        <LocalTable
          name="shares"
          label="Shares"
          noun={["share", "shares"]}
          rows={rows}
          columns={columnsFor(
            (one) => setUrl({ edit: one.id }),
            (one) => setUrl({ end: one.id }),
          )}
          rowKey={(one) => one.id}
          defaultSort="name"
          texts={({ name, role, namespaces }) => [name, role, ...(namespaces ?? [])]}
        />
      )}
      {url.share && <ShareClusterDialog cluster={cluster} onClose={() => setUrl({ share: null })} />}
      {edited && <ShareClusterDialog cluster={cluster} edited={edited} onClose={() => setUrl({ edit: null })} />}
      {url.everyone && <ShareDialog cluster={cluster} onClose={() => setUrl({ everyone: null })} />}
      {ending && <EndShareDialog cluster={cluster} share={ending} onClose={() => setUrl({ end: null })} />}
    </div>
  );
}

function columnsFor(edit: (share: Share) => void, end: (share: Share) => void): readonly LocalColumn<Share>[] {
  return [
    {
      id: "name",
      by: ({ name }) => name,
      header: "With",
      width: "minmax(160px, 1.5fr)",
      cell: (share) => (
        <span className="flex min-w-0 items-center gap-2">
          <span className="min-w-0 truncate font-medium">{share.name}</span>
          <Tag>{share.team ? "team" : "person"}</Tag>
        </span>
      ),
    },
    { id: "role", by: ({ role }) => role, header: "Role", width: "90px", cell: (share) => share.role },
    {
      id: "where",
      header: "Namespaces",
      width: "minmax(160px, 2fr)",
      from: 560,
      cell: (share) => (
        <span className="truncate font-mono text-12 text-muted">
          {share.namespaces?.join(", ") ?? <span className="font-sans text-13">that its own runs make</span>}
        </span>
      ),
    },
    {
      id: "held",
      by: ({ enforced }) => (enforced ? 0 : 1),
      header: "Held by",
      width: "130px",
      from: 700,
      cell: (share) =>
        share.enforced ? (
          <span className="text-ok">the API server</span>
        ) : (
          <Tooltip text={sentence(share.why_not)}>
            <span className="text-muted">KubeOrch alone</span>
          </Tooltip>
        ),
    },
    {
      id: "since",
      by: ({ created_at }) => Date.parse(created_at),
      header: "Since",
      width: "120px",
      from: 860,
      cell: (share) => <RelativeTime at={share.created_at} className="text-12 text-muted" />,
    },
    {
      id: "end",
      header: <span className="sr-only">Change or end</span>,
      width: "80px",
      cell: (share) => (
        <span className="flex items-center gap-1">
          <IconButton label={`Change the share with ${share.name}`} size="sm" onClick={() => edit(share)}>
            <Pencil size={14} aria-hidden />
          </IconButton>
          <IconButton
            label={`End the share with ${share.name}`}
            size="sm"
            tone="danger-ghost"
            onClick={() => end(share)}
          >
            <UserX size={14} aria-hidden />
          </IconButton>
        </span>
      ),
    },
  ];
}
