import { Plus, X } from "lucide-react";
import { useRef } from "react";
import { cx, Button, IconButton, Input, Select } from "@/ui";
import { aRow, retyped, type RowErrors, type VariableRow, type VariableType } from "./variables";

const TYPES: readonly { value: VariableType; label: string }[] = [
  { value: "string", label: "Text" },
  { value: "integer", label: "Number" },
  { value: "boolean", label: "True/false" },
];
const TRUTH = [
  { value: "true", label: "true" },
  { value: "false", label: "false" },
] as const;

/** The variables of an environment, a row each: name, type and value. */
export function VariablesField({
  rows,
  onChange,
  errors,
  missing,
}: {
  rows: readonly VariableRow[];
  onChange: (rows: readonly VariableRow[]) => void;
  errors: RowErrors;
  /** Names that the workflow refers to and that no row has. */
  missing: readonly string[];
}) {
  const list = useRef<HTMLDivElement>(null);
  const change = (changed: VariableRow) => onChange(rows.map((row) => (row.key === changed.key ? changed : row)));
  const add = (name = "") => {
    onChange([...rows, aRow({ name })]);
    // The new row takes the focus: its value where the name is known.
    requestAnimationFrame(() => {
      const inputs = list.current?.querySelectorAll<HTMLInputElement>("[data-row]:last-child input");
      inputs?.[name ? 1 : 0]?.focus();
    });
  };
  return (
    <fieldset className="flex flex-col gap-2">
      <legend className="mb-1.5 text-12 font-medium">Variables</legend>
      <p className="text-12 text-muted">
        <code className="font-mono">{"${NAME}"}</code> in a field of the workflow becomes the value that this
        environment gives it.
      </p>
      <div ref={list} className="flex flex-col gap-2">
        {rows.map((row) => (
          <Row
            key={row.key}
            row={row}
            error={errors[row.key]}
            onChange={change}
            onRemove={() => onChange(rows.filter((each) => each.key !== row.key))}
          />
        ))}
      </div>
      {missing.length > 0 && (
        <p className="flex flex-wrap items-center gap-1.5 text-12 text-warn">
          Used in the workflow, without a value here:
          {missing.slice(0, 8).map((name) => (
            <button
              key={name}
              type="button"
              onClick={() => add(name)}
              aria-label={`Add ${name}`}
              className="inline-flex h-6 items-center gap-1 rounded border border-line-strong bg-surface px-1.5 font-mono text-12 text-text hover:bg-hover"
            >
              <Plus size={12} aria-hidden />
              {name}
            </button>
          ))}
          {missing.length > 8 && <span>and {missing.length - 8} more</span>}
        </p>
      )}
      <Button size="sm" className="self-start" icon={<Plus size={14} aria-hidden />} onClick={() => add()}>
        Add variable
      </Button>
    </fieldset>
  );
}

function Row({
  row,
  error,
  onChange,
  onRemove,
}: {
  row: VariableRow;
  error: RowErrors[number] | undefined;
  onChange: (row: VariableRow) => void;
  onRemove: () => void;
}) {
  const called = row.name || "the variable";
  const wrong = error?.name ?? error?.value;
  return (
    <div data-row className="flex flex-col gap-1">
      <div className="flex flex-wrap items-center gap-1.5 sm:flex-nowrap">
        <Input
          mono
          aria-label="Name of the variable"
          aria-invalid={error?.name ? true : undefined}
          className="w-full sm:w-44"
          placeholder="WEB_TAG"
          maxLength={63}
          value={row.name}
          onChange={(event) => onChange({ ...row, name: event.target.value })}
        />
        <Select
          label={`Type of ${called}`}
          className="w-28"
          value={row.type}
          options={TYPES}
          onChange={(type) => onChange(retyped(row, type))}
        />
        {row.type === "boolean" ? (
          <Select
            label={`Value of ${called}`}
            className="w-auto min-w-0 flex-1"
            value={row.text === "true" ? "true" : "false"}
            options={TRUTH}
            onChange={(text) => onChange({ ...row, text })}
          />
        ) : (
          <Input
            mono
            aria-label={`Value of ${called}`}
            aria-invalid={error?.value ? true : undefined}
            inputMode={row.type === "integer" ? "numeric" : undefined}
            className="w-auto flex-1"
            value={row.text}
            onChange={(event) => onChange({ ...row, text: event.target.value })}
          />
        )}
        <IconButton label={`Remove ${called}`} size="sm" onClick={onRemove}>
          <X size={14} aria-hidden />
        </IconButton>
      </div>
      {wrong && (
        <p role="alert" className={cx("text-12 text-bad")}>
          {wrong}
        </p>
      )}
    </div>
  );
}
