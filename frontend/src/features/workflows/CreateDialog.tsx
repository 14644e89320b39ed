import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import { splitTags } from "@/model/words";
import { PlaceFields, useFirstPlace, useTeamChoice } from "@/product";
import { Field, FormDialog, Input, Textarea } from "@/ui";
import { useCreateWorkflow } from "./queries";

export function CreateDialog({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const create = useCreateWorkflow();
  const [name, setName] = useState("");
  const [description, setDescription] = useState("");
  const [tags, setTags] = useState("");
  const [missing, setMissing] = useState<string>();
  const team = useTeamChoice();
  const { place, setPlace, suggested, environment } = useFirstPlace(name);
  const problem = create.error ? asProblem(create.error) : null;
  const submit = () => {
    if (create.isPending) return;
    if (!name.trim()) {
      setMissing("Enter a name for the workflow.");
      return;
    }
    setMissing(undefined);
    create.mutate(
      { name: name.trim(), description: description.trim(), tags: splitTags(tags), team: team.team, environment },
      { onSuccess: (workflow) => void navigate(`/workflows/${workflow.id}`) },
    );
  };
  const summary = problem?.besides(["name", "description", "tags", "environment.cluster", "environment.namespace"]);
  return (
    <FormDialog
      title="New workflow"
      description="Saving changes nothing in a cluster; only a run does."
      onSubmit={submit}
      submit="Create workflow"
      busy={create.isPending}
      onClose={onClose}
      failure={
        problem && summary && { title: "The workflow was not created", reason: summary, details: problem.describe() }
      }
    >
      <Field label="Name" required error={missing ?? problem?.of("name")}>
        <Input
          autoFocus
          maxLength={200}
          value={name}
          placeholder="shop"
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <PlaceFields
        place={place}
        suggested={suggested}
        onChange={setPlace}
        errors={{ cluster: problem?.of("environment.cluster"), namespace: problem?.of("environment.namespace") }}
      />
      {team.field}
      <Field label="Description" error={problem?.of("description")}>
        <Textarea rows={2} value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      <Field label="Tags" help="Separate tags with commas." error={problem?.of("tags")}>
        <Input value={tags} placeholder="payments, internal" onChange={(event) => setTags(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
