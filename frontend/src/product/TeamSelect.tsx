import { Select } from "@/ui";
import { useSession } from "./queries/session";

interface TeamSelectProps {
  /** Id; "" for every team. */
  readonly value: string;
  readonly onChange: (team: string) => void;
}

/** The filter of a list over all teams; nothing for a person in one team. */
export function TeamSelect({ value, onChange }: TeamSelectProps) {
  const teams = useSession().data?.user?.teams ?? [];
  if (teams.length < 2) return null;
  return (
    <Select
      label="Team"
      className="w-40"
      value={value}
      onChange={onChange}
      options={[{ value: "", label: "Every team" }, ...teams.map(({ id, name }) => ({ value: id, label: name }))]}
    />
  );
}
