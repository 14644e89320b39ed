import { useState } from "react";
import { asProblem } from "@/api";
import type { Workflow } from "@/contract";
import { splitTags } from "@/model/words";
import { useUpdateWorkflow } from "@/product";
import { Field, FormDialog, Input, Textarea } from "@/ui";

export function DescribeDialog({ workflow, onClose }: { workflow: Workflow; onClose: () => void }) {
  const update = useUpdateWorkflow();
  const [name, setName] = useState(workflow.name);
  const [description, setDescription] = useState(workflow.description);
  const [tags, setTags] = useState(workflow.tags.join(", "));
  const problem = update.error ? asProblem(update.error) : null;
  const summary = problem?.besides(["name", "description", "tags"]);
  return (
    <FormDialog
      title={`Rename ${workflow.name}`}
      onSubmit={() =>
        update.mutate(
          { id: workflow.id, name: name.trim(), description: description.trim(), tags: splitTags(tags) },
          { onSuccess: onClose },
        )
      }
      submit="Save"
      busy={update.isPending}
      disabled={!name.trim()}
      onClose={onClose}
      failure={problem && summary && { title: "Not saved", reason: summary, details: problem.describe() }}
    >
      <Field label="Name" required error={problem?.of("name")}>
        <Input autoFocus maxLength={200} value={name} onChange={(event) => setName(event.target.value)} />
      </Field>
      <Field label="Description" error={problem?.of("description")}>
        <Textarea rows={3} value={description} onChange={(event) => setDescription(event.target.value)} />
      </Field>
      <Field label="Tags" help="Separate tags with commas." error={problem?.of("tags")}>
        <Input value={tags} onChange={(event) => setTags(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
