import { useRef, useState } from "react";
import type { SecretValues } from "@/api";
import type { SecretNode } from "@/contract";
import { isWrittenInLines, MOST_BYTES, readSecretFile } from "@/model/secretFiles";
import { randomSecret } from "@/model/randomSecret";
import { Field, PasswordInput, Textarea } from "@/ui";

interface SecretFieldsProps {
  readonly nodes: readonly SecretNode[];
  readonly values: SecretValues;
  readonly onChange: (values: SecretValues) => void;
  /** Whether none may stay empty. */
  readonly required?: boolean;
  readonly errorOf?: (nodeId: string, key: string) => string | undefined;
}

/** A field for each key of these Secrets. */
export function SecretFields({ nodes, values, onChange, required = false, errorOf }: SecretFieldsProps) {
  return nodes.map((node) => (
    <fieldset key={node.node_id} className="flex min-w-0 flex-col gap-3">
      <legend className="mb-2 max-w-full truncate font-mono text-13 font-medium">{node.name}</legend>
      {node.keys.map(({ key }, index) => (
        <SecretField
          key={key}
          name={key}
          required={required}
          focused={index === 0 && node === nodes[0]}
          value={values[node.node_id]?.[key] ?? ""}
          error={errorOf?.(node.node_id, key)}
          onChange={(value) => onChange({ ...values, [node.node_id]: { ...values[node.node_id], [key]: value } })}
        />
      ))}
    </fieldset>
  ));
}

interface SecretFieldProps {
  readonly name: string;
  readonly required: boolean;
  readonly focused: boolean;
  readonly value: string;
  readonly error: string | undefined;
  readonly onChange: (value: string) => void;
}

/** One value: a line to type, or lines that were pasted or come from a file. */
function SecretField({ name, required, focused, value, error, onChange }: SecretFieldProps) {
  const file = useRef<HTMLInputElement>(null);
  const [unread, setUnread] = useState<string | null>(null);
  const given = (text: string) => {
    setUnread(null);
    onChange(text);
  };
  const read = async (chosen: File | undefined) => {
    if (!chosen) return;
    const text = await readSecretFile(chosen);
    if (text === null) setUnread(`${chosen.name} is not a text, or is larger than ${MOST_BYTES / 1024 / 1024} MiB.`);
    else given(text);
  };
  const lines = isWrittenInLines(name, value);
  return (
    <Field
      label={<span className="font-mono break-all">{name}</span>}
      required={required}
      error={unread ?? error}
      aside={
        <span className="flex shrink-0 gap-3 whitespace-nowrap">
          <Choice label="From a file" of={name} onClick={() => file.current?.click()} />
          {!lines && <Choice label="Generate" of={name} onClick={() => given(randomSecret())} />}
          <input
            ref={file}
            type="file"
            hidden
            onChange={(event) => {
              void read(event.target.files?.[0]);
              event.target.value = "";
            }}
          />
        </span>
      }
    >
      {lines ? (
        <Textarea
          mono
          className="text-hidden"
          autoFocus={focused}
          autoComplete="off"
          value={value}
          onChange={(event) => given(event.target.value)}
        />
      ) : (
        <PasswordInput
          autoFocus={focused}
          autoComplete="new-password"
          value={value}
          onChange={(event) => given(event.target.value)}
          onPaste={(event) => {
            // A field of one line would join the lines of a certificate.
            const pasted = event.clipboardData.getData("text");
            if (!/[\r\n]/.test(pasted.trim())) return;
            event.preventDefault();
            given(pasted);
          }}
        />
      )}
    </Field>
  );
}

function Choice({ label, of, onClick }: { label: string; of: string; onClick: () => void }) {
  return (
    <button
      type="button"
      className="rounded text-muted underline-offset-2 hover:text-text hover:underline"
      onClick={onClick}
    >
      {label}
      <span className="sr-only">{label === "Generate" ? ` a value for ${of}` : `: ${of}`}</span>
    </button>
  );
}
