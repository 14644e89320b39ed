import { useState } from "react";
import { covers } from "@/model/roles";
import { Field, Select } from "@/ui";
import { useSession } from "../queries/session";

const INSTANCE = "instance";

/** Whose something new is: of a team that the person administers, or of the instance, and the field to choose it. */
export function useOwner({ help, hasInstance = true }: { help: string; hasInstance?: boolean }) {
  const user = useSession().data?.user;
  const owners = [
    ...(user?.teams ?? [])
      .filter((team) => covers(team.role, "admin"))
      .map(({ id, name }) => ({ value: id, label: name })),
    ...(hasInstance && user?.is_admin ? [{ value: INSTANCE, label: "Every team" }] : []),
  ];
  const [owner, setOwner] = useState(owners[0]?.value ?? "");
  const isOfInstance = owner === INSTANCE;
  return {
    team: isOfInstance ? "" : owner,
    isOfInstance,
    field: owners.length > 1 && (
      <Field label="For" help={help}>
        <Select value={owner} onChange={setOwner} options={owners} />
      </Field>
    ),
  };
}
