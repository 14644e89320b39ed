import { useState } from "react";
import { covers } from "@/model/roles";
import { useSession } from "./queries/session";
import { Field, Select } from "@/ui";

/** The team that a new workflow belongs to, and the field to choose it where there are several. */
export function useTeamChoice() {
  const user = useSession().data?.user;
  const teams = (user?.teams ?? []).filter((team) => covers(team.role, "editor"));
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const field = teams.length > 1 && (
    <Field label="Team" help="Members of this team can see the workflow.">
      <Select value={team} onChange={setTeam} options={teams.map((each) => ({ value: each.id, label: each.name }))} />
    </Field>
  );
  return { team: team || undefined, field };
}
