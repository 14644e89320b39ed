import { Field, Textarea } from "@/ui";

interface PemFieldProps {
  label: string;
  help: string;
  value: string;
  onChange: (pem: string) => void;
  error: string | undefined;
  aside?: string;
  required?: boolean;
  isKey?: boolean;
}

/** A certificate or a key, as its file has it. */
export function PemField({ value, onChange, isKey = false, ...frame }: PemFieldProps) {
  return (
    <Field {...frame}>
      <Textarea
        mono
        rows={3}
        value={value}
        placeholder={isKey ? "-----BEGIN PRIVATE KEY-----" : "-----BEGIN CERTIFICATE-----"}
        onChange={(event) => onChange(event.target.value)}
      />
    </Field>
  );
}
