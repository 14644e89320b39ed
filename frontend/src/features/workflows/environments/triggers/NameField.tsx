import type { ApiProblem } from "@/api";
import { Field, Input } from "@/ui";

/** What a trigger is called in lists. */
export function NameField({
  value,
  onChange,
  problem,
  autoFocus = false,
}: {
  value: string;
  onChange: (value: string) => void;
  problem: ApiProblem | null;
  autoFocus?: boolean;
}) {
  return (
    <Field label="Name" error={problem?.of("name")}>
      <Input
        autoFocus={autoFocus}
        maxLength={60}
        placeholder="release pipeline"
        value={value}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
