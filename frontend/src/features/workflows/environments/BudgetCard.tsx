import { useState } from "react";
import { asProblem } from "@/api";
import type { Environment } from "@/contract";
import { useUpdateEnvironment } from "@/product";
import { Button, Card, ErrorState, Field, Form, Input } from "@/ui";

type Part = "objects" | "percent";
const PARTS: readonly { readonly part: Part; readonly label: string }[] = [
  { part: "objects", label: "Objects" },
  { part: "percent", label: "Percent of its objects" },
];

/** How many objects a run may delete before a person types their number. */
export function BudgetCard({ environment, writable }: { environment: Environment; writable: boolean }) {
  const update = useUpdateEnvironment();
  const { deletion_budget: saved } = environment;
  const [typed, setTyped] = useState({ objects: String(saved.objects), percent: String(saved.percent) });
  const problem = update.error ? asProblem(update.error) : null;
  const fieldOf = (part: Part) => problem?.of(`deletion_budget.${part}`);
  const summary = problem?.besides(PARTS.map(({ part }) => `deletion_budget.${part}`));
  const wrong = (part: Part) => (/^\d+$/.test(typed[part].trim()) ? undefined : "Enter a whole number, 0 or more.");
  const changed = PARTS.some(({ part }) => typed[part].trim() !== String(saved[part]));
  const valid = PARTS.every(({ part }) => wrong(part) === undefined);
  const save = () =>
    update.mutate({
      id: environment.id,
      deletion_budget: { objects: Number(typed.objects), percent: Number(typed.percent) },
    });
  return (
    <Card
      title="Deletion budget"
      description="A run that deletes more than the greater of the two asks for the number; runs that a trigger or self-heal starts stop there."
    >
      <Form onSubmit={() => changed && valid && save()} className="flex flex-col gap-3">
        {problem && summary && <ErrorState inline title="Not saved" reason={summary} details={problem.describe()} />}
        <div className="flex flex-wrap items-start gap-4">
          {PARTS.map(({ part, label }) => (
            <Field key={part} label={label} error={wrong(part) ?? fieldOf(part)} className="w-44">
              <Input
                inputMode="numeric"
                readOnly={!writable}
                value={typed[part]}
                onChange={(event) => setTyped({ ...typed, [part]: event.target.value })}
              />
            </Field>
          ))}
        </div>
        {writable && (
          <Button type="submit" className="self-start" busy={update.isPending} disabled={!changed || !valid}>
            Save
          </Button>
        )}
      </Form>
    </Card>
  );
}
