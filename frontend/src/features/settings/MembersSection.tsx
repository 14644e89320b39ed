import { Plus, UserPlus } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { Member, Role, User } from "@/contract";
import { covers, roleIn, ROLES } from "@/model/roles";
import { sentence } from "@/model/words";
import { explain } from "@/product";
import {
  Avatar,
  Button,
  Card,
  CodeView,
  ConfirmDialog,
  cx,
  Dialog,
  EmptyState,
  ErrorState,
  Field,
  FormDialog,
  Input,
  RelativeTime,
  Select,
  SkeletonRows,
  Tag,
  useUrlState,
} from "@/ui";
import {
  useAcceptInvite,
  useCreateInvite,
  useCreateTeam,
  useDeleteInvite,
  useInvites,
  useMembers,
  useRemoveMember,
  useSetRole,
  useTeams,
} from "./queries";

const ROLE_HINT: Record<Role, string> = {
  viewer: "Sees workflows, runs and status",
  editor: "Draws and runs workflows",
  operator: "As an editor; also operates what runs",
  admin: "Connects clusters, invites and sets roles",
};
const ROLE_OPTIONS = ROLES.map((role) => ({ value: role, label: role, hint: ROLE_HINT[role] }));

export function MembersSection({ user }: { user: User }) {
  const teams = useTeams();
  const [url, setUrl] = useUrlState(["team"]);
  const [dialog, setDialog] = useState<"team" | "join" | null>(null);
  const listed = teams.data?.results ?? [];
  const team = listed.find((each) => each.id === url.team) ?? listed[0];
  const dialogs = (
    <>
      {dialog === "team" && (
        <NewTeamDialog onClose={() => setDialog(null)} onMade={(teamId) => setUrl({ team: teamId })} />
      )}
      {dialog === "join" && <JoinDialog onClose={() => setDialog(null)} />}
    </>
  );
  if (teams.isPending) return <SkeletonRows rows={4} />;
  if (teams.error)
    return (
      <ErrorState title="Teams could not be loaded" {...explain(teams.error)} onRetry={() => void teams.refetch()} />
    );
  if (!team)
    return (
      <>
        <EmptyState
          icon={<UserPlus size={20} strokeWidth={1.5} aria-hidden />}
          title="You are in no team"
          action={<Button onClick={() => setDialog("join")}>Join with a code</Button>}
        >
          A team owns workflows and clusters. Ask an administrator for an invitation code.
        </EmptyState>
        {dialogs}
      </>
    );
  const mayEdit = user.is_admin || covers(roleIn(user, team.id), "admin");
  return (
    <>
      {/* With one team there is nothing to choose: the buttons stand beside the page's title. */}
      <div className={cx("flex flex-wrap items-center gap-2", listed.length <= 1 && "self-end lg:-mt-9.5")}>
        {listed.length > 1 && (
          <Select
            label="Team"
            className="w-56"
            value={team.id}
            onChange={(teamId) => setUrl({ team: teamId })}
            options={listed.map((each) => ({ value: each.id, label: each.name }))}
          />
        )}
        <span className="flex-1" />
        <Button size="sm" tone="ghost" onClick={() => setDialog("join")}>
          Join with a code
        </Button>
        {user.is_admin && (
          <Button size="sm" onClick={() => setDialog("team")}>
            New team
          </Button>
        )}
      </div>
      <MembersCard key={team.id} teamId={team.id} teamName={team.name} user={user} mayEdit={mayEdit} />
      {mayEdit && <InvitesCard teamId={team.id} />}
      {dialogs}
    </>
  );
}

function MembersCard({
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
              className="flex min-h-13 items-center gap-3 border-b border-line px-4 py-2 last:border-b-0"
            >
              <Avatar name={member.name || member.email} size={28} />
              <div className="min-w-0 flex-1">
                <p className="truncate text-13 font-medium">
                  {member.name || member.email}
                  {member.id === user.id && <span className="font-normal text-muted"> (you)</span>}
                </p>
                <p className="truncate text-12 text-muted">
                  {member.email} · joined <RelativeTime at={member.joined_at} />
                </p>
              </div>
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
                <Button size="sm" tone="danger-ghost" onClick={() => setLeaving(member)}>
                  {member.id === user.id ? "Leave" : "Remove"}
                </Button>
              )}
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

function RemoveMemberDialog({
  teamId,
  teamName,
  member,
  self,
  onClose,
}: {
  teamId: string;
  teamName: string;
  member: Member;
  self: boolean;
  onClose: () => void;
}) {
  const remove = useRemoveMember(teamId);
  const problem = remove.error ? asProblem(remove.error) : null;
  const called = member.name || member.email;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={self ? `Leave ${teamName}` : `Remove ${called} from ${teamName}`}
      confirmLabel={self ? "Leave team" : "Remove"}
      busy={remove.isPending}
      onConfirm={() => remove.mutate(member.id, { onSuccess: onClose })}
      removed={[
        self
          ? "Your access to the team's workflows and clusters"
          : `The access of ${called} to the team's workflows and clusters`,
      ]}
      kept={["What was drawn and run", self ? "Your account" : `The account of ${called}`]}
      error={
        problem && (
          <ErrorState
            inline
            title={self ? "You are still in the team" : "Not removed"}
            reason={problem.besides([])}
            details={problem.describe()}
          />
        )
      }
    />
  );
}

function InvitesCard({ teamId }: { teamId: string }) {
  const invites = useInvites();
  const remove = useDeleteInvite();
  const [making, setMaking] = useState(false);
  const open = (invites.data?.results ?? []).filter((invite) => invite.team.id === teamId && !invite.used_at);
  return (
    <Card
      title="Open invitations"
      description="A code lets one person join with the role you choose."
      padded={false}
      actions={
        <Button size="sm" tone="primary" icon={<Plus size={14} aria-hidden />} onClick={() => setMaking(true)}>
          Invite
        </Button>
      }
    >
      {remove.error && (
        <div className="p-3">
          <ErrorState inline title="Not withdrawn" reason={sentence(asProblem(remove.error).detail)} />
        </div>
      )}
      {invites.isPending ? (
        <SkeletonRows rows={1} />
      ) : invites.error ? (
        <ErrorState
          title="Invitations could not be loaded"
          {...explain(invites.error)}
          onRetry={() => void invites.refetch()}
        />
      ) : open.length === 0 ? (
        <p className="px-4 py-5 text-13 text-muted">No invitation is open.</p>
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
                  made <RelativeTime at={invite.created_at} />, ends <RelativeTime at={invite.expires_at} />
                </p>
              </div>
              <Tag>{invite.role}</Tag>
              <Button
                size="sm"
                tone="danger-ghost"
                busy={remove.isPending && remove.variables === invite.id}
                onClick={() => remove.mutate(invite.id)}
              >
                Withdraw
              </Button>
            </li>
          ))}
        </ul>
      )}
      {making && <InviteDialog teamId={teamId} onClose={() => setMaking(false)} />}
    </Card>
  );
}

function InviteDialog({ teamId, onClose }: { teamId: string; onClose: () => void }) {
  const create = useCreateInvite();
  const [role, setRole] = useState<Role>("editor");
  const [email, setEmail] = useState("");
  const problem = create.error ? asProblem(create.error) : null;
  const summary = problem?.besides(["email", "role"]);
  if (create.data)
    return (
      <Dialog
        open
        onOpenChange={(open) => !open && onClose()}
        title="Send this link"
        description="It works once and is not shown again."
        footer={
          <Button tone="primary" onClick={onClose}>
            Done
          </Button>
        }
      >
        <CodeView
          label="Link"
          wrap
          code={`${window.location.origin}/register?code=${encodeURIComponent(create.data.code)}`}
        />
        <Field label="Or the code alone" help="People who have an account enter it under “Join with a code”.">
          <CodeView label="Code" wrap code={create.data.code} />
        </Field>
      </Dialog>
    );
  return (
    <FormDialog
      size="sm"
      title="Invite somebody"
      onSubmit={() => create.mutate({ team: teamId, role, ...(email.trim() ? { email: email.trim() } : {}) })}
      submit="Make the invitation"
      busy={create.isPending}
      onClose={onClose}
      failure={problem && summary && { title: "No invitation was made", reason: summary, details: problem.describe() }}
    >
      <Field label="Role" error={problem?.of("role")}>
        <Select value={role} onChange={setRole} options={ROLE_OPTIONS} />
      </Field>
      <Field
        label="E-mail"
        help="Only this address may use the code. Empty: anyone who has it."
        error={problem?.of("email")}
      >
        <Input type="email" value={email} onChange={(event) => setEmail(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

function NewTeamDialog({ onClose, onMade }: { onClose: () => void; onMade: (teamId: string) => void }) {
  const create = useCreateTeam();
  const [name, setName] = useState("");
  const problem = create.error ? asProblem(create.error) : null;
  const summary = problem?.besides(["name"]);
  const submit = () =>
    name.trim() &&
    create.mutate(
      { name: name.trim() },
      {
        onSuccess: (team) => {
          onMade(team.id);
          onClose();
        },
      },
    );
  return (
    <FormDialog
      size="sm"
      title="New team"
      description="You become its administrator."
      onSubmit={submit}
      submit="Create team"
      busy={create.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={problem && summary && { title: "No team was made", reason: summary, details: problem.describe() }}
    >
      <Field label="Name" required error={problem?.of("name")}>
        <Input autoFocus maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

function JoinDialog({ onClose }: { onClose: () => void }) {
  const accept = useAcceptInvite();
  const [code, setCode] = useState("");
  const problem = accept.error ? asProblem(accept.error) : null;
  return (
    <FormDialog
      size="sm"
      title="Join a team"
      onSubmit={() => code.trim() && accept.mutate(code.trim(), { onSuccess: onClose })}
      submit="Join"
      busy={accept.isPending}
      disabled={!code.trim()}
      onClose={onClose}
    >
      <Field
        label="Invitation code"
        required
        error={problem ? (problem.of("code") ?? sentence(problem.detail)) : undefined}
      >
        <Input autoFocus mono value={code} onChange={(event) => setCode(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
