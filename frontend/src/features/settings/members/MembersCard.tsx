import { useMemo, useState } from "react";
import { asProblem } from "@/api";
import type { Member, Role, User } from "@/contract";
import { covers } from "@/model/roles";
import { explain } from "@/product";
import { Button, Card, ErrorState, LocalTable, RelativeTime, Select, SkeletonRows, Tag, type LocalColumn } from "@/ui";
import { Person } from "../Person";
import { useMembers, useSetRole } from "../queries";
import { LowerRoleDialog } from "./LowerRoleDialog";
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
  const [lowering, setLowering] = useState<Role | null>(null);
  const problem = setRole.error ? asProblem(setRole.error) : null;
  const { mutate, isPending, variables: asked } = setRole;
  const columns = useMemo((): LocalColumn<Member>[] => {
    // Who gives up the own rights cannot take them back.
    const choose = ({ id, role: before }: Member, role: Role) =>
      id === user.id && !covers(role, before) && !user.is_admin ? setLowering(role) : mutate({ userId: id, role });
    return [
      {
        id: "name",
        header: "Person",
        width: "minmax(120px, 3fr)",
        by: ({ name, email }) => name || email,
        cell: (member) => (
          <Person
            person={member}
            isMe={member.id === user.id}
            tags={member.disabled && <Tag className="shrink-0">disabled</Tag>}
          />
        ),
      },
      {
        id: "role",
        header: "Role",
        width: "clamp(112px, 20%, 136px)",
        by: ({ role }) => role,
        cell: (member) =>
          mayEdit ? (
            <Select
              compact
              className="w-22 sm:w-28"
              label={`Role of ${member.name || member.email}`}
              value={isPending && asked.userId === member.id ? asked.role : member.role}
              onChange={(role) => choose(member, role)}
              options={ROLE_OPTIONS}
            />
          ) : (
            <Tag>{member.role}</Tag>
          ),
      },
      {
        id: "joined",
        header: "Joined",
        from: 560,
        width: "110px",
        by: ({ joined_at }) => Date.parse(joined_at),
        cell: ({ joined_at }) => <RelativeTime at={joined_at} className="text-12 text-muted" />,
      },
      {
        id: "actions",
        header: <span className="sr-only">Actions</span>,
        width: "clamp(76px, 20%, 108px)",
        align: "right",
        cell: (member) =>
          (mayEdit || member.id === user.id) && (
            <Button
              size="sm"
              tone="danger-ghost"
              className="max-sm:px-1"
              aria-label={member.id === user.id ? `Leave ${teamName}` : `Remove ${member.name || member.email}`}
              onClick={() => setLeaving(member)}
            >
              {member.id === user.id ? "Leave" : "Remove"}
            </Button>
          ),
      },
    ];
  }, [user, mayEdit, teamName, mutate, isPending, asked]);
  return (
    <Card title={`Members of ${teamName}`} padded={false} className="overflow-hidden">
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
        <LocalTable
          name="members"
          label={`Members of ${teamName}`}
          noun={["person", "people"]}
          rows={members.data.results}
          isCut={members.data.next !== null}
          columns={columns}
          rowKey={({ id }) => id}
          rowHeight={52}
          defaultSort="name"
          texts={({ name, email, role }) => [name, email, role]}
        />
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
      {lowering && (
        <LowerRoleDialog
          teamId={teamId}
          teamName={teamName}
          userId={user.id}
          role={lowering}
          onClose={() => setLowering(null)}
        />
      )}
    </Card>
  );
}
