import { useState } from "react";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { splitTags } from "@/model/words";
import { useUpdateWorkflow } from "@/product";
import { Button, Card, ErrorState, Field, Form, Input, Textarea } from "@/ui";

/** Name, description and tags. */
export function DetailsCard({ workflow, writable }: { workflow: Workflow; writable: boolean }) {
  const update = useUpdateWorkflow();
  const [typed, setTyped] = useState(() => textsOf(workflow));
  const problem = update.error ? asProblem(update.error) : null;
  const summary = problem?.besides(["name", "description", "tags"]);
  const saved = textsOf(workflow);
  const changed = Object.keys(saved).some((field) => saved[field as Text] !== typed[field as Text].trim());
  const set = (field: Text) => (event: { target: { value: string } }) =>
    setTyped({ ...typed, [field]: event.target.value });
  const submit = () =>
    changed &&
    !update.isPending &&
    update.mutate({
      id: workflow.id,
      name: typed.name.trim(),
      description: typed.description.trim(),
      tags: splitTags(typed.tags),
    });
  return (
    <Card title="Details">
      <Form onSubmit={submit} className="flex max-w-140 flex-col gap-4">
        {problem && summary && <ErrorState inline title="Not saved" reason={summary} details={problem.describe()} />}
        <Field label="Name" required error={problem?.of("name")}>
          <Input maxLength={200} readOnly={!writable} value={typed.name} onChange={set("name")} />
        </Field>
        <Field label="Description" error={problem?.of("description")}>
          <Textarea rows={3} readOnly={!writable} value={typed.description} onChange={set("description")} />
        </Field>
        <Field label="Tags" help="Separate tags with commas." error={problem?.of("tags")}>
          <Input readOnly={!writable} value={typed.tags} placeholder="payments, internal" onChange={set("tags")} />
        </Field>
        {writable && (
          <div className="flex items-center gap-3">
            <Button type="submit" tone="primary" busy={update.isPending} disabled={!changed}>
              Save
            </Button>
            {update.isSuccess && !changed && (
              <span role="status" className="text-12 text-ok">
                Saved
              </span>
            )}
          </div>
        )}
      </Form>
    </Card>
  );
}

type Text = "name" | "description" | "tags";
const textsOf = ({ name, description, tags }: Workflow): Record<Text, string> => ({
  name,
  description,
  tags: tags.join(", "),
});
