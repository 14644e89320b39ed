import { useState } from "react";
import { asProblem, type ApiProblem, type NewEnvironment } from "@/api";
import type { Environment, Workflow } from "@/contract";
import { plural } from "@/model/words";
import { Field, FormDialog, Input, Skeleton } from "@/ui";
import { useOwned } from "../queries/inventory";
import { useCreateEnvironment, useReferencedNames, useUpdateEnvironment } from "../queries/environments";
import { PlaceFields } from "./PlaceFields";
import { usePlace } from "./usePlace";
import { checkRows, rowsOf, variablesOf, type RowErrors, type VariableRow } from "./variables";
import { VariablesField } from "./VariablesField";

const NONE: readonly Environment[] = [];

/** Adds an environment to a workflow, or edits `environment`. */
export function EnvironmentDialog({
  workflow,
  environment,
  onClose,
  onSaved,
  onUndeploy,
}: {
  workflow: Workflow;
  environment?: Environment;
  onClose: () => void;
  onSaved?: (environment: Environment) => void;
  /** Leads from here to undeploying it, which moving it takes. */
  onUndeploy?: () => void;
}) {
  const create = useCreateEnvironment(workflow.id);
  const update = useUpdateEnvironment();
  const mutation = environment ? update : create;
  const [typed, setTyped] = useState(environment?.name ?? "");
  const [rows, setRows] = useState<readonly VariableRow[]>(() => rowsOf(environment?.variables ?? {}));
  const [tried, setTried] = useState(false);
  const name = typed.trim();
  const { place, setPlace, suggested, chosen } = usePlace(
    name ? `${workflow.name}-${name}` : workflow.name,
    environment,
  );
  const inventory = useOwned(environment ? [environment] : NONE);
  const owned = inventory.owned.length;
  const referenced = useReferencedNames(workflow.id);
  const wrong = checkRows(rows);
  const problem = mutation.error ? asProblem(mutation.error) : null;
  const fields = ["name", "cluster", "namespace", ...rows.flatMap((row) => [pathOf(row), `${pathOf(row)}.value`])];
  const summary = problem?.besides(fields);
  const submit = () => {
    setTried(true);
    if (mutation.isPending || !name || !chosen || Object.keys(wrong).length > 0) return;
    const given = { name, variables: variablesOf(rows), ...chosen };
    const onSuccess = (saved: Environment) => {
      onSaved?.(saved);
      onClose();
    };
    if (environment) update.mutate({ id: environment.id, ...changesTo(environment, given) }, { onSuccess });
    else create.mutate(given, { onSuccess });
  };
  return (
    <FormDialog
      size="lg"
      title={environment ? `Environment ${environment.name}` : "New environment"}
      description={
        environment
          ? "Changes reach the cluster with the next run."
          : "A cluster and a namespace for this workflow to run in. Environments do not share objects."
      }
      onSubmit={submit}
      submit={environment ? "Save environment" : "Create environment"}
      busy={mutation.isPending}
      onClose={onClose}
      failure={
        problem &&
        summary && {
          title: environment ? "The environment was not saved" : "The environment was not created",
          reason: summary,
          details: problem.describe(),
        }
      }
    >
      <Field label="Name" required error={problem?.of("name") ?? (tried && !name ? "Enter a name." : undefined)}>
        <Input
          autoFocus
          value={typed}
          placeholder="prod"
          maxLength={63}
          onChange={(event) => setTyped(event.target.value)}
        />
      </Field>
      {environment && inventory.isPending ? (
        <Skeleton className="h-14" />
      ) : (
        <PlaceFields
          place={place}
          suggested={suggested}
          onChange={setPlace}
          errors={{ cluster: problem?.of("cluster"), namespace: problem?.of("namespace") }}
          others={workflow.environments.filter((each) => each.id !== environment?.id)}
          fixed={
            owned > 0 ? (
              <>
                It has {plural(owned, "object")} there. Undeploy it before you move it to another place.{" "}
                {onUndeploy && (
                  <button
                    type="button"
                    className="rounded-sm font-medium text-accent-text hover:underline"
                    onClick={onUndeploy}
                  >
                    Undeploy…
                  </button>
                )}
              </>
            ) : undefined
          }
        />
      )}
      <VariablesField
        rows={rows}
        onChange={setRows}
        errors={tried ? merged(wrong, rows, problem) : {}}
        missing={referenced.filter((each) => !rows.some((row) => row.name === each))}
      />
    </FormDialog>
  );
}

/** What differs: what another person changed meanwhile, and this one has not touched, stays. */
function changesTo(before: Environment, { name, cluster, namespace, variables }: Required<NewEnvironment>) {
  const hasSameVariables = JSON.stringify(variablesOf(rowsOf(before.variables))) === JSON.stringify(variables);
  return {
    ...(name === before.name ? {} : { name }),
    ...(cluster === before.cluster.id && namespace === before.namespace ? {} : { cluster, namespace }),
    ...(hasSameVariables ? {} : { variables }),
  };
}

const pathOf = (row: VariableRow): string => `variables.${row.name}`;

/** What this page finds wrong with a row, else what the server did. */
function merged(own: RowErrors, rows: readonly VariableRow[], problem: ApiProblem | null): RowErrors {
  const errors: Record<number, RowErrors[number]> = { ...own };
  for (const row of problem ? rows : []) {
    const [name, value] = [problem?.of(pathOf(row)), problem?.of(`${pathOf(row)}.value`)];
    if (!errors[row.key] && (name || value)) errors[row.key] = { name, value };
  }
  return errors;
}
