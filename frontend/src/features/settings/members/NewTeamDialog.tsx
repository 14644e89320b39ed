import { useState } from "react";
import { asProblem } from "@/api";
import { Field, FormDialog, Input } from "@/ui";
import { useCreateTeam } from "../queries";

export function NewTeamDialog({ onClose, onMade }: { onClose: () => void; onMade: (teamId: string) => void }) {
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
      description="You will be its administrator."
      onSubmit={submit}
      submit="Create team"
      busy={create.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={
        problem && summary && { title: "The team was not created", reason: summary, details: problem.describe() }
      }
    >
      <Field label="Name" required error={problem?.of("name")}>
        <Input autoFocus maxLength={100} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
