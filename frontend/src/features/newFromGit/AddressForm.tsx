import { useState } from "react";
import { useNavigate, useSearchParams } from "react-router";
import { asProblem } from "@/api";
import type { Detection } from "@/contract";
import { sentence } from "@/model/words";
import { RepositoryFields, useStartDetection, useTeamChoice } from "@/product";
import { Button, ErrorState, Field, Form, Input, LinkButton } from "@/ui";

const SHOWN = ["connection", "repository", "ref", "root"] as const;

/** Which repository, and what of it; `before` is one whose address is corrected. */
export function AddressForm({ before }: { before: Detection | undefined }) {
  const navigate = useNavigate();
  const { team, field: teamField } = useTeamChoice();
  const start = useStartDetection();
  const [asked] = useSearchParams();
  const [place, setPlace] = useState({
    connection: before?.connection ?? asked.get("connection") ?? "",
    repository: before?.repository ?? "",
    ref: before?.ref ?? "",
  });
  const [root, setRoot] = useState(before?.root ?? "");
  const problem = start.error ? asProblem(start.error) : null;
  const failure = start.isIdle && before?.state === "failed" ? before.failure : null;
  const at = (field: (typeof SHOWN)[number]) =>
    problem?.of(field) ?? (failure?.field === field ? sentence(failure.detail) : undefined);
  const isElsewhere = failure && !SHOWN.some((field) => field === failure.field);
  const summary = problem?.besides([...SHOWN]) ?? (isElsewhere ? sentence(failure.detail) : null);
  const submit = () => {
    if (!place.repository.trim() || start.isPending) return;
    start.mutate(
      {
        team,
        repository: place.repository.trim(),
        connection: place.connection || null,
        ref: place.ref.trim(),
        root: root.trim(),
      },
      { onSuccess: (made) => void navigate(`/from-git/${made.id}`) },
    );
  };
  return (
    <Form onSubmit={submit} className="flex max-w-200 flex-col gap-4 px-5 pb-10">
      {summary && (
        <ErrorState inline title="The repository was not read" reason={summary} details={problem?.describe()} />
      )}
      {teamField}
      <RepositoryFields
        value={place}
        onChange={setPlace}
        team={team}
        errors={{ connection: at("connection"), repository: at("repository"), ref: at("ref") }}
      />
      <Field label="Folder" help="Where to look. If empty, in the whole repository." error={at("root")}>
        <Input mono maxLength={500} value={root} onChange={(event) => setRoot(event.target.value)} />
      </Field>
      <div className="flex flex-wrap items-center justify-end gap-2">
        <LinkButton to="/workflows" tone="ghost">
          Cancel
        </LinkButton>
        <Button type="submit" tone="primary" busy={start.isPending} disabled={!place.repository.trim()}>
          Find what can be built
        </Button>
      </div>
    </Form>
  );
}
