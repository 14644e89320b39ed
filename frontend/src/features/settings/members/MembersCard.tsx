import { useState } from "react";
import { asProblem } from "@/api";
import type { Member, User } from "@/contract";
import { explain } from "@/product";
import { Avatar, Button, Card, ErrorState, RelativeTime, Select, SkeletonRows, Tag } from "@/ui";
import { useMembers, useSetRole } from "../queries";
import { RemoveMemberDialog } from "./RemoveMemberDialog";
import { ROLE_OPTIONS } from "./roleOptions";

export function MembersCard({
  teamId,
  teamName,
  user,
  mayEdit,
}: {
  teamId: string;
  teamName: string;
  user: User;
  mayEdit: boolean;
}) {
  const members = useMembers(teamId);
  const setRole = useSetRole(teamId);
  const [leaving, setLeaving] = useState<Member | null>(null);
  const problem = setRole.error ? asProblem(setRole.error) : null;
  const rows = members.data?.results ?? [];
  return (
    <Card
      title={`Members of ${teamName}`}
      description={rows.length ? `${rows.length} ${rows.length === 1 ? "person" : "people"}` : undefined}
      padded={false}
    >
      {problem && (
        <div className="p-3">
          <ErrorState
            inline
            title="The role was not changed"
            reason={problem.besides([])}
            details={problem.describe()}
          />
        </div>
      )}
      {members.isPending ? (
        <SkeletonRows rows={3} />
      ) : members.error ? (
        <ErrorState
          title="Members could not be loaded"
          {...explain(members.error)}
          onRetry={() => void members.refetch()}
        />
      ) : (
        <ul>
          {rows.map((member) => (
            <li
              key={member.id}
              className="flex min-h-13 flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2 last:border-b-0"
            >
              <Avatar name={member.name || member.email} size={28} />
              <div className="min-w-0 flex-1 basis-48">
                <p className="truncate text-13 font-medium">
                  {member.disabled && <Tag className="mr-1.5">disabled</Tag>}
                  {member.name || member.email}
                  {member.id === user.id && <span className="font-normal text-muted"> (you)</span>}
                </p>
                <p className="truncate text-12 text-muted">
                  {member.email} · joined <RelativeTime at={member.joined_at} />
                </p>
              </div>
              <div className="ml-auto flex items-center gap-3">
                {mayEdit ? (
                  <Select
                    compact
                    className="w-28"
                    label={`Role of ${member.name || member.email}`}
                    value={member.role}
                    onChange={(role) => setRole.mutate({ userId: member.id, role })}
                    options={ROLE_OPTIONS}
                  />
                ) : (
                  <Tag>{member.role}</Tag>
                )}
                {(mayEdit || member.id === user.id) && (
                  <Button size="sm" tone="danger-ghost" className="min-w-18" onClick={() => setLeaving(member)}>
                    {member.id === user.id ? "Leave" : "Remove"}
                  </Button>
                )}
              </div>
            </li>
          ))}
        </ul>
      )}
      {leaving && (
        <RemoveMemberDialog
          teamId={teamId}
          teamName={teamName}
          member={leaving}
          self={leaving.id === user.id}
          onClose={() => setLeaving(null)}
        />
      )}
    </Card>
  );
}
