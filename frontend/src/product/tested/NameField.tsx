import { Field, Input } from "@/ui";

interface NameFieldProps {
  value: string;
  onChange: (name: string) => void;
  /** What it is called where nothing is typed. */
  placeholder: string;
  error: string | undefined;
}

/** What a team calls a server of its own. */
export function NameField({ value, onChange, placeholder, error }: NameFieldProps) {
  return (
    <Field label="Name" required error={error}>
      <Input
        mono
        maxLength={63}
        value={value}
        placeholder={placeholder}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
