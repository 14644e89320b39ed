import { useState } from "react";
import { asProblem } from "@/api";
import { CodeView, DoneDialog, Field, FormDialog, RelativeTime, Select } from "@/ui";
import { useMakeLogin } from "./queries";

const DAYS = [1, 7, 30];

/** A password to pull the images of a team from one's own shell; it is shown once. */
export function LoginDialog({
  teams,
  onClose,
}: {
  teams: readonly { id: string; name: string }[];
  onClose: () => void;
}) {
  const make = useMakeLogin();
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const [days, setDays] = useState("7");
  const problem = make.error ? asProblem(make.error) : null;
  const made = make.data;
  if (made)
    return (
      <DoneDialog
        size="lg"
        onClose={onClose}
        title="Copy the password now"
        description={
          <>
            It is not shown again. It pulls the images of this team, and ends <RelativeTime at={made.ends_at} />.
          </>
        }
      >
        <CodeView label="Password" code={made.password} wrap />
        <Field label="Sign in, then paste the password">
          <CodeView label="Command" wrap code={`docker login ${made.registry} --username ${made.username}`} />
        </Field>
        <p className="text-13 text-muted">
          Names of images begin with <code className="font-mono text-12 break-all">{made.prefix}</code>
        </p>
      </DoneDialog>
    );
  return (
    <FormDialog
      size="sm"
      title="Password for docker login"
      onSubmit={() => make.mutate({ team, days: Number(days) })}
      submit="Make password"
      busy={make.isPending}
      onClose={onClose}
      failure={
        problem && {
          title: "No password was made",
          reason: problem.besides(["team", "days"]) ?? problem.detail,
          details: problem.describe(),
        }
      }
    >
      {teams.length > 1 && (
        <Field label="Team" error={problem?.of("team")}>
          <Select value={team} onChange={setTeam} options={teams.map(({ id, name }) => ({ value: id, label: name }))} />
        </Field>
      )}
      <Field
        label="Ends after"
        help="It pulls, and pushes nothing. New passwords of the team end it sooner."
        error={problem?.of("days")}
      >
        <Select
          value={days}
          onChange={setDays}
          options={DAYS.map((one) => ({ value: String(one), label: one === 1 ? "1 day" : `${one} days` }))}
        />
      </Field>
    </FormDialog>
  );
}
