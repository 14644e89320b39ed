import { Plus } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import { sentence } from "@/model/words";
import { explain } from "@/product";
import { Button, Card, ErrorState, RelativeTime, SkeletonRows, Tag } from "@/ui";
import { useDeleteInvite, useInvites } from "../queries";
import { InviteDialog } from "./InviteDialog";

export function InvitesCard({ teamId }: { teamId: string }) {
  const invites = useInvites();
  const remove = useDeleteInvite();
  const [making, setMaking] = useState(false);
  const open = (invites.data?.results ?? []).filter((invite) => invite.team.id === teamId && !invite.used_at);
  return (
    <Card
      title="Open invites"
      description="Each invite lets one person join with the role you choose."
      padded={false}
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
        <ul>
          {open.map((invite) => (
            <li
              key={invite.id}
              className="flex min-h-12 items-center gap-3 border-b border-line px-4 py-2 last:border-b-0"
            >
              <div className="min-w-0 flex-1">
                <p className="truncate text-13">{invite.email || "Anyone with the code"}</p>
                <p className="text-12 text-muted">
                  created <RelativeTime at={invite.created_at} />, expires <RelativeTime at={invite.expires_at} />
                </p>
              </div>
              <Tag>{invite.role}</Tag>
              <Button
                size="sm"
                tone="danger-ghost"
                busy={remove.isPending && remove.variables === invite.id}
                onClick={() => remove.mutate(invite.id)}
              >
                Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
      {making && <InviteDialog teamId={teamId} onClose={() => setMaking(false)} />}
    </Card>
  );
}
