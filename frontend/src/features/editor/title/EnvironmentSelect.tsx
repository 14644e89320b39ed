import { Check, ChevronDown, Plus, Server } from "lucide-react";
import { useState } from "react";
import { asProblem } from "@/api";
import type { Environment, Workflow } from "@/contract";
import { sentence } from "@/model/words";
import { StatusGlyph, useClusters, useCreateEnvironment } from "@/product";
import { Button, Field, FormDialog, Input, Menu, Select, type MenuEntry } from "@/ui";
import { chooseEnvironment } from "../state/environment";
import { useDocument, useEditor, useView } from "../state/session";

/** Where the workflow runs and whose status is shown: environment, with its cluster and namespace. */
export function EnvironmentSelect({ workflow }: { workflow: Workflow }) {
  const session = useEditor();
  const chosen = useView((state) => state.environmentId);
  const readOnly = useDocument((state) => state.readOnly);
  const [making, setMaking] = useState(false);
  const environment = workflow.environments.find((candidate) => candidate.id === chosen);
  const entries: MenuEntry[] = [
    { type: "label", label: "Environments" },
    ...workflow.environments.map((candidate) => ({
      label: candidate.name,
      hint: `${candidate.cluster.name} / ${candidate.namespace}`,
      icon: candidate.id === chosen ? <Check size={16} aria-hidden /> : <Server size={16} aria-hidden />,
      onSelect: () => chooseEnvironment(session, candidate.id),
    })),
    { type: "separator" },
    {
      label: "New environment…",
      icon: <Plus size={16} aria-hidden />,
      disabled: readOnly,
      onSelect: () => setMaking(true),
    },
  ];
  return (
    <>
      <Menu
        align="end"
        minWidth={260}
        entries={entries}
        trigger={
          <Button size="md" tone="secondary" className="max-w-72 min-w-0 shrink!">
            <span className="sr-only">Environment</span>
            {environment ? (
              <>
                {environment.cluster.state !== "ready" && (
                  <StatusGlyph status={environment.cluster.state} word={false} size={12} />
                )}
                <span className="truncate">
                  {environment.name}
                  <span className="ml-1.5 hidden font-mono lg:inline text-12 font-normal text-muted">
                    {environment.cluster.name}/{environment.namespace}
                  </span>
                </span>
              </>
            ) : (
              "Choose an environment"
            )}
            <ChevronDown size={14} className="shrink-0 text-muted" aria-hidden />
          </Button>
        }
      />
      {making && (
        <NewEnvironment
          workflow={workflow}
          onClose={() => setMaking(false)}
          onMade={(made) => chooseEnvironment(session, made.id)}
        />
      )}
    </>
  );
}

function NewEnvironment({
  workflow,
  onClose,
  onMade,
}: {
  workflow: Workflow;
  onClose: () => void;
  onMade: (made: Environment) => void;
}) {
  const clusters = useClusters();
  const create = useCreateEnvironment(workflow.id);
  const [name, setName] = useState("");
  const [picked, setPicked] = useState<string>();
  const [typedNamespace, setNamespace] = useState<string | null>(null);
  const cluster = picked ?? clusters.clusters?.[0]?.id;
  const slug = (text: string): string =>
    text
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, "-")
      .replace(/^-+|-+$/g, "")
      .slice(0, 63);
  const namespace = typedNamespace ?? slug(name === "" ? workflow.name : `${workflow.name}-${name}`);
  const problem = create.isError ? asProblem(create.error) : null;
  const fields = ["name", "cluster", "namespace"];
  const submit = (): void => {
    if (!cluster || create.isPending) return;
    create.mutate(
      { name: name.trim(), cluster, namespace },
      {
        onSuccess: (made) => {
          onMade(made);
          onClose();
        },
      },
    );
  };
  return (
    <FormDialog
      title="New environment"
      description="A cluster and a namespace for this workflow to run in. Environments do not share objects."
      size="sm"
      onSubmit={submit}
      submit="Make environment"
      busy={create.isPending}
      disabled={name.trim() === "" || !cluster}
      onClose={onClose}
      failure={
        problem?.besides(fields) && {
          title: "The environment was not made",
          reason: problem.besides(fields),
          details: problem.describe(),
        }
      }
    >
      <Field label="Name" required error={said(problem?.of("name"))}>
        <Input
          autoFocus
          value={name}
          placeholder="prod"
          maxLength={63}
          onChange={(event) => setName(event.target.value)}
        />
      </Field>
      <Field
        label="Cluster"
        required
        error={
          said(problem?.of("cluster")) ?? (clusters.error ? sentence(asProblem(clusters.error).detail) : undefined)
        }
      >
        <Select
          value={cluster}
          onChange={setPicked}
          placeholder={clusters.isPending ? "Loading" : "No cluster is connected"}
          options={(clusters.clusters ?? []).map((candidate) => ({
            value: candidate.id,
            label: candidate.name,
            icon: <StatusGlyph status={candidate.state} word={false} size={12} />,
          }))}
        />
      </Field>
      <Field
        label="Namespace"
        required
        help="Made at the first run if it is not there."
        error={said(problem?.of("namespace"))}
      >
        <Input mono value={namespace} maxLength={63} onChange={(event) => setNamespace(event.target.value)} />
      </Field>
    </FormDialog>
  );
}

function said(text: string | undefined): string | undefined {
  return text === undefined ? undefined : sentence(text);
}
