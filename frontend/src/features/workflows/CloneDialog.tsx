import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { Field, FormDialog, Input } from "@/ui";
import { useCloneWorkflow } from "./queries";

export function CloneDialog({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const navigate = useNavigate();
  const clone = useCloneWorkflow();
  const [name, setName] = useState(`${workflow.name} copy`);
  const problem = clone.error ? asProblem(clone.error) : null;
  const summary = problem?.besides(["name"]);
  return (
    <FormDialog
      size="sm"
      title={`Clone ${workflow.name}`}
      description="Copies the graph. Environments, secret values and versions are not copied."
      onSubmit={() =>
        name.trim() &&
        clone.mutate(
          { id: workflow.id, name: name.trim() },
          { onSuccess: (made) => void navigate(`/workflows/${made.id}`) },
        )
      }
      submit="Clone"
      busy={clone.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={problem && summary && { title: "Not cloned", reason: summary, details: problem.describe() }}
    >
      <Field label="Name" required error={problem?.of("name")}>
        <Input
          autoFocus
          maxLength={200}
          value={name}
          onChange={(event) => setName(event.target.value)}
          onFocus={(event) => event.target.select()}
        />
      </Field>
    </FormDialog>
  );
}
