import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { placeOf, secretHint, USAGES, variableRow, type SourceVariableRow } from "@/model/sourceVariables";
import { Button, Checkbox, IconButton, Input, PasswordInput, Select, Textarea } from "@/ui";

interface VariableRowsProps {
  readonly rows: readonly SourceVariableRow[];
  readonly onChange: (rows: readonly SourceVariableRow[]) => void;
  /** What is wrong with the one that is sent at this place. */
  readonly errorAt: (place: number) => string | undefined;
  readonly help?: string;
}

/** Variables of a source: name, where it is used, whether it is a secret, and its value, which of a secret is only written. */
export function VariableRows({ rows, onChange, errorAt, help }: VariableRowsProps) {
  const list = useRef<HTMLDivElement>(null);
  const change = (changed: SourceVariableRow) => onChange(rows.map((row) => (row.key === changed.key ? changed : row)));
  const add = () => {
    onChange([...rows, variableRow()]);
    requestAnimationFrame(() => list.current?.querySelector<HTMLInputElement>("[data-row]:last-child input")?.focus());
  };
  return (
    <fieldset className="flex min-w-0 shrink-0 flex-col gap-2">
      <legend className="mb-1.5 text-12 font-medium">Variables</legend>
      {help && <p className="text-12 text-muted">{help}</p>}
      {rows.length > 0 && (
        <div ref={list} className="flex flex-col gap-2.5">
          {rows.map((row) => (
            <Row
              key={row.key}
              row={row}
              error={errorAt(placeOf(rows, row))}
              onChange={change}
              onRemove={() => onChange(rows.filter((each) => each.key !== row.key))}
            />
          ))}
        </div>
      )}
      <Button size="sm" className="self-start" icon={<Plus size={14} aria-hidden />} onClick={add}>
        Add variable
      </Button>
    </fieldset>
  );
}

interface RowProps {
  readonly row: SourceVariableRow;
  readonly error: string | undefined;
  readonly onChange: (row: SourceVariableRow) => void;
  readonly onRemove: () => void;
}

function Row({ row, error, onChange, onRemove }: RowProps) {
  const called = row.name || "the variable";
  const value = {
    "aria-label": `Value of ${called}`,
    "aria-invalid": error ? (true as const) : undefined,
    className: "w-full sm:w-auto sm:flex-1",
    value: row.value,
    onChange: (event: { target: { value: string } }) => onChange({ ...row, value: event.target.value }),
  };
  return (
    <div data-row className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-1.5">
        <Input
          mono
          aria-label="Name of the variable"
          className="w-full sm:w-48"
          maxLength={255}
          value={row.name}
          onChange={(event) => onChange({ ...row, name: event.target.value })}
        />
        <Select
          label={`Use of ${called}`}
          className="w-24"
          value={row.usage}
          options={USAGES}
          onChange={(usage) => onChange({ ...row, usage, secret: row.secret || usage === "ssh" })}
        />
        {row.usage === "ssh" ? (
          <span className="flex-1" />
        ) : row.secret ? (
          <PasswordInput {...value} autoComplete="off" placeholder={secretHint(row)} />
        ) : (
          <Input mono {...value} />
        )}
        <Checkbox
          checked={row.secret}
          // A kept secret is shown to nobody, so it can only be replaced as one.
          disabled={(row.isKept && row.value === "") || row.usage === "ssh"}
          onChange={(secret) => onChange({ ...row, secret, isKept: secret && row.isKept })}
          label="Secret"
        />
        <IconButton label={`Remove ${called}`} size="sm" onClick={onRemove}>
          <X size={14} aria-hidden />
        </IconButton>
      </div>
      {row.usage === "ssh" && (
        <Textarea
          {...value}
          mono
          className="w-full"
          rows={3}
          autoComplete="off"
          placeholder={row.isKept ? "Kept; paste a key to replace it" : "-----BEGIN OPENSSH PRIVATE KEY-----"}
        />
      )}
      {row.wanted && <p className="text-12 break-all text-muted">Named in {row.wanted}</p>}
      {error && (
        <p role="alert" className="text-12 text-bad">
          {error}
        </p>
      )}
    </div>
  );
}
