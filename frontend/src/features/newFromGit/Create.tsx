import { useState } from "react";
import { useNavigate } from "react-router";
import type { ApiProblem } from "@/api";
import type { Detection } from "@/contract";
import { nameOf, sentApp, type AppDraft } from "@/model/newFromGit";
import { plural } from "@/model/words";
import { PlaceFields, useFirstPlace, useIdempotencyKey } from "@/product";
import { Button, Checkbox, ErrorState, Field, Form, Input } from "@/ui";
import { Exposure } from "./Exposure";
import type { useMakeFromGit } from "./queries";

const SHOWN = ["name", "environment.cluster", "environment.namespace"];

interface CreateProps {
  readonly of: Detection;
  /** Those that are made. */
  readonly drafts: readonly AppDraft[];
  readonly onChange: (draft: AppDraft) => void;
  readonly make: ReturnType<typeof useMakeFromGit>;
  readonly problem: ApiProblem | null;
  readonly onBack: () => void;
}

/** The last step: a name, where each is reached, and where the workflow runs first. */
export function Create({ of, drafts, onChange, make, problem, onBack }: CreateProps) {
  const navigate = useNavigate();
  const [name, setName] = useState(() => nameOf(of.repository, drafts));
  const [builds, setBuilds] = useState(true);
  const first = useFirstPlace(name);
  const key = useIdempotencyKey();
  const isOfApps = problem?.errors.some(({ field }) => /^apps\.\d+\.(?!hosts)/.test(field ?? ""));
  const summary = problem?.besides([...SHOWN, ...drafts.map((_, at) => `apps.${at}.hosts.0`)]);
  const built = drafts.filter(({ by }) => by !== "image").length;
  const submit = () => {
    if (make.isPending) return;
    const apps = drafts.map((draft) =>
      sentApp(
        draft,
        of.proposals.find(({ id }) => id === draft.id),
      ),
    );
    make.mutate(
      { name: name.trim(), apps, environment: first.environment, build: builds, idempotency_key: key.take() },
      {
        onSuccess: ({ workflow }) => void navigate(`/workflows/${workflow.id}`),
        onSettled: (_, error) => key.answered(error ?? undefined),
      },
    );
  };
  return (
    <Form onSubmit={submit} className="flex max-w-160 min-w-0 flex-col gap-4">
      {problem && summary && (
        <ErrorState
          inline
          title="The workflow was not made"
          reason={isOfApps ? "Something about an application has to be corrected." : summary}
          details={problem.describe()}
          action={
            isOfApps && (
              <Button size="sm" onClick={onBack}>
                Show it
              </Button>
            )
          }
        />
      )}
      <Field label="Name of the workflow" required error={problem?.of("name")}>
        <Input autoFocus value={name} maxLength={200} onChange={(event) => setName(event.target.value)} />
      </Field>
      {drafts.map((draft, at) => (
        <Exposure key={draft.id} draft={draft} onChange={onChange} error={problem?.of(`apps.${at}.hosts.0`)} />
      ))}
      <PlaceFields
        place={first.place}
        suggested={first.suggested}
        onChange={first.setPlace}
        errors={{ cluster: problem?.of("environment.cluster"), namespace: problem?.of("environment.namespace") }}
      />
      {built > 0 && (
        <Checkbox
          checked={builds}
          onChange={setBuilds}
          label="Build the first images now"
          help={`${plural(built, "source")} ${built === 1 ? "is" : "are"} made. A run needs an image of each.`}
        />
      )}
      <div className="flex flex-wrap justify-end gap-2">
        <Button tone="ghost" onClick={onBack}>
          Back
        </Button>
        <Button type="submit" tone="primary" busy={make.isPending} disabled={!name.trim()}>
          Create workflow
        </Button>
      </div>
    </Form>
  );
}
