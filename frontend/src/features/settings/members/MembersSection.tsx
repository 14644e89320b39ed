import { UserPlus } from "lucide-react";
import { useState } from "react";
import type { User } from "@/contract";
import { covers, roleIn } from "@/model/roles";
import { explain } from "@/product";
import { Button, cx, EmptyState, ErrorState, Select, SkeletonRows, useUrlState } from "@/ui";
import { useTeams } from "../queries";
import { InvitesCard } from "./InvitesCard";
import { JoinDialog } from "./JoinDialog";
import { MembersCard } from "./MembersCard";
import { NewTeamDialog } from "./NewTeamDialog";

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
          title="You are not in a team"
          action={<Button onClick={() => setDialog("join")}>Join with a code</Button>}
        >
          A team owns workflows and clusters. Ask an administrator for an invite.
        </EmptyState>
        {dialogs}
      </>
    );
  const mayEdit = user.is_admin || covers(roleIn(user, team.id), "admin");
  return (
    <>
      {/* With one team there is nothing to choose: the buttons are beside the page's title. */}
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
