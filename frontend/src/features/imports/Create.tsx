import { useState } from "react";
import { useNavigate } from "react-router";
import { asProblem } from "@/api";
import type { Import } from "@/contract";
import { plural } from "@/model/words";
import { PlaceFields, useWorkflows, type FirstPlace } from "@/product";
import { Button, Card, Checkbox, ErrorState, Field, Form, Input } from "@/ui";
import { insideOf } from "./inside";
import { useApply } from "./queries";

const VALUES = {
  sealed: "as it was brought in, sealed",
  generated: "made at random, sealed",
  asked: "asked for at the first run",
} as const;

interface CreateProps {
  readonly found: Import;
  readonly name: string;
  readonly onName: (name: string) => void;
  readonly first: FirstPlace;
}

/** The last step: a name, and where it runs first. */
export function Create({ found, name, onName, first }: CreateProps) {
  const navigate = useNavigate();
  const isLive = found.source.namespace !== null;
  const apply = useApply(
    found.id,
    ({ id }) => void navigate(isLive ? `/imports/${found.id}?step=takeover` : `/workflows/${id}`),
  );
  const { place, setPlace, suggested, environment } = first;
  const workflows = useWorkflows({});
  const others = workflows.data?.pages.flatMap(({ results }) =>
    results.flatMap((one) => one.environments.map((each) => ({ ...each, name: `${each.name} of ${one.name}` }))),
  );
  const problem = apply.error && asProblem(apply.error);
  const made = found.sources.filter(({ id }) => id === null);
  const [build, setBuild] = useState(true);
  const submit = (): void => {
    if (!apply.isPending) apply.mutate({ name: name.trim(), environment, build });
  };
  return (
    <Form onSubmit={submit} className="flex max-w-160 min-w-0 flex-col gap-4">
      {problem && (
        <ErrorState
          inline
          title="The workflow was not made"
          reason={problem.besides(["name", "environment.cluster", "environment.namespace"])}
          details={problem.describe()}
        />
      )}
      <Field label="Name" required error={problem?.of("name")}>
        <Input value={name} maxLength={200} onChange={(event) => onName(event.target.value)} />
      </Field>
      <PlaceFields
        place={place}
        suggested={suggested}
        onChange={setPlace}
        others={others}
        inside={insideOf(found, first)}
        errors={{ cluster: problem?.of("environment.cluster"), namespace: problem?.of("environment.namespace") }}
      />
      {made.length > 0 && (
        <Card
          title={`${plural(made.length, "source")} to make`}
          description="A source says what is built of git, and how. A run needs an image of each."
        >
          <ul aria-label="Sources" className="mb-3 flex flex-col gap-1.5 text-12">
            {made.map((one) => (
              <li key={one.node_id} className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-mono break-all">{one.name}</span>
                <span className="break-all text-muted">
                  {one.repository}
                  {one.root && `, ${one.root}`}
                </span>
              </li>
            ))}
          </ul>
          <Checkbox checked={build} onChange={setBuild} label="Build the images now" />
        </Card>
      )}
      {found.secrets.length > 0 && (
        <Card
          title={plural(found.secrets.length, "secret value")}
          description={
            environment
              ? "Sealed values are kept for this environment, outside the workflow."
              : "Without a cluster, all of them are asked for at the first run."
          }
        >
          <ul className="flex flex-col gap-1.5 text-12">
            {found.secrets.map((row) => (
              <li key={`${row.node_id} ${row.key}`} className="flex flex-wrap items-baseline gap-x-2">
                <span className="font-mono break-all">
                  {row.name} · {row.key}
                </span>
                {environment && row.value === "sealed" && <span aria-hidden>••••••</span>}
                <span className="text-muted">{VALUES[environment ? row.value : "asked"]}</span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      <Button type="submit" tone="primary" className="self-end" busy={apply.isPending} disabled={!name.trim()}>
        Create workflow
      </Button>
    </Form>
  );
}
