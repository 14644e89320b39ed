import { useState } from "react";
import { asProblem } from "@/api";
import type { Environment, Workflow } from "@/contract";
import { sentence } from "@/model/words";
import { Field, FormDialog, Input } from "@/ui";
import { useCreateEnvironment } from "../queries/workflows";
import { PlaceFields } from "./PlaceFields";
import { usePlace } from "./usePlace";

/** Creates one more environment of a workflow. */
export function NewEnvironmentDialog({
  workflow,
  onClose,
  onCreated,
}: {
  workflow: Workflow;
  onClose: () => void;
  onCreated: (environment: Environment) => void;
}) {
  const create = useCreateEnvironment(workflow.id);
  const [typed, setTyped] = useState("");
  const name = typed.trim();
  const { place, setPlace, suggested, environment } = usePlace(name ? `${workflow.name}-${name}` : workflow.name, name);
  const problem = create.error ? asProblem(create.error) : null;
  const summary = problem?.besides(["name", "cluster", "namespace"]);
  const of = (field: string) => {
    const said = problem?.of(field);
    return said === undefined ? undefined : sentence(said);
  };
  const submit = () => {
    if (!name || !environment || create.isPending) return;
    create.mutate(environment, {
      onSuccess: (created) => {
        onCreated(created);
        onClose();
      },
    });
  };
  return (
    <FormDialog
      title="New environment"
      description="A cluster and a namespace for this workflow to run in. Environments do not share objects."
      onSubmit={submit}
      submit="Create environment"
      busy={create.isPending}
      disabled={!name || !environment}
      onClose={onClose}
      failure={
        problem && summary && { title: "The environment was not created", reason: summary, details: problem.describe() }
      }
    >
      <Field label="Name" required error={of("name")}>
        <Input
          autoFocus
          value={typed}
          placeholder="prod"
          maxLength={63}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
      <PlaceFields
        place={place}
        suggested={suggested}
        onChange={setPlace}
        errors={{ cluster: of("cluster"), namespace: of("namespace") }}
      />
    </FormDialog>
  );
}
