import { useState } from "react";
import { asProblem } from "@/api";
import { ConfirmDialog, ErrorState, Field, Select, toast } from "@/ui";
import { useRenewPasswords } from "./queries";

/** Ends all passwords by which a team enters the embedded registry, and makes others. */
export function PasswordsDialog({
  teams,
  onClose,
}: {
  teams: readonly { id: string; name: string }[];
  onClose: () => void;
}) {
  const renew = useRenewPasswords();
  const [team, setTeam] = useState(teams[0]?.id ?? "");
  const name = teams.find(({ id }) => id === team)?.name ?? "";
  const problem = renew.error ? asProblem(renew.error) : null;
  return (
    <ConfirmDialog
      open
      onOpenChange={(open) => !open && onClose()}
      title={`New passwords for ${name}`}
      description="For when somebody has left, or a cluster that had one is no longer yours."
      confirmLabel="Make new passwords"
      busy={renew.isPending}
      onConfirm={() =>
        renew.mutate(team, {
          onSuccess: () => {
            toast({ tone: "ok", title: `${name} has new passwords; clusters get theirs within a minute` });
            onClose();
          },
        })
      }
      removed={[
        "Access by every password that the team has now, at once; what is being pulled may go on for 5 minutes",
        "Passwords that people made for docker login",
      ]}
      kept={["All images", "What runs; pull secrets in clusters are renewed by themselves"]}
      error={
        problem && (
          <ErrorState inline title="Nothing was changed" reason={problem.besides([])} details={problem.describe()} />
        )
      }
    >
      {teams.length > 1 && (
        <Field label="Team">
          <Select value={team} onChange={setTeam} options={teams.map((one) => ({ value: one.id, label: one.name }))} />
        </Field>
      )}
    </ConfirmDialog>
  );
}
