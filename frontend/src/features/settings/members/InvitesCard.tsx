import { Plus } from "lucide-react";
import { useMemo, useState } from "react";
import { asProblem } from "@/api";
import type { Invite } from "@/contract";
import { sentence } from "@/model/words";
import { explain } from "@/product";
import { Button, Card, ErrorState, LocalTable, RelativeTime, SkeletonRows, Tag, type LocalColumn } from "@/ui";
import { useDeleteInvite, useInvites } from "../queries";
import { InviteDialog } from "./InviteDialog";

export function InvitesCard({ teamId }: { teamId: string }) {
  const invites = useInvites();
  const remove = useDeleteInvite();
  const [making, setMaking] = useState(false);
  const listed = invites.data?.results;
  const open = useMemo(
    () => (listed ?? []).filter((invite) => invite.team.id === teamId && !invite.used_at),
    [listed, teamId],
  );
  const { mutate, isPending, variables: revoked } = remove;
  const columns = useMemo(
    () => columnsFor((invite) => mutate(invite.id), isPending ? revoked : undefined),
    [mutate, isPending, revoked],
  );
  return (
    <Card
      title="Open invites"
      description="Each invite lets one person join with the role you choose."
      padded={false}
      className="overflow-hidden"
      actions={
        <Button size="sm" tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setMaking(true)}>
          Invite
        </Button>
      }
    >
      {remove.error && (
        <div className="p-3">
          <ErrorState inline title="Not revoked" reason={sentence(asProblem(remove.error).detail)} />
        </div>
      )}
      {invites.isPending ? (
        <SkeletonRows rows={1} />
      ) : invites.error ? (
        <ErrorState
          title="Invites could not be loaded"
          {...explain(invites.error)}
          onRetry={() => void invites.refetch()}
        />
      ) : open.length === 0 ? (
        <p className="px-4 py-5 text-13 text-muted">There are no open invites.</p>
      ) : (
        <LocalTable
          name="invites"
          label="Open invites"
          noun={["invite", "invites"]}
          rows={open}
          columns={columns}
          rowKey={({ id }) => id}
          defaultSort="-created"
          texts={({ email, role }) => [whoMay(email), role]}
        />
      )}
      {making && <InviteDialog teamId={teamId} onClose={() => setMaking(false)} />}
    </Card>
  );
}

const whoMay = (email: string): string => email || "Anyone with the code";

const columnsFor = (onRevoke: (invite: Invite) => void, revoking?: string): readonly LocalColumn<Invite>[] => [
  {
    id: "for",
    header: "For",
    width: "minmax(130px, 3fr)",
    by: ({ email }) => whoMay(email),
    cell: ({ email }) => (
      <span className="truncate" title={email}>
        {whoMay(email)}
      </span>
    ),
  },
  {
    id: "role",
    header: "Role",
    width: "90px",
    by: ({ role }) => role,
    cell: ({ role }) => <Tag>{role}</Tag>,
  },
  {
    id: "created",
    header: "Created",
    from: 560,
    width: "110px",
    by: ({ created_at }) => Date.parse(created_at),
    cell: ({ created_at }) => <RelativeTime at={created_at} className="text-12 text-muted" />,
  },
  {
    id: "expires",
    header: "Expires",
    from: 460,
    width: "96px",
    by: ({ expires_at }) => Date.parse(expires_at),
    cell: ({ expires_at }) => <RelativeTime at={expires_at} className="text-12 text-muted" />,
  },
  {
    id: "actions",
    header: <span className="sr-only">Actions</span>,
    width: "100px",
    align: "right",
    cell: (invite) => (
      <Button
        size="sm"
        tone="danger-ghost"
        aria-label={`Revoke the invite for ${whoMay(invite.email)}`}
        busy={revoking === invite.id}
        onClick={() => onRevoke(invite)}
      >
        Revoke
      </Button>
    ),
  },
];
