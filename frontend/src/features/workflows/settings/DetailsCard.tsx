import { useState } from "react";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { splitTags } from "@/model/words";
import { useUpdateWorkflow } from "@/product";
import { Button, Card, ErrorState, Field, Form, Input, Textarea } from "@/ui";

type Text = "name" | "description" | "tags";
const textsOf = ({ name, description, tags }: Workflow): Record<Text, string> => ({
  name,
  description,
  tags: tags.join(", "),
});

/** Name, description and tags. Of a field that was not touched here, what others saved is shown at once. */
export function DetailsCard({ workflow, writable }: { workflow: Workflow; writable: boolean }) {
  const update = useUpdateWorkflow();
  const [typed, setTyped] = useState<Partial<Record<Text, string>>>({});
  const problem = update.error ? asProblem(update.error) : null;
  const summary = problem?.besides(["name", "description", "tags"]);
  const saved = textsOf(workflow);
  const changed = (Object.keys(typed) as Text[]).filter((field) => typed[field]?.trim() !== saved[field]);
  const field = (name: Text) => ({
    readOnly: !writable,
    value: typed[name] ?? saved[name],
    onChange: (event: { target: { value: string } }) => setTyped({ ...typed, [name]: event.target.value }),
  });
  const submit = () => {
    if (changed.length === 0 || update.isPending) return;
    const { name, description, tags } = { ...saved, ...typed };
    const values = { name: name.trim(), description: description.trim(), tags: splitTags(tags) };
    update.mutate(
      { id: workflow.id, ...Object.fromEntries(changed.map((each) => [each, values[each]])) },
      { onSuccess: () => setTyped({}) },
    );
  };
  return (
    <Card title="Details">
      <Form onSubmit={submit} className="flex max-w-140 flex-col gap-4">
        {problem && summary && <ErrorState inline title="Not saved" reason={summary} details={problem.describe()} />}
        <Field label="Name" required error={problem?.of("name")}>
          <Input maxLength={200} {...field("name")} />
        </Field>
        <Field label="Description" error={problem?.of("description")}>
          <Textarea rows={3} {...field("description")} />
        </Field>
        <Field label="Tags" help="Separate tags with commas." error={problem?.of("tags")}>
          <Input placeholder={writable ? "payments, internal" : undefined} {...field("tags")} />
        </Field>
        {writable && (
          <div className="flex items-center gap-3">
            <Button type="submit" tone="primary" busy={update.isPending} disabled={changed.length === 0}>
              Save
            </Button>
            {changed.length > 0 && !update.isPending && (
              <Button tone="ghost" onClick={() => setTyped({})}>
                Undo
              </Button>
            )}
            {update.isSuccess && changed.length === 0 && (
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
